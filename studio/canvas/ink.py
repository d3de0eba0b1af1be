"""The ink of a sketch as one plane of bytes that is drawn on, never drawn anew for a stroke."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

import cv2
import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from engine.boxes import Box, rows
from engine.shapes.sketch import Sketch, Stroke
from studio.canvas.pen import (
    NOTHING,
    Bytes,
    Points,
    around,
    averaged,
    box_of,
    boxes_along,
    draw_pieces,
    finer,
    is_empty,
    lay,
    pieces,
    pieces_of,
    union,
)

_TILE = 256
"""Side of the pieces in which the plane is drawn anew, in its pixels."""
_HALVES = 4
"""How often the plane is halved, for small views; its sides are multiples of two to the power."""
_SHARP, _LARGEST, _FINEST = 2048, 4096, 4
"""Longest side of the plane that small canvases get, and large ones; finest scale."""
_FEW = 4
"""So many strokes may lie loosely on top of the others, as while a line is dragged."""


def plane_scale(size: tuple[int, int]) -> float:
    """Pixels of the plane for one of a canvas: small canvases are sharp on any screen."""
    longest = max(size)
    if longest <= _SHARP:
        return float(min(_SHARP // longest, _FINEST))
    return min(1.0, _LARGEST / longest)


class Ink:
    """What was drawn, 0..255 a pixel; a stroke under the hand touches its own pixels only.

    Attributes:
        sketch: what the plane shows, lines under the hand apart.
        scale: pixels of the plane for one of the canvas.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._begin(size)

    def _begin(self, size: tuple[int, int]) -> None:
        """An empty canvas."""
        self.scale = plane_scale(size)
        self.sketch = Sketch(size)
        unit = 2**_HALVES
        width, height = (-(-round(side * self.scale) // unit) * unit for side in size)
        self._levels = [np.zeros((height >> n, width >> n), np.uint8) for n in range(_HALVES + 1)]
        self._images = [_image(level) for level in self._levels]
        self._raster: Bytes | None = None
        self._under: Bytes | None = None
        self._loose = NOTHING
        self._spare: dict[Box, Bytes] = {}
        self._below = 0

    @property
    def plane(self) -> Bytes:
        """(H, W) 255 = full ink, `scale` pixels for one of the canvas; the sides are rounded up."""
        return self._levels[0]

    # The stroke under the hand

    def line(self, xy: Points, width: Points, erase: bool = False) -> QRectF:
        """Go on with a stroke under the hand; `keep` or `show` ends it.

        Args:
            xy: (N, 2) in pixels of the canvas, beginning with the last point drawn before.
            width: (N,) in pixels of the canvas.

        Returns:
            What has changed, in pixels of the canvas.
        """
        box = self._clipped(around(xy * self.scale, width.max() * self.scale))
        if not is_empty(box):
            lay(self.plane[rows(box)], *pieces(xy, width, self.scale), box, erase)
            self._halve(box)
            self._loose = union(self._loose, box)
        return self._on_canvas(box)

    def keep(self, sketch: Sketch) -> None:
        """The plane shows this sketch now: the lines drawn since belong to it."""
        self.sketch, self._loose = sketch, NOTHING
        self._spare, self._below = {}, len(sketch.strokes)

    # Whole sketches

    def show(self, sketch: Sketch) -> QRectF:
        """Show another sketch, or the same one without lines that were not kept.

        Returns:
            What has changed, in pixels of the canvas.
        """
        if sketch.size != self.sketch.size:
            self._begin(sketch.size)
        before, after = self.sketch.strokes, sketch.strokes
        shared = _shared(before, after)
        on_top = len(after) - shared <= _FEW and shared in (len(before), self._below)
        plain = is_empty(self._loose) and sketch.raster is self._raster
        if plain and on_top:
            tiles = self._put_back(shared) | self._lay_on_top(after[shared:])
            self.sketch = sketch
        else:
            tiles = self._touched(before[shared:], after[shared:])
            if self._take_raster(sketch.raster):
                tiles.update(self._tiles(self._whole))
            self.keep(sketch)
            self._draw(tiles)
        return self._seen(tiles)

    def _put_back(self, shared: int) -> set[Box]:
        """Only the strokes that stay, if there are loose ones on top; where those were."""
        tiles = set(self._spare) if shared < len(self.sketch.strokes) else set()
        for tile in tiles:
            self.plane[rows(tile)] = self._spare[tile]
        self._spare, self._below = {}, shared
        return tiles

    def _lay_on_top(self, strokes: Sequence[Stroke]) -> set[Box]:
        """Draw strokes over what is shown, and remember what they hide."""
        for stroke in strokes:
            for tile in self._tiles_of(stroke):
                place = self.plane[rows(tile)]
                self._spare.setdefault(tile, place.copy())
                lay(place, *pieces_of(stroke, self.scale), tile, stroke.erase)
        return set(self._spare)

    def _touched(self, before: Sequence[Stroke], after: Sequence[Stroke]) -> set[Box]:
        """The tiles of lines that were not kept, and of strokes that came, went or changed."""
        tiles = set(self._tiles(self._loose))
        for stroke in _different(before, after):
            tiles |= self._tiles_of(stroke)
        return tiles

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

    def _draw(self, tiles: Iterable[Box]) -> None:
        """Draw tiles anew, with all strokes that lie there."""
        strokes = self.sketch.strokes
        boxes = np.array([box_of(stroke, self.scale) for stroke in strokes]).reshape(-1, 4)
        for tile in tiles:
            meet = (boxes[:, :2] < tile[2:]).all(1) & (boxes[:, 2:] > tile[:2]).all(1)
            self._draw_tile(tile, [strokes[n] for n in np.flatnonzero(meet).tolist()])

    def _draw_tile(self, tile: Box, strokes: Sequence[Stroke]) -> None:
        if not strokes:
            self.plane[rows(tile)] = 0 if self._under is None else self._under[rows(tile)]
            return
        fine = finer(tile, None if self._under is None else self._under[rows(tile)])
        for erase, group in groupby(strokes, key=lambda stroke: stroke.erase):
            found = [pieces_of(stroke, self.scale) for stroke in group]
            ends, width = (np.concatenate(each) for each in zip(*found, strict=True))
            draw_pieces(fine, ends, width, tile, 0 if erase else 255)
        self.plane[rows(tile)] = averaged(fine)

    # Places

    @property
    def _whole(self) -> Box:
        return (0, 0, *self.plane.shape[::-1])

    def _clipped(self, box: Box) -> Box:
        _, _, width, height = self._whole
        left, top = min(max(box[0], 0), width), min(max(box[1], 0), height)
        right, bottom = min(max(box[2], 0), width), min(max(box[3], 0), height)
        return left, top, right, bottom

    def _tiles(self, box: Box) -> Iterable[Box]:
        """The tiles that a box touches."""
        _, _, width, height = self._whole
        left, top, right, bottom = self._clipped(box)
        for y in range(top // _TILE * _TILE, bottom, _TILE):
            for x in range(left // _TILE * _TILE, right, _TILE):
                yield x, y, min(x + _TILE, width), min(y + _TILE, height)

    def _tiles_of(self, stroke: Stroke) -> set[Box]:
        return {tile for box in boxes_along(stroke, self.scale) for tile in self._tiles(box)}

    def _seen(self, tiles: Iterable[Box]) -> QRectF:
        """Bring the smaller levels up to date where tiles have changed; where that is."""
        changed = NOTHING
        for tile in tiles:
            self._halve(tile)
            changed = union(changed, tile)
        return self._on_canvas(changed)

    def _halve(self, box: Box) -> None:
        """Bring the smaller levels up to date in a box of the plane."""
        left, top, right, bottom = box
        for larger, smaller in pairwise(self._levels):
            left, top, right, bottom = left // 2, top // 2, -(-right // 2), -(-bottom // 2)
            part = larger[2 * top : 2 * bottom, 2 * left : 2 * right]
            size = (right - left, bottom - top)
            smaller[top:bottom, left:right] = cv2.resize(part, size, interpolation=cv2.INTER_AREA)

    def _on_canvas(self, box: Box) -> QRectF:
        if is_empty(box):
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
        source = QRectF(0, 0, width / 2**level, height / 2**level)
        painter.drawImage(place, self._images[level], source)


def _image(level: Bytes) -> QImage:
    """An image that shows the bytes themselves, whatever is written there later."""
    height, width = level.shape
    return QImage(level.data, width, height, width, QImage.Format.Format_Alpha8)


def _shared(before: Sequence[Stroke], after: Sequence[Stroke]) -> int:
    """How many strokes at the bottom are the same."""
    shorter = min(len(before), len(after))
    return next((n for n in range(shorter) if not _same(before[n], after[n])), shorter)


def _different(before: Sequence[Stroke], after: Sequence[Stroke]) -> Iterable[Stroke]:
    """Strokes of one that are not in the same place of the other, counted from either end."""
    shorter, last = min(len(before), len(after)), 0
    while last < shorter and _same(before[-1 - last], after[-1 - last]):
        last += 1
    old, new = before[: len(before) - last], after[: len(after) - last]
    if len(old) != len(new):
        return (*old, *new)
    pairs = ((a, b) for a, b in zip(old, new, strict=True) if not _same(a, b))
    return (stroke for pair in pairs for stroke in pair)


def _same(a: Stroke, b: Stroke) -> bool:
    return a is b or a == b
