"""Sheets of variations of a sketch or a label map, and the way from look to look as a film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, sqrt
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.appearance import Appearance, Mix
from engine.errors import InputError
from engine.exports import Exporting, LongJob, Steps
from engine.painters.base import Frame, Stop
from engine.picture import Picture
from engine.request import Message, Progress, Quality, Request, Saved
from engine.shapes.labels import LabelMap
from engine.shapes.raster import drawn_ink
from engine.shapes.shape import Shape
from engine.shapes.sketch import Sketch

MOST = 100
"""Pictures on a sheet."""
_GAP = 0.06
"""Space between pictures, as a share of a picture's longer side."""
_PAPER = 255


def ink_picture(sketch: Sketch, longest: int, paper: bool = True) -> Picture:
    """The sketch itself with this longest side in pixels: black lines on white, RGB, or without
    paper black lines on nothing, RGBA."""
    scale = longest / max(sketch.size)
    width, height = (max(round(side * scale), 1) for side in sketch.size)
    ink = drawn_ink(sketch, Frame(0, 0, max(sketch.size)), longest)[:height, :width]
    if not paper:
        return Picture(np.dstack([np.zeros((*ink.shape, 3), np.uint8), ink]))
    return Picture(np.repeat(255 - ink[..., None], 3, 2))


def _drawn(shape: Shape, side: int, paper: bool) -> Picture | None:
    """What a shape itself looks like; None if it does not stand on a sheet."""
    match shape:
        case Sketch():
            return ink_picture(shape, side, paper)
        case LabelMap():
            width, height = (max(round(n * side / max(shape.size)), 1) for n in shape.size)
            small = cv2.resize(shape.labels, (width, height), interpolation=cv2.INTER_NEAREST)
            return Picture(shape.label_set.colours[np.asarray(small, np.uint16)])
        case _:
            return None


def sheet_of(pictures: Sequence[Picture], side: int, columns: int | None = None) -> Picture:
    """Pictures in rows on white, or on nothing if they are cut out.

    Args:
        side: longer side of a picture on the sheet in pixels.
        columns: None = about as many as rows.

    Raises:
        InputError: there are no pictures, or too many.
    """
    if not 1 <= len(pictures) <= MOST:
        raise InputError(f"A sheet shows 1 to {MOST} pictures.")
    across = min(columns or ceil(sqrt(len(pictures))), len(pictures))
    gap = max(round(_GAP * side), 2)
    alpha = any(picture.has_alpha for picture in pictures)
    cells = [_fitted(picture, side, alpha) for picture in pictures]
    tall, wide = (max(cell.shape[axis] for cell in cells) + gap for axis in (0, 1))
    rows = ceil(len(cells) / across)
    shape = (rows * tall + gap, across * wide + gap, 4 if alpha else 3)
    sheet = np.full(shape, _PAPER, np.uint8)
    if alpha:
        sheet[..., 3] = 0
    for number, cell in enumerate(cells):
        top, left = gap + number // across * tall, gap + number % across * wide
        sheet[top : top + cell.shape[0], left : left + cell.shape[1]] = cell
    return Picture(sheet)


def _fitted(picture: Picture, side: int, alpha: bool) -> NDArray[np.uint8]:
    pixels = picture.pixels
    if alpha and not picture.has_alpha:
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    scale = side / max(picture.size)
    if scale == 1:
        return pixels
    size = max(round(picture.size[0] * scale), 1), max(round(picture.size[1] * scale), 1)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)


def way(looks: Sequence[Appearance], steps: int, back: bool = True) -> list[Appearance]:
    """The looks and, between neighbours, `steps` - 1 looks on the way from one to the next.

    Args:
        back: whether it goes on from the last look to the first, as a film that loops.

    Raises:
        InputError: fewer than two looks, or no steps.
    """
    if len(looks) < 2 or steps < 1:
        raise InputError("A morph needs at least two looks and one step between them.")
    stops = [*looks, looks[0]] if back else list(looks)
    shares = np.linspace(0, 1, steps + 1)[1:-1].tolist()
    found: list[Appearance] = []
    for a, b in pairwise(stops):
        found += [a, *(Mix(a, b, share) for share in shares)]
    return found if back else [*found, stops[-1]]


@dataclass(frozen=True)
class SheetJob(LongJob):
    """Paint one shape with several looks and write a PNG; answered by Progress and then Saved.

    Attributes:
        requests: one a picture, in the order of the sheet; all have one sketch or label map.
        path: PNG file to write.
        side: longer side of a picture on the sheet in pixels.
        drawn: whether that stands first.
        columns: None = about as many as rows.
    """

    requests: Sequence[Request]
    path: Path
    side: int = 256
    drawn: bool = True
    columns: int | None = None

    def begin(self, session: Exporting) -> Steps:
        if not 1 <= len(self.requests) < MOST:
            raise InputError(f"A sheet shows 1 to {MOST - 1} pictures.")
        return _Sheet(self, session)


class _Sheet:
    def __init__(self, job: SheetJob, session: Exporting) -> None:
        self._job, self._session = job, session
        self._made: list[Picture] = []
        self._degraded = ""

    def step(self, stop: Stop) -> Message:
        job, count = self._job, len(self._job.requests)
        if len(self._made) == count:
            self._save()
            return Saved(job, job.path, self._degraded)
        request = replace(job.requests[len(self._made)], quality=Quality.full, longest=job.side)
        painted = self._session.paint(request, stop)
        self._degraded = self._degraded or painted.degraded
        self._made.append(painted.picture)
        return Progress(job, len(self._made) / count, f"{len(self._made)} / {count}")

    def _save(self) -> None:
        from engine.photo_files import save_png

        job, pictures = self._job, self._made
        drawn = _drawn(job.requests[0].shape, job.side, not pictures[0].has_alpha)
        if job.drawn and drawn is not None:
            pictures = [drawn, *pictures]
        sheet = sheet_of(pictures, job.side, job.columns)
        save_png(sheet, job.path, degraded=self._degraded)

    def close(self) -> None:
        """Nothing lies on the disk before the end."""
