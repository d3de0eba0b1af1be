"""The colours in which a label map is shown: pure numpy, box by box."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from engine.boxes import Box
from engine.shapes.labels import Ids, LabelMap, LabelSet

Pixels = NDArray[np.uint32]
"""(h, w) BGRA, as Qt's ARGB32 lies in memory; alpha is 0 or 255."""
_SIDE = 8
_OPAQUE = 0xFF000000
_EDGE = 0.72
"""How white the edge of an object is."""


def _patterns() -> NDArray[np.bool_]:
    """(8, 8, 8) none, lines of four directions, dots, a grid, a checkerboard."""
    y, x = np.mgrid[:_SIDE, :_SIDE]
    return np.stack(
        [
            np.zeros((_SIDE, _SIDE), bool),
            y % 4 == 0,
            x % 4 == 0,
            (x + y) % 4 == 0,
            (x - y) % 4 == 0,
            (x % 4 < 2) & (y % 4 < 2),
            (x % 8 == 0) | (y % 8 == 0),
            (x // 4 + y // 4) % 2 == 0,
        ]
    )


_PATTERNS = _patterns()


class Colouring:
    """Turns ids into colours.

    Args:
        hidden: labels that are left transparent.
        patterns: pixels of the map to a dot of a pattern; 0 = plain colours.
        outlines: whether objects have an edge.
    """

    def __init__(
        self,
        label_set: LabelSet,
        hidden: Collection[int] = (),
        patterns: int = 0,
        outlines: bool = True,
    ) -> None:
        self.patterns, self.outlines = patterns, outlines
        size = max(label_set.ids) + 1
        colours = label_set.colours[:size].astype(np.uint32)
        self._fill = _argb(colours)
        self._edge = _argb(np.rint(colours + (255 - colours) * _EDGE).astype(np.uint32))
        light = colours.sum(1, keepdims=True) > 3 * 110
        marked = np.where(light, colours * 0.55, colours + (255 - colours) * 0.4)
        self._mark = _argb(np.rint(marked).astype(np.uint32))
        for table in (self._fill, self._edge, self._mark):
            table[list(hidden)] = 0
        self._kind = np.zeros(size, np.intp)
        self._kind[list(label_set.ids)] = np.arange(len(label_set.ids)) % len(_PATTERNS)

    def pixels(self, scene: LabelMap, box: Box) -> Pixels:
        """The colours of a box of the map."""
        left, top, right, bottom = box
        labels = scene.labels[top:bottom, left:right]
        found = self._fill[labels]
        if self.patterns:
            found = np.where(self._marks(labels, left, top), self._mark[labels], found)
        if self.outlines:
            edge = _edges(scene.objects, box)
            found[edge] = self._edge[labels[edge]]
        return found

    def _marks(self, labels: Ids, left: int, top: int) -> NDArray[np.bool_]:
        step = self.patterns
        y = (np.arange(top, top + labels.shape[0]) // step % _SIDE)[:, None]
        x = (np.arange(left, left + labels.shape[1]) // step % _SIDE)[None]
        return _PATTERNS[self._kind[labels], y, x]


def _argb(colours: NDArray[np.uint32]) -> NDArray[np.uint32]:
    packed = _OPAQUE | colours[:, 0] << 16 | colours[:, 1] << 8 | colours[:, 2]
    return packed.astype(np.uint32)


def _edges(objects: NDArray[np.int32], box: Box) -> NDArray[np.bool_]:
    """Pixels of objects that have a neighbour of another object or none."""
    left, top, right, bottom = box
    height, width = objects.shape
    around = objects[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1]
    cut = ((top == 0, bottom == height), (left == 0, right == width))
    around = np.pad(around, np.array(cut, int), mode="edge")
    here = around[1:-1, 1:-1]
    edge = (around[:-2, 1:-1] != here) | (around[2:, 1:-1] != here)
    edge |= (around[1:-1, :-2] != here) | (around[1:-1, 2:] != here)
    return edge & (here > 0)


def touched(box: Box, scene: LabelMap) -> Box:
    """The pixels whose colours may differ if a box of the map does: edges look one pixel around."""
    width, height = scene.size
    return max(box[0] - 1, 0), max(box[1] - 1, 0), min(box[2] + 1, width), min(box[3] + 1, height)
