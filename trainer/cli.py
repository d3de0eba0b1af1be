"""The command line: finds the command, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from engine.errors import GuiseError

COMMANDS: dict[str, tuple[str, str]] = {
    "repose": ("trainer.commands.repose", "paint a photo's person in another pose or look"),
    "grid": ("trainer.commands.grid", "paint every look in every pose"),
    "morph": ("trainer.commands.morph", "turn one look into another, step by step"),
    "animate": ("trainer.commands.animate", "a photo's person moving from pose to pose, as a film"),
    "sketch": ("trainer.commands.sketch", "paint a drawing as a shoe, a bag and so on"),
    "scene": ("trainer.commands.scene", "paint a label map as a street or a facade"),
    "detect": ("trainer.commands.detect", "find the person of a photo: joints and mask"),
    "models": ("trainer.commands.models", "list the models at hand, import others"),
    "check": ("trainer.commands.check", "check a folder of training data"),
    "annotations": ("trainer.commands.annotations", "list and correct joints, masks and labels"),
    "prepare": ("trainer.commands.prepare", "make training data of your own photos"),
    "train": ("trainer.commands.train", "train a model on your own photos"),
    "export": ("trainer.commands.export", "take a model out of a run, or turn it into ONNX"),
    "evaluate": ("trainer.commands.evaluate", "measure a model on held-out photos"),
}
"""Name -> module with `main(args)`, which may return an exit code, and what it does; imported when
called."""


def main(argv: Sequence[str]) -> int:
    """Run one command.

    Args:
        argv: the command and its options, without the program's name.

    Returns:
        0, or 1 if some of many files failed, or 2 after an error that was explained, or 130 after
        Ctrl-C.
    """
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    if argv[0] == "--version":
        from engine.photo_files import version

        print(f"guise {version()}")
        return 0
    if argv[0] not in COMMANDS:
        return _explained(f"There is no command {argv[0]!r}; use one of {', '.join(COMMANDS)}.")
    try:
        return importlib.import_module(COMMANDS[argv[0]][0]).main(list(argv[1:])) or 0
    except GuiseError as error:
        return _explained(str(error))
    except MemoryError:
        return _explained("Memory ran out; close other programs or use --longest.")
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone, e.g. `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def usage() -> str:
    """The text of `guise --help`."""
    rows = "\n".join(f"  guise {name:<11} {about}" for name, (_, about) in COMMANDS.items())
    return (
        "Guise: keep the look, change the shape.\n\n"
        "  guise           open the studio\n"
        "  guise PHOTO     open the studio with a photo\n"
        f"{rows}\n\n"
        "`guise COMMAND --help` tells more."
    )


def _explained(sentence: str) -> int:
    print(f"guise: {' '.join(sentence.split())}", file=sys.stderr)
    return 2
