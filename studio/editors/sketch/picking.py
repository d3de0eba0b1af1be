"""Which strokes a hand means, and which erasures go with them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from engine.shapes.sketch import Sketch, Stroke


def drawn_strokes(sketch: Sketch) -> frozenset[int]:
    """Numbers of all strokes that draw."""
    return frozenset(n for n, stroke in enumerate(sketch.strokes) if not stroke.erase)


def carried(sketch: Sketch, picked: Collection[int]) -> frozenset[int]:
    """The picked strokes with the erasures that cut them and no other: they go along."""
    chosen = frozenset(n for n in picked if n < len(sketch.strokes))
    along = set(chosen)
    for number, eraser in enumerate(sketch.strokes):
        if eraser.erase:
            below = [n for n in range(number) if not sketch.strokes[n].erase]
            left = (sketch.strokes[n] for n in below if n not in chosen)
            taken = (sketch.strokes[n] for n in below if n in chosen)
            if not any(_cuts(eraser, s) for s in left) and any(_cuts(eraser, s) for s in taken):
                along.add(number)
    return frozenset(along)


def _cuts(eraser: Stroke, below: Stroke) -> bool:
    """Whether an erasure takes ink of a stroke."""
    reach = (float(eraser.width.max()) + float(below.width.max())) / 2
    low, high = eraser.xy.min(0) - reach, eraser.xy.max(0) + reach
    if (below.xy.min(0) > high).any() or (below.xy.max(0) < low).any():
        return False
    one, other = _along(eraser.xy, reach / 2), _along(below.xy, reach / 2)
    gaps = one[:, None] - other[None]
    return bool(((gaps**2).sum(2) <= reach**2).any())


def _along(xy: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """Points of a polyline that are no further apart than this."""
    way = np.concatenate([[0.0], np.hypot(*np.diff(xy, axis=0).T).cumsum()])
    at = np.linspace(0, way[-1], int(way[-1] / spacing) + 2)
    return np.stack([np.interp(at, way, xy[:, axis]) for axis in (0, 1)], 1)


def mirror_about(x: float) -> NDArray[np.float64]:
    """The (2, 3) map that exchanges left and right of a place."""
    return np.array([[-1.0, 0, 2 * x], [0, 1.0, 0]])
