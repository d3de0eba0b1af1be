"""Errors whose text is meant for the person at the screen."""


class GuiseError(Exception):
    """Base of every error that Guise raises on purpose.

    The message is one clear sentence: what happened and what to do. The command line prints it and
    exits with code 2; the studio shows it and keeps the last good picture.
    """


class InputError(GuiseError):
    """A photo, pose file or folder that cannot be used as it is."""


class ModelError(GuiseError):
    """A model file that is missing, damaged, or not one of ours."""


class Unsupported(GuiseError):
    """A painter was asked for an appearance or shape that its card does not list."""
