"""Label sets of folders that say how many labels they have, but not which."""

from __future__ import annotations

import colorsys
from pathlib import Path

from engine.shapes.label_sets import read_label_set
from engine.shapes.labels import Colour, Label, LabelSet

_GOLDEN = 0.618034
"""Turn of the colour wheel after which colours stay apart for longest."""


def label_set_of(folder: Path, count: int) -> LabelSet:
    """A set of `count` labels: those of the folder's labels.json, and numbered ones for the rest.

    Raises:
        InputError: a labels.json that cannot be used.
    """
    path = folder / "labels.json"
    known = {label.id: label for label in read_label_set(path).labels} if path.is_file() else {}
    labels = [known.get(n) or Label(n, f"Label {n}", _colour(n)) for n in range(count)]
    return LabelSet(folder.name, tuple(labels))


def _colour(number: int) -> Colour:
    """A colour of its own for a number; black for 0."""
    if number == 0:
        return 0, 0, 0
    red, green, blue = colorsys.hsv_to_rgb(number * _GOLDEN % 1, 0.75, 0.9 - 0.3 * (number % 2))
    return round(red * 255), round(green * 255), round(blue * 255)
