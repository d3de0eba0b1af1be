"""`guise grid`: every look in every pose (figure 7 of the VUNet paper)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from engine.appearance import Appearance, FromPhoto
from engine.errors import InputError
from engine.registry import LOOKS_MODEL
from engine.session import Session
from trainer.commands.cells import BACKDROP, checked, painted_in, photo_cell, place_from, shown
from trainer.commands.common import session_with
from trainer.commands.looks import dice, look_of
from trainer.metrics.sheets import Cell, contact_sheet, save_sheet

_MOST = 100
_CORNER = Cell("", np.full((1, 1, 3), BACKDROP, np.uint8))


@dataclass(frozen=True)
class Grid:
    """Paint every look in every pose, as one PNG: rows are looks, columns are poses."""

    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """PNG file to write."""
    poses: tuple[Path, ...]
    """Photos of people, or pose files (OpenPose or COCO JSON)."""
    looks: tuple[Path, ...] = ()
    """Photos of people whose looks are taken."""
    samples: int = 0
    """Further rows with invented looks."""
    seed: int = 0
    """First dice throw of the invented looks."""
    cell: int = 192
    """Side of a picture in pixels."""
    model: str = LOOKS_MODEL
    """Id of a model as in `guise models list`, or a model file."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


def main(args: list[str]) -> None:
    """Parse, paint, write."""
    options = tyro.cli(Grid, args=args, prog="guise grid")
    if not options.poses or not (options.looks or options.samples > 0):
        raise InputError("A grid needs --poses, and --looks or --samples.")
    if not 0 <= options.samples <= _MOST:
        raise InputError(f"--samples must lie between 0 and {_MOST}.")
    checked(options.out, options.cell)
    session, model = session_with(options.model, options.device)
    start = time.perf_counter()
    columns = [place_from(session, path, options.cell) for path in options.poses]
    tops = [Cell(path.stem, top) for path, (_, top) in zip(options.poses, columns, strict=True)]
    sheet = [[_CORNER, *tops]]
    for label, look in shown(_looks(session, options, columns[0][0])):
        cells = [Cell("", painted_in(session, model, look, place)) for place, _ in columns]
        sheet.append([_first(label, look, options.cell), *cells])
    save_sheet(options.out, contact_sheet(sheet, options.cell))
    count = (len(sheet) - 1) * len(columns)
    seconds = time.perf_counter() - start
    print(f"{options.out}: {count} pictures in {seconds:.1f} s on {session.status}")


def _first(label: str, look: Appearance, side: int) -> Cell:
    """What shows a look: the photo, or only its name if it was invented."""
    return Cell(label, photo_cell(look, side) if isinstance(look, FromPhoto) else _CORNER.pixels)


def _looks(session: Session, options: Grid, first: FromPhoto) -> list[tuple[str, Appearance]]:
    found: list[tuple[str, Appearance]] = [
        (path.stem, look_of(session, path)) for path in options.looks
    ]
    seeds = range(options.seed, options.seed + options.samples)
    return found + [(f"dice {seed}", dice(seed, first.pose)) for seed in seeds]
