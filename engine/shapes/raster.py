"""Sketches and pictures at the size, and with the pen, that a painter was trained on."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.painters.base import Frame
from engine.shapes.sketch import Sketch, Stroke

if TYPE_CHECKING:
    from torch import Tensor

_FINER = 4
"""Strokes are drawn this much larger and made smaller, for smooth thin lines."""
_PEN = (1.2, 2.6)
"""Pixels: the widths of lines that painters were trained on."""
_SHIFT = 4
"""Binary digits after the point in coordinates that OpenCV takes."""
_STEPS = 24
"""Steps of an item's frame along the canvas."""
_FILLED = 0.91
"""Share of the frame that an item's longer side takes on the pictures that painters learned from:
the median of shoes and bags."""
_SMALLEST = 0.4
"""Share of the canvas below which an item's frame does not go: a first line is not the item."""
_ALIKE = 0.1
"""Share of the canvas by which an item's frame may differ from it without being worth it."""
_FAINTEST = 24
"""Ink, of 255, below which a mark of the raster is dirt."""


def canvas_frame(size: tuple[int, int]) -> Frame:
    """The square around a canvas (width, height)."""
    side = max(size)
    return Frame((size[0] - side) / 2, (size[1] - side) / 2, side)


def item_frame(sketch: Sketch) -> Frame:
    """The square in which the drawn item is as large as on the pictures that painters learned from.

    It goes in steps, so that it seldom moves while a line grows, and is the square around the
    canvas where that hardly differs, or where there is too little to tell.
    """
    whole = canvas_frame(sketch.size)
    box = _inked(sketch)
    if box is None:
        return whole
    left, top, right, bottom = box
    step = whole.side / _STEPS
    side = np.ceil(max(right - left, bottom - top) / _FILLED / step) * step
    side = max(float(side), _SMALLEST * whole.side)
    x = float(np.round((left + right) / 2 / step) * step)
    y = float(np.round((top + bottom) / 2 / step) * step)
    off = max(abs(x - sketch.size[0] / 2), abs(y - sketch.size[1] / 2))
    if max(abs(side - whole.side), off) < _ALIKE * whole.side:
        return whole
    return Frame(x - side / 2, y - side / 2, side)


def _inked(sketch: Sketch) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of everything drawn, as far as it lies on the canvas."""
    found = [stroke.xy for stroke in sketch.strokes if not stroke.erase]
    if sketch.raster is not None:
        rows, columns = (np.flatnonzero((sketch.raster > _FAINTEST).any(axis)) for axis in (1, 0))
        if len(rows):
            found.append(np.array([[columns[0], rows[0]], [columns[-1] + 1, rows[-1] + 1]], float))
    if not found:
        return None
    points = np.concatenate(found).clip(0, sketch.size)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return float(left), float(top), float(right), float(bottom)


def drawn_ink(sketch: Sketch, frame: Frame, side: int) -> NDArray[np.uint8]:
    """(side, side), 255 = full ink: what of the sketch lies in the frame.

    Lines get a width that painters know; erasing strokes keep theirs.
    """
    fine = side * _FINER
    ink = np.zeros((fine, fine), np.uint8)
    if sketch.raster is not None:
        under = _under(sketch.raster, frame, side)
        ink = under.repeat(_FINER, axis=0).repeat(_FINER, axis=1)
    matrix = frame.matrix(fine)
    for stroke in sketch.strokes:
        _draw(ink, stroke.mapped(matrix))
    return np.asarray(cv2.resize(ink, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def _draw(ink: NDArray[np.uint8], stroke: Stroke) -> None:
    colour = 0 if stroke.erase else 255
    width = stroke.width if stroke.erase else stroke.width.clip(_FINER * _PEN[0], _FINER * _PEN[1])
    points = np.rint((stroke.xy - 0.5) * 2**_SHIFT).clip(-(2**24), 2**24).astype(np.int32)
    if len(points) == 1:
        points = points.repeat(2, 0)  # a line without length is a dot; a point alone is nothing
    if np.ptp(width) < 1:
        thick = max(round(float(width[0])), 1)
        cv2.polylines(ink, [points[:, None]], False, colour, thick, cv2.LINE_8, _SHIFT)
        return
    for (a, b), pressed in zip(pairwise(points.tolist()), width[1:], strict=True):
        cv2.line(ink, a, b, colour, max(round(float(pressed)), 1), cv2.LINE_8, _SHIFT)


def _under(raster: NDArray[np.uint8], frame: Frame, side: int) -> NDArray[np.uint8]:
    """(side, side): the raster in the frame; thin lines of a large one stay black."""
    scale = side / frame.side
    small = raster
    if scale < 1:  # a mean over areas first: a warp would step over thin lines
        size = [max(round(length * scale), 1) for length in raster.shape[::-1]]
        small = np.asarray(cv2.resize(raster, size, interpolation=cv2.INTER_AREA), np.uint8)
    there = frame.matrix(side) @ np.diag(
        [raster.shape[1] / small.shape[1], raster.shape[0] / small.shape[0], 1.0]
    )
    there[:, 2] += there[:, :2] @ (0.5, 0.5) - 0.5  # pixel corners to pixel centres
    framed = cv2.warpAffine(small, there, (side, side), flags=cv2.INTER_LINEAR)
    return _strengthened(np.asarray(framed, np.uint8))


def _strengthened(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink with its darker marks raised to full."""
    marks = ink[ink >= _FAINTEST]
    if not marks.size:
        return np.zeros_like(ink)
    full = float(np.percentile(marks, 60))
    return np.where(ink < _FAINTEST, 0, cv2.convertScaleAbs(ink, alpha=255 / full)).astype(np.uint8)


def letterboxed(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(side, side, ...) with the whole picture in its middle, white around it."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    framed = np.full((side, side, *picture.shape[2:]), 255, np.uint8)
    framed[top : top + size[1], left : left + size[0]] = cv2.resize(
        picture, size, interpolation=how
    )
    return framed


def ink_tensor(ink: NDArray[np.uint8]) -> Tensor:
    """(B, 1, S, S) of 0..1, 1 = full ink, from (B, S, S)."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(ink[:, None])).float() / 255
