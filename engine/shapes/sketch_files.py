"""Drawings from files: strokes of an SVG, or a picture of lines on any paper."""

from __future__ import annotations

import logging
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.photo import Photo
from engine.photo_files import open_alpha, open_photo, suffixes
from engine.shapes.sketch import Sketch
from engine.shapes.svg import open_svg

log = logging.getLogger("guise")

LARGEST = 2048
"""Longest side in pixels at which a picture of lines is read; painters see far fewer."""
_DARK = 96
"""Paper darker than this, of 255, was drawn on with light lines."""
_FAINT = 0.2
"""Marks fainter than this share of the darkest are paper grain, shadow or compression."""
_FEWEST = 6
"""So many pixels make the darkest mark; fewer are dirt."""
_BROAD = 0.035
"""Share of the longer side above which a mark is no line but an area."""
_FILLED = 0.03
"""Largest share of the canvas that areas may cover."""
_SHADE = 0.15
"""Share of the longer side within which paper shows somewhere between the lines."""
_SMALL = 256
"""Longest side at which the paper's own brightness is estimated."""


class NotADrawing(InputError):
    """A photo or painting where a drawing was asked for; a sketch can be started from it."""


def sketch_suffixes() -> frozenset[str]:
    """Ends of the names of files that may be sketches, in lower case: ".svg", ".png" and so on."""
    return suffixes() | {".svg"}


def open_sketch(path: Path | str) -> Sketch:
    """A drawing from an SVG or an image file; large pictures of lines are made smaller.

    What an SVG has besides lines is left out with a warning in the log.

    Raises:
        NotADrawing: it is a photo or a painting.
        InputError: what :func:`engine.photo_files.open_photo` or
            :func:`engine.shapes.svg.open_svg` refuses, or no lines.
    """
    path = Path(path)
    if path.suffix.lower() == ".svg":
        drawing = open_svg(path)
        if drawing.note:
            log.warning("%s: %s", path, drawing.note)
        return drawing.sketch
    try:
        return sketch_from(open_photo(path, longest=LARGEST), str(path))
    except NotADrawing:
        raise
    except InputError:
        lines = open_alpha(path, LARGEST)  # light lines on nothing vanish on white
        if lines is None:
            raise
        return sketch_from(Photo(np.repeat(255 - lines[..., None], 3, 2)), str(path))


def sketch_from(photo: Photo, name: str = "The picture") -> Sketch:
    """The lines of a drawn or scanned picture as a sketch of the same size.

    Raises:
        NotADrawing: there are filled areas as in a photo.
        InputError: there are no lines.
    """
    ink = _ink(photo.pixels)
    if not ink.any():
        raise InputError(f"{name} shows no lines; draw dark lines on light paper.")
    if _area(ink) > _FILLED:
        raise NotADrawing(
            f"{name} looks like a photo or a painting, not a drawing of lines; start a sketch from "
            "it (--from-photo), or turn it into lines with `guise prepare edges`."
        )
    return Sketch(photo.size, raster=ink)


def _area(ink: NDArray[np.uint8]) -> float:
    """Share of the canvas under marks too broad for a pen."""
    broad = max(round(_BROAD * max(ink.shape)), 3)
    marks = np.where(ink > 64, 255, 0).astype(np.uint8)
    return float(cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((broad, broad))).mean()) / 255


def _ink(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W), 255 = full ink; lines may have any colour."""
    gray = rgb.min(2)
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    if max(float(np.median(border)), float(np.median(gray))) < _DARK:
        gray = 255 - rgb.max(2)
    depth = _paper(gray) - gray.astype(np.float32)
    darkest = float(np.partition(depth, -_FEWEST, axis=None)[-_FEWEST])
    if darkest < 255 * _FAINT:
        return np.zeros(gray.shape, np.uint8)
    ink = (depth / darkest).clip(0, 1)
    return np.where(ink < _FAINT, 0, np.rint(ink * 255)).astype(np.uint8)


def _paper(gray: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W) brightness of the paper, which a lamp lights unevenly: the brightest thing around."""
    height, width = gray.shape
    scale = min(1.0, _SMALL / max(gray.shape))
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    small = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
    reach = max(round(_SHADE * max(size)), 3) | 1
    calm = cv2.medianBlur(small, 3)
    bright = cv2.dilate(calm, np.ones((reach, reach), np.uint8))
    smooth = cv2.blur(bright, (reach, reach))
    return np.asarray(cv2.resize(smooth, (width, height)), np.float32)
