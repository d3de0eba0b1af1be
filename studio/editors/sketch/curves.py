"""Lines through a few points: smooth curves, straight lines in steps, rectangles and ellipses."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]

STEP = math.radians(15)
"""Directions that a line snaps to."""


def smooth_curve(points: ArrayLike, spacing: float = 4.0) -> Points:
    """(N, 2) points, about `spacing` apart, on the curve that leads through (n, 2) given ones.

    Centripetal Catmull-Rom, which makes neither loops nor cusps (Yuksel et al., 2011). A curve that
    ends where it begins is smooth there too.
    """
    given = _distinct(np.asarray(points, np.float64))
    if len(given) < 3:
        return given
    closed = bool(np.allclose(given[0], given[-1])) and len(given) > 3
    before = given[-2] if closed else 2 * given[0] - given[1]
    after = given[1] if closed else 2 * given[-1] - given[-2]
    frame = np.vstack([before, given, after])
    pieces = [_piece(frame[n : n + 4], spacing) for n in range(len(given) - 1)]
    return np.vstack([*pieces, given[-1:]])


def _distinct(points: Points) -> Points:
    """Without points that repeat the one before."""
    moved = np.hypot(*np.diff(points, axis=0).T) > 1e-6
    return points[np.concatenate([[True], moved])]


def _piece(four: Points, spacing: float) -> Points:
    """From the second of four points up to the third, without it (Barry and Goldman, 1988)."""
    gaps = np.sqrt(np.maximum(np.hypot(*np.diff(four, axis=0).T), 1e-9))
    t = np.concatenate([[0.0], np.cumsum(gaps)])
    count = max(math.ceil(math.dist(four[1], four[2]) / spacing), 1)
    at = np.linspace(t[1], t[2], count, endpoint=False)[:, None]

    def blend(a: Points, b: Points, low: float, high: float) -> Points:
        return (a * (high - at) + b * (at - low)) / (high - low)

    one, two, three = (blend(four[n], four[n + 1], t[n], t[n + 1]) for n in range(3))
    left, right = blend(one, two, t[0], t[2]), blend(two, three, t[1], t[3])
    return blend(left, right, t[1], t[2])


def straight(start: tuple[float, float], end: tuple[float, float], steps: bool) -> Points:
    """A line between two points, or in the next direction of STEP with the end's distance."""
    a, b = np.array(start), np.array(end)
    if steps:
        way = b - a
        angle = round(math.atan2(way[1], way[0]) / STEP) * STEP
        direction = np.array([math.cos(angle), math.sin(angle)])
        b = a + direction * max(float(way @ direction), 0.0)
    return np.array([a, b])


def box_between(
    start: tuple[float, float], end: tuple[float, float], equal: bool, about: bool
) -> tuple[Points, Points]:
    """Opposite corners of a drag: with sides of one length, or with `start` as the middle."""
    a, b = np.array(start), np.array(end)
    way = b - a
    if equal:
        way = np.abs(way).max() * np.where(way < 0, -1.0, 1.0)
    return (a - way if about else a), a + way


def rectangle(a: Points, b: Points) -> Points:
    """(5, 2) the corners between two opposite ones, the first again at the end."""
    return np.array([a, (b[0], a[1]), b, (a[0], b[1]), a])


def ellipse(a: Points, b: Points) -> Points:
    """(N, 2) the ellipse that fills the box between two corners, the first point at the end."""
    middle, radii = (a + b) / 2, (b - a) / 2
    count = min(max(int(np.abs(radii).max()), 24), 256)
    turn = np.linspace(0, 2 * np.pi, count + 1)[:, None]
    return middle + radii * np.hstack([np.cos(turn), np.sin(turn)])
