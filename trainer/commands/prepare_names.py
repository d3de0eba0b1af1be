"""`guise prepare names`: a label set to start from, of the names in labelme's files."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from engine.errors import InputError
from engine.shapes.label_sets import write_label_set
from engine.shapes.labels import Label, LabelSet
from trainer.data.labelme_folders import names_in, recognised

_GOLDEN = 0.618034
"""Share of the circle of hues between two labels: neighbours in the list look different."""
_VOID = "unlabelled"


@dataclass(frozen=True)
class Names:
    """Write DATA/labels.json: an id and a colour for each name in labelme's files.

    Say there which names come in objects ("things": true), so that each has a look of its own.
    """

    data: Annotated[Path, tyro.conf.Positional]
    """Folder of labelme's files."""
    things: tuple[str, ...] = ()
    """Names that come in objects."""
    again: bool = False
    """Replace a labels.json that is there."""


def main(args: list[str]) -> int:
    """Parse, collect, write."""
    options = tyro.cli(Names, args=args, prog="guise prepare names")
    path = options.data / "labels.json"
    if not recognised(options.data):
        raise InputError(f"There are no labelme files in {options.data}, nor in train below it.")
    if path.exists() and not options.again:
        raise InputError(f"{path} is there already; --again replaces it.")
    names = names_in(options.data)
    strange = [name for name in options.things if name not in names]
    if strange:
        raise InputError(f"No shape is called {strange[0]!r}; there are {', '.join(names)}.")
    write_label_set(label_set(options.data.absolute().name, list(names), options.things), path)
    print(f"{path}: {len(names)} names ({', '.join(names)})")
    return 0


def label_set(title: str, names: list[str], things: tuple[str, ...]) -> LabelSet:
    """Names numbered from 1 on; 0 is where there is no shape."""
    wanted = [name for name in names if name != _VOID]
    labels = [Label(0, _VOID, (0, 0, 0))]
    labels += [Label(n, name, _colour(n), name in things) for n, name in enumerate(wanted, 1)]
    return LabelSet(title, tuple(labels), 0)


def _colour(number: int) -> tuple[int, int, int]:
    bright = 0.95 if number % 2 else 0.7
    red, green, blue = colorsys.hsv_to_rgb(number * _GOLDEN % 1, 0.65, bright)
    return round(red * 255), round(green * 255), round(blue * 255)
