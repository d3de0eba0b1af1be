"""Strokes as coverage of pixels: where a line lies on a plane of bytes, and how it is drawn there.

Lines are drawn larger and averaged, which gives them smooth edges; what is drawn in one piece and
what is drawn bit by bit look alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.boxes import Box
from engine.shapes.sketch import Stroke

Bytes = NDArray[np.uint8]
Points = NDArray[np.float64]

_FINER = 4
"""Lines are drawn this much larger and averaged."""
_SHIFT = 4
"""Binary digits after the point in coordinates that OpenCV takes."""
_FAR = 2**24
_WIDEST = 32_767
_CUT = 256
"""Longest piece of a line, in pixels of the plane, that is covered by one box."""
NOTHING: Box = (0, 0, 0, 0)


# Where


def around(xy: Points, width: float) -> Box:
    """Whole pixels that a line through points (N, 2) touches, with one to spare."""
    low = np.floor(xy.min(0) - width / 2 - 1).clip(-_FAR, _FAR)
    high = np.ceil(xy.max(0) + width / 2 + 1).clip(-_FAR, _FAR)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


@lru_cache(maxsize=8192)
def box_of(stroke: Stroke, scale: float) -> Box:
    """The box of a stroke on a plane with `scale` pixels for one of the canvas."""
    return around(stroke.xy * scale, float(stroke.width.max()) * scale)


def boxes_along(stroke: Stroke, scale: float) -> Iterable[Box]:
    """Boxes that cover a stroke piece by piece: a long line leaves most of its own box alone."""
    xy, width = stroke.xy * scale, float(stroke.width.max()) * scale
    way = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T).cumsum()])
    at = np.linspace(0, way[-1], int(way[-1] / _CUT) + 2)
    ends = np.stack([np.interp(at, way, xy[:, axis]) for axis in (0, 1)], 1)
    corners = np.searchsorted(way, at)
    for n in range(len(at) - 1):
        inner = xy[corners[n] : corners[n + 1]]
        yield around(np.vstack([ends[n : n + 2], inner]), width)


def is_empty(box: Box) -> bool:
    """Whether no pixel lies in a box."""
    return box[0] >= box[2] or box[1] >= box[3]


def union(a: Box, b: Box) -> Box:
    """The smallest box that holds two others."""
    if is_empty(a) or is_empty(b):
        return b if is_empty(a) else a
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


# How


def pieces(xy: Points, width: Points, scale: float) -> tuple[Points, Points]:
    """A line as (N, 2, 2) ends of its pieces and (N,) widths, each as wide as at its end.

    Args:
        xy: (N, 2) in pixels of the canvas; a single point is a dot.
        width: (N,) in pixels of the canvas.
        scale: the result is in pixels of a plane that has so many for one of the canvas.
    """
    if len(xy) == 1:
        xy = xy.repeat(2, 0)  # a line without length is a dot; a point alone is nothing
    ends = np.stack([xy[:-1], xy[1:]], 1) * scale
    return ends, width[-len(ends) :] * scale


@lru_cache(maxsize=8192)
def pieces_of(stroke: Stroke, scale: float) -> tuple[Points, Points]:
    """The pieces of a stroke, as from :func:`pieces`."""
    return pieces(stroke.xy, stroke.width, scale)


def finer(box: Box, under: Bytes | None = None) -> Bytes:
    """A box of the plane, larger: empty, or with what lies there already."""
    if under is not None:
        return under.repeat(_FINER, axis=0).repeat(_FINER, axis=1)
    return np.zeros(((box[3] - box[1]) * _FINER, (box[2] - box[0]) * _FINER), np.uint8)


def draw_pieces(fine: Bytes, ends: Points, width: Points, box: Box, ink: int) -> None:
    """Draw those round-ended pieces that lie in a box of the plane into its larger picture.

    Args:
        fine: from :func:`finer`, changed in place.
        ends: (N, 2, 2) in pixels of the plane.
        width: (N,) likewise.
        ink: 255, or 0 to erase.
    """
    room = width[:, None] / 2 + 1
    low, high = np.minimum(ends[:, 0], ends[:, 1]), np.maximum(ends[:, 0], ends[:, 1])
    there = ((high + room > box[:2]) & (low - room < box[2:])).all(1)
    places = (ends[there] - box[:2]) * _FINER - 0.5
    points = np.rint(places * 2**_SHIFT).clip(-_FAR, _FAR).astype(np.int32)
    thick = np.rint(width[there] * _FINER).clip(1, _WIDEST).astype(int)
    for each in np.unique(thick).tolist():
        cv2.polylines(fine, list(points[thick == each]), False, ink, each, cv2.LINE_8, _SHIFT)


def averaged(fine: Bytes) -> Bytes:
    """(h, w) 0..255: the larger picture at the size of the plane."""
    size = (fine.shape[1] // _FINER, fine.shape[0] // _FINER)
    return np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8)


def lay(place: Bytes, ends: Points, width: Points, box: Box, erase: bool) -> None:
    """Draw pieces over what a box of the plane shows, changed in place."""
    fine = finer(box)
    draw_pieces(fine, ends, width, box, 255)
    cover = averaged(fine)
    if erase:
        np.minimum(place, 255 - cover, out=place)
    else:
        np.maximum(place, cover, out=place)
