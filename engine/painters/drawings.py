"""What painters of sketches share: an item cut from its photo, and a canvas out of its square."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.painters.base import Frame
from engine.painters.grid import without_grid
from engine.photo import Mask, Photo
from engine.shapes.raster import canvas_frame


def on_white(photo: Photo, mask: Mask | None) -> NDArray[np.uint8]:
    """(h, w, 3): the marked part of a photo, cut to its box, on white; all of it without a mask.

    Raises:
        InputError: nothing is marked.
    """
    if mask is None:
        return photo.pixels
    rows, columns = (np.flatnonzero((mask.pixels > 127).any(axis)) for axis in (1, 0))
    if not len(rows):
        raise InputError("Nothing is marked in the photo; mark the item whose look you want.")
    share = mask.pixels[..., None] / np.float32(255)
    flat = photo.pixels * share + 255 * (1 - share)
    box = flat[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.rint(box).astype(np.uint8)


def cropped(pixels: NDArray[np.uint8], canvas: tuple[int, int], side: int) -> NDArray[np.uint8]:
    """The canvas (width, height) out of its square frame, `side` pixels along its longer side."""
    if side != len(pixels):
        how = cv2.INTER_AREA if side < len(pixels) else cv2.INTER_CUBIC
        pixels = np.asarray(cv2.resize(pixels, (side, side), interpolation=how), np.uint8)
    width, height = (max(round(length * side / max(canvas)), 1) for length in canvas)
    left, top = (side - width) // 2, (side - height) // 2
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


_ENLARGED = 1.25
"""From so much on the grid is seen that layers with a stride leave in pictures."""


def on_paper(
    pixels: NDArray[np.uint8], frame: Frame, canvas: tuple[int, int], side: int
) -> NDArray[np.uint8]:
    """The canvas (width, height), `side` pixels along its longer side, with what was painted of a
    square of it; the rest is white."""
    scale = side / max(canvas)
    if frame.side * scale > _ENLARGED * len(pixels):
        pixels = without_grid(pixels)
    if frame == canvas_frame(canvas):
        return cropped(pixels, canvas, side)
    width, height = (max(round(length * scale), 1) for length in canvas)
    if len(pixels) > frame.side * scale:  # a warp would step over pixels
        small = max(round(frame.side * scale), 1)
        how = cv2.INTER_AREA
        pixels = np.asarray(cv2.resize(pixels, (small, small), interpolation=how), np.uint8)
    matrix = frame.matrix(len(pixels)) @ np.diag([1 / scale, 1 / scale, 1.0])
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5  # pixel corners to pixel centres
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    white = (255, 255, 255)
    placed = cv2.warpAffine(pixels, matrix, (width, height), flags=how, borderValue=white)
    return np.asarray(placed, np.uint8)
