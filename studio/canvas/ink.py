"""The ink of a sketch as one plane of bytes that is drawn on, never drawn anew for a stroke."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from engine.boxes import Box, rows
from engine.shapes.sketch import Sketch, Stroke

Bytes = NDArray[np.uint8]
Points = NDArray[np.float64]

_FINER = 4
"""Lines are drawn this much larger and averaged: the mean is their smooth edge."""
_SHIFT = 4
"""Binary digits after the point in coordinates that OpenCV takes."""
_FAR = 2**24
_TILE = 256
"""Side of the pieces in which large areas are drawn, in pixels of the plane."""
_HALVES = 4
"""How often the plane is halved, for small views; its sides are multiples of two to the power."""
_SHARP, _LARGEST, _FINEST = 2048, 4096, 4
"""Longest side of the plane that small canvases get, and large ones; finest scale."""
NOTHING: Box = (0, 0, 0, 0)


def plane_scale(size: tuple[int, int]) -> float:
    """Pixels of the plane for one of a canvas: small canvases are sharp on any screen."""
    longest = max(size)
    if longest <= _SHARP:
        return float(min(_SHARP // longest, _FINEST))
    return min(1.0, _LARGEST / longest)


class Ink:
    """What was drawn, 0..255 a pixel; a stroke under the hand touches its own pixels only.

    Args:
        size: (width, height) of the canvas.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.scale = plane_scale(size)
        self.sketch = Sketch(size)
        self._loose = NOTHING
        unit = 2**_HALVES
        width, height = (-(-round(side * self.scale) // unit) * unit for side in size)
        self._levels = [np.zeros((height >> n, width >> n), np.uint8) for n in range(_HALVES + 1)]
        self._images = [_image(level) for level in self._levels]
        self._raster: Bytes | None = None
        self._under: Bytes | None = None

    @property
    def plane(self) -> Bytes:
        """(H, W) 255 = full ink, `scale` pixels for one of the canvas; the sides are rounded up."""
        return self._levels[0]

    # Drawing

    def line(self, xy: Points, width: Points, erase: bool = False) -> QRectF:
        """Go on with a stroke under the hand; `keep` or `show` ends it.

        Args:
            xy: (N, 2) in pixels of the canvas, beginning with the last point drawn before.
            width: (N,) in pixels of the canvas.

        Returns:
            What has changed, in pixels of the canvas.
        """
        box = self._clipped(_around(xy * self.scale, width.max() * self.scale))
        if _is_empty(box):
            return QRectF()
        fine = _finer(box)
        _draw_pieces(fine, *_pieces(xy, width, self.scale), box, 255)
        _lay(self.plane[rows(box)], _averaged(fine), erase)
        self._halve(box)
        self._loose = _union(self._loose, box)
        return self._on_canvas(box)

    def keep(self, sketch: Sketch) -> None:
        """The plane shows this sketch now: the lines drawn since belong to it."""
        self.sketch, self._loose = sketch, NOTHING

    def show(self, sketch: Sketch) -> QRectF:
        """Show another sketch, or the same one without lines that were not kept.

        Returns:
            What has changed, in pixels of the canvas.
        """
        tiles = set(self._tiles(self._loose))
        if sketch is not self.sketch:
            for stroke in _different(self.sketch.strokes, sketch.strokes):
                for box in _boxes_along(stroke, self.scale):
                    tiles.update(self._tiles(box))
        self.keep(sketch)
        if self._take_raster(sketch.raster):
            tiles.update(self._tiles(self._whole))
        return self._draw(tiles)

    def _take_raster(self, raster: Bytes | None) -> bool:
        """Whether another picture lies under the strokes."""
        if raster is self._raster:
            return False
        self._raster = raster
        if raster is None:
            self._under = None
            return True
        side = [round(length * self.scale) for length in raster.shape[::-1]]
        how = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_LINEAR
        small = np.asarray(cv2.resize(raster, side, interpolation=how), np.uint8)
        self._under = np.zeros_like(self.plane)
        self._under[: small.shape[0], : small.shape[1]] = small
        return True

    @property
    def _whole(self) -> Box:
        return (0, 0, *self.plane.shape[::-1])

    def _tiles(self, box: Box) -> Iterable[Box]:
        """The pieces of the plane that a box touches."""
        _, _, width, height = self._whole
        left, top, right, bottom = self._clipped(box)
        for y in range(top // _TILE * _TILE, bottom, _TILE):
            for x in range(left // _TILE * _TILE, right, _TILE):
                yield x, y, min(x + _TILE, width), min(y + _TILE, height)

    def _draw(self, tiles: Iterable[Box]) -> QRectF:
        """Draw pieces of the plane anew; where they are on the canvas."""
        strokes = self.sketch.strokes
        boxes = np.array([_box_of(stroke, self.scale) for stroke in strokes]).reshape(-1, 4)
        drawn = NOTHING
        for tile in tiles:
            meet = (boxes[:, :2] < tile[2:]).all(1) & (boxes[:, 2:] > tile[:2]).all(1)
            self._draw_tile(tile, [strokes[n] for n in np.flatnonzero(meet).tolist()])
            self._halve(tile)
            drawn = _union(drawn, tile)
        return self._on_canvas(drawn)

    def _draw_tile(self, tile: Box, strokes: Sequence[Stroke]) -> None:
        fine = _finer(tile, None if self._under is None else self._under[rows(tile)])
        for erase, group in groupby(strokes, key=lambda stroke: stroke.erase):
            pieces = [_pieces_of(stroke, self.scale) for stroke in group]
            ends, thick = (np.concatenate(each) for each in zip(*pieces, strict=True))
            _draw_pieces(fine, ends, thick, tile, 0 if erase else 255)
        self.plane[rows(tile)] = _averaged(fine)

    def _halve(self, box: Box) -> None:
        """Bring the smaller levels up to date in a box of the plane."""
        left, top, right, bottom = box
        for larger, smaller in pairwise(self._levels):
            left, top, right, bottom = left // 2, top // 2, -(-right // 2), -(-bottom // 2)
            part = larger[2 * top : 2 * bottom, 2 * left : 2 * right]
            size = (right - left, bottom - top)
            smaller[top:bottom, left:right] = cv2.resize(part, size, interpolation=cv2.INTER_AREA)

    def _clipped(self, box: Box) -> Box:
        _, _, width, height = self._whole
        left, top = (min(max(v, 0), w) for v, w in zip(box[:2], (width, height), strict=True))
        right, bottom = (min(max(v, 0), w) for v, w in zip(box[2:], (width, height), strict=True))
        return left, top, right, bottom

    def _on_canvas(self, box: Box) -> QRectF:
        if _is_empty(box):
            return QRectF()
        left, top, right, bottom = (v / self.scale for v in box)
        return QRectF(left, top, right - left, bottom - top)

    # Looks

    def draw(self, painter: QPainter, place: QRectF) -> None:
        """The canvas in `place` (the painter's units), black where there is ink."""
        width, height = (side * self.scale for side in self.sketch.size)
        seen = place.width() * painter.device().devicePixelRatioF()
        level = 0
        while level < _HALVES and width / 2 ** (level + 1) >= seen:
            level += 1
        image = self._images[level]
        source = QRectF(0, 0, width / 2**level, height / 2**level)
        painter.drawImage(place, image, source)


def _image(level: Bytes) -> QImage:
    """An image that shows the bytes themselves, whatever is written there later."""
    height, width = level.shape
    return QImage(level.data, width, height, width, QImage.Format.Format_Alpha8)


def _pieces(xy: Points, width: Points, scale: float) -> tuple[Points, Points]:
    """(N, 2, 2) both ends of each piece of a line, and (N,) how wide it is, as wide as at its end;
    in pixels of the plane."""
    if len(xy) == 1:
        xy = xy.repeat(2, 0)  # a line without length is a dot; a point alone is nothing
    ends = np.stack([xy[:-1], xy[1:]], 1) * scale
    return ends, width[-len(ends) :] * scale


@lru_cache(maxsize=8192)
def _pieces_of(stroke: Stroke, scale: float) -> tuple[Points, Points]:
    return _pieces(stroke.xy, stroke.width, scale)


def _finer(box: Box, under: Bytes | None = None) -> Bytes:
    """A box of the plane, larger: empty, or with what lies under the strokes."""
    if under is not None:
        return under.repeat(_FINER, axis=0).repeat(_FINER, axis=1)
    return np.zeros(((box[3] - box[1]) * _FINER, (box[2] - box[0]) * _FINER), np.uint8)


def _draw_pieces(fine: Bytes, ends: Points, width: Points, box: Box, ink: int) -> None:
    """Draw those round-ended pieces that lie in a box of the plane into its larger picture."""
    room = width[:, None] / 2 + 1
    low, high = np.minimum(ends[:, 0], ends[:, 1]), np.maximum(ends[:, 0], ends[:, 1])
    there = ((high + room > box[:2]) & (low - room < box[2:])).all(1)
    places = (ends[there] - box[:2]) * _FINER - 0.5
    points = np.rint(places * 2**_SHIFT).clip(-_FAR, _FAR).astype(np.int32)
    thick = np.rint(width[there] * _FINER).clip(1, 32_767).astype(int)
    for each in np.unique(thick).tolist():
        cv2.polylines(fine, list(points[thick == each]), False, ink, each, cv2.LINE_8, _SHIFT)


def _averaged(fine: Bytes) -> Bytes:
    """How much of each pixel of the plane is covered."""
    size = (fine.shape[1] // _FINER, fine.shape[0] // _FINER)
    return np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8)


def _lay(place: Bytes, cover: Bytes, erase: bool) -> None:
    """Ink where a line covers more than there is already, or less where it erases."""
    if erase:
        np.minimum(place, 255 - cover, out=place)
    else:
        np.maximum(place, cover, out=place)


def _around(xy: Points, width: float) -> Box:
    """Whole pixels that a line touches, with one to spare."""
    low = np.floor(xy.min(0) - width / 2 - 1).clip(-_FAR, _FAR)
    high = np.ceil(xy.max(0) + width / 2 + 1).clip(-_FAR, _FAR)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


@lru_cache(maxsize=8192)
def _box_of(stroke: Stroke, scale: float) -> Box:
    return _around(stroke.xy * scale, float(stroke.width.max()) * scale)


def _boxes_along(stroke: Stroke, scale: float) -> Iterable[Box]:
    """Boxes that cover a stroke piece by piece: a long line leaves most of its own box alone."""
    xy, width = stroke.xy * scale, float(stroke.width.max()) * scale
    way = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T).cumsum()])
    at = np.linspace(0, way[-1], int(way[-1] / _TILE) + 2)
    ends = np.stack([np.interp(at, way, xy[:, axis]) for axis in (0, 1)], 1)
    corners = np.searchsorted(way, at)
    for n in range(len(at) - 1):
        inner = xy[corners[n] : corners[n + 1]]
        yield _around(np.vstack([ends[n : n + 2], inner]), width)


def _different(before: Sequence[Stroke], after: Sequence[Stroke]) -> Iterable[Stroke]:
    """Strokes of one that are not at the same place, from either end, in the other."""
    first = 0
    shorter = min(len(before), len(after))
    while first < shorter and _same(before[first], after[first]):
        first += 1
    last = 0
    while last < shorter - first and _same(before[-1 - last], after[-1 - last]):
        last += 1
    old, new = before[first : len(before) - last], after[first : len(after) - last]
    if len(old) != len(new):
        return (*old, *new)
    pairs = ((a, b) for a, b in zip(old, new, strict=True) if not _same(a, b))
    return (stroke for pair in pairs for stroke in pair)


def _same(a: Stroke, b: Stroke) -> bool:
    return a is b or a == b


def _is_empty(box: Box) -> bool:
    return box[0] >= box[2] or box[1] >= box[3]


def _union(a: Box, b: Box) -> Box:
    if _is_empty(a) or _is_empty(b):
        return b if _is_empty(a) else a
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
