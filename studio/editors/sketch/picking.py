"""Which strokes a hand means, and which erasures go with them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from engine.shapes.sketch import Sketch, Stroke, distance


def drawn_strokes(sketch: Sketch) -> frozenset[int]:
    """Numbers of all strokes that draw."""
    return frozenset(n for n, stroke in enumerate(sketch.strokes) if not stroke.erase)


def carried(sketch: Sketch, picked: Collection[int]) -> frozenset[int]:
    """The picked strokes with the erasures that cut them and no other: they go along."""
    chosen = frozenset(n for n in picked if n < len(sketch.strokes))
    along = set(chosen)
    for number, eraser in enumerate(sketch.strokes):
        if eraser.erase:
            cut = {n for n in range(number) if _cuts(eraser, sketch.strokes[n])}
            if cut and cut <= chosen:
                along.add(number)
    return frozenset(along)


def _cuts(eraser: Stroke, below: Stroke) -> bool:
    """Whether an erasure takes ink of a stroke."""
    if below.erase:
        return False
    reach = (float(eraser.width.max()) + float(below.width.max())) / 2
    low, high = eraser.xy.min(0) - reach, eraser.xy.max(0) + reach
    if (below.xy.min(0) > high).any() or (below.xy.max(0) < low).any():
        return False
    return any(distance(below.xy, (x, y)) <= reach for x, y in _along(eraser.xy, reach).tolist())


def _along(xy: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """Points of a polyline that are no further apart than this."""
    way = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T).cumsum()])
    at = np.linspace(0, way[-1], int(way[-1] / spacing) + 2)
    return np.stack([np.interp(at, way, xy[:, axis]) for axis in (0, 1)], 1)


def mirror_about(x: float) -> NDArray[np.float64]:
    """The (2, 3) map that exchanges left and right of a place."""
    return np.array([[-1.0, 0, 2 * x], [0, 1.0, 0]])
