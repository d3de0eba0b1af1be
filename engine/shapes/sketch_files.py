"""Drawings from image files: dark on light or light on dark, scanned or transparent."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.photo import Photo
from engine.photo_files import open_photo
from engine.shapes.sketch import Sketch

_DARK = 96
"""Paper darker than this, of 255, was drawn on with light lines."""
_FAINT = 0.2
"""Marks fainter than this share of the darkest are paper grain, shadow or compression."""
_BROAD = 0.035
"""Share of the longer side above which a mark is no line but an area."""
_FILLED = 0.03
"""Largest share of the canvas that areas may cover."""


def open_sketch(path: Path | str) -> Sketch:
    """A drawing from an image file.

    Raises:
        InputError: what :func:`engine.photo_files.open_photo` refuses, or no line drawing.
    """
    return sketch_from(open_photo(path), str(path))


def sketch_from(photo: Photo, name: str = "The picture") -> Sketch:
    """The lines of a drawn or scanned picture as a sketch of the same size.

    Raises:
        InputError: there are no lines, or filled areas as in a photo.
    """
    ink = _ink(photo.pixels)
    if not ink.any():
        raise InputError(f"{name} shows no lines; draw dark lines on light paper.")
    if _area(ink) > _FILLED:
        raise InputError(
            f"{name} shows filled areas, not lines; a photo can lend its look, but a sketch is "
            "drawn with lines."
        )
    return Sketch(photo.size, raster=ink)


def _area(ink: NDArray[np.uint8]) -> float:
    """Share of the canvas under marks too broad for a pen."""
    broad = max(round(_BROAD * max(ink.shape)), 3)
    marks = np.where(ink > 64, 255, 0).astype(np.uint8)
    return float(cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((broad, broad))).mean()) / 255


def _ink(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W), 255 = full ink; lines may have any colour."""
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    if float(np.median(border)) < _DARK:
        rgb = np.bitwise_not(rgb)
    gray = rgb.min(2).astype(np.float32)
    paper, darkest = float(np.median(gray)), float(np.percentile(gray, 0.2))
    if paper - darkest < 255 * _FAINT:
        return np.zeros(gray.shape, np.uint8)
    ink = ((paper - gray) / (paper - darkest)).clip(0, 1)
    return np.where(ink < _FAINT, 0, np.rint(ink * 255)).astype(np.uint8)
