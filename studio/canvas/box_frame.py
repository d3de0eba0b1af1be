"""The box of a transform: where its handles lie and which affine map a drag of one means."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

Matrix = NDArray[np.float64]
"""(2, 3) affine map of photo pixels."""

HANDLES: tuple[tuple[float, float], ...] = (
    (0, 0),
    (0.5, 0),
    (1, 0),
    (1, 0.5),
    (1, 1),
    (0.5, 1),
    (0, 1),
    (0, 0.5),
)
"""Places on the box, clockwise from the top left, as shares of its width and height."""

MIN_FACTOR = 0.05
"""Nothing is scaled to nothing, or turned inside out."""
SNAP = math.radians(15)
_FLAT = 1e-6


@dataclass(frozen=True)
class Scaling:
    """A handle and what stays where it is while it is dragged.

    Attributes:
        handle: as in HANDLES.
        grip: the handle's place in photo pixels.
        about: the place that stays, in photo pixels.
    """

    handle: tuple[float, float]
    grip: QPointF
    about: QPointF

    def factors(self, at: QPointF, proportional: bool) -> tuple[float, float]:
        """Factors along x and y once the handle is dragged to `at`, in photo pixels."""
        arm, now = self.grip - self.about, at - self.about
        if proportional:
            both = _limited(QPointF.dotProduct(now, arm), QPointF.dotProduct(arm, arm))
            return both, both
        across = _limited(now.x(), arm.x()) if self.handle[0] != 0.5 else 1.0
        down = _limited(now.y(), arm.y()) if self.handle[1] != 0.5 else 1.0
        return across, down


def box_of(points: NDArray[np.float64]) -> QRectF:
    """The upright rectangle around (n, 2) points."""
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return QRectF(left, top, right - left, bottom - top)


def place_on(box: QRectF, handle: tuple[float, float]) -> QPointF:
    """Where a handle lies on a box."""
    return QPointF(box.left() + handle[0] * box.width(), box.top() + handle[1] * box.height())


def opposite(handle: tuple[float, float]) -> tuple[float, float]:
    """The handle that stays while this one is dragged."""
    return 1 - handle[0], 1 - handle[1]


def scaling(factors: tuple[float, float], about: QPointF) -> Matrix:
    """The map that scales about a place."""
    x, y = factors
    return np.array([[x, 0, (1 - x) * about.x()], [0, y, (1 - y) * about.y()]])


def rotation(angle: float, about: QPointF) -> Matrix:
    """The map that turns about a place by radians, clockwise as seen."""
    c, s, x, y = math.cos(angle), math.sin(angle), about.x(), about.y()
    return np.array([[c, -s, x - c * x + s * y], [s, c, y - s * x - c * y]])


def translation(by: QPointF) -> Matrix:
    """The map that shifts."""
    return np.array([[1.0, 0, by.x()], [0, 1.0, by.y()]])


def angle_between(start: QPointF, now: QPointF, about: QPointF, snap: bool) -> float:
    """By how many radians the hand turned about a place, -pi..pi; snapped to steps if wished."""
    a, b = start - about, now - about
    turned = math.atan2(a.x() * b.y() - a.y() * b.x(), QPointF.dotProduct(a, b))
    return round(turned / SNAP) * SNAP if snap else turned


def mapped(matrix: Matrix, at: QPointF) -> QPointF:
    """A place under a map."""
    (a, b, c), (d, e, f) = matrix
    return QPointF(a * at.x() + b * at.y() + c, d * at.x() + e * at.y() + f)


def _limited(now: float, before: float) -> float:
    return max(now / before, MIN_FACTOR) if abs(before) > _FLAT else 1.0
