"""`guise morph`: one person's look turning into another's."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro

from engine.appearance import Mix
from engine.errors import InputError
from engine.films import FORMATS, write_film
from engine.picture import Picture
from engine.registry import LOOKS_MODEL
from trainer.commands.cells import Pixels, checked, painted_in, place_from, shown
from trainer.commands.common import session_with
from trainer.commands.looks import look_of
from trainer.metrics.sheets import save_sheet

_FPS = 11


@dataclass(frozen=True)
class Morph:
    """Paint the way from one look to another in one pose, as a strip or as a film."""

    a: Annotated[Path, tyro.conf.Positional]
    """Photo of the person whose look comes first."""
    b: Annotated[Path, tyro.conf.Positional]
    """Photo of the person whose look comes last."""
    out: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """PNG file to write, or GIF or MP4."""
    steps: int = 8
    """Pictures, both ends counted."""
    pose: Path | None = None
    """Pose file or photo of a person; without it, the pose of the first photo."""
    cell: int = 256
    """Side of a picture in pixels."""
    model: str = LOOKS_MODEL
    """Id of a model as in `guise models list`, or a model file."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""


def main(args: list[str]) -> None:
    """Parse, paint, write."""
    options = tyro.cli(Morph, args=args, prog="guise morph")
    if not 2 <= options.steps <= 240:
        raise InputError("--steps must lie between 2 and 240.")
    checked(options.out, options.cell)
    session, model = session_with(options.model, options.device)
    start = time.perf_counter()
    a, b = (look_of(session, photo) for photo in (options.a, options.b))
    place, _ = place_from(session, options.pose or options.a, options.cell)
    shares = np.linspace(0, 1, options.steps).tolist()
    pictures = [painted_in(session, model, Mix(a, b, share), place) for share in shown(shares)]
    _save(options.out, pictures)
    seconds = time.perf_counter() - start
    print(f"{options.out}: {len(pictures)} pictures in {seconds:.1f} s on {session.status}")


def _save(path: Path, pictures: list[Pixels]) -> None:
    if path.suffix.lower() not in FORMATS:
        save_sheet(path, np.hstack(pictures))
        return
    there_and_back = (*pictures, *pictures[-2:0:-1])
    write_film((Picture(pixels) for pixels in there_and_back), path, _FPS)
