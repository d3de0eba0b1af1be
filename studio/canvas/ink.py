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
        _lay(self.plane[rows(box)], _cover([(xy, width)], box, self.scale), erase)
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
                tiles.update(self._tiles(self._clipped(_box_of(stroke, self.scale))))
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
        for top in range(box[1] // _TILE * _TILE, box[3], _TILE):
            for left in range(box[0] // _TILE * _TILE, box[2], _TILE):
                yield left, top, min(left + _TILE, width), min(top + _TILE, height)

    def _draw(self, tiles: Iterable[Box]) -> QRectF:
        """Draw pieces of the plane anew; where they are on the canvas."""
        boxes = [(_box_of(stroke, self.scale), stroke) for stroke in self.sketch.strokes]
        drawn = NOTHING
        for tile in tiles:
            self._draw_tile(tile, [s for place, s in boxes if _meet(place, tile)])
            self._halve(tile)
            drawn = _union(drawn, tile)
        return self._on_canvas(drawn)

    def _draw_tile(self, tile: Box, strokes: Sequence[Stroke]) -> None:
        place = self.plane[rows(tile)]
        place[:] = 0 if self._under is None else self._under[rows(tile)]
        for erase, group in groupby(strokes, key=lambda stroke: stroke.erase):
            lines = [(stroke.xy, stroke.width) for stroke in group]
            _lay(place, _cover(lines, tile, self.scale), erase)

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


def _cover(lines: Iterable[tuple[Points, Points]], box: Box, scale: float) -> Bytes:
    """(h, w) how much of each pixel of a box of the plane lies under round-ended lines, 0..255."""
    size = (box[2] - box[0], box[3] - box[1])
    fine = np.zeros((size[1] * _FINER, size[0] * _FINER), np.uint8)
    for xy, width in lines:
        places = (xy * scale - box[:2]) * _FINER - 0.5
        points = np.rint(places * 2**_SHIFT).clip(-_FAR, _FAR).astype(np.int32)
        _draw_line(fine, points, width * scale * _FINER)
    return np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint8)


def _draw_line(fine: Bytes, points: NDArray[np.int32], width: Points) -> None:
    if len(points) == 1:
        points = points.repeat(2, 0)  # a line without length is a dot; a point alone is nothing
        width = width.repeat(2)
    thick = np.rint(width).clip(1, 32_767).astype(int).tolist()
    if min(thick) == max(thick):
        cv2.polylines(fine, [points[:, None]], False, 255, thick[0], cv2.LINE_8, _SHIFT)
        return
    for (a, b), pressed in zip(pairwise(points.tolist()), thick[1:], strict=True):
        cv2.line(fine, a, b, 255, pressed, cv2.LINE_8, _SHIFT)


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


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
