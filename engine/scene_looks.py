"""How the look of a whole class is written among the looks of single objects."""

from __future__ import annotations


def class_key(label: int) -> int:
    """What stands for all of a class in the place of an object's id in a `PerObject`.

    Objects with a look of their own keep it.
    """
    return -1 - label
