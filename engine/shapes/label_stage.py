"""Label maps seen through a camera on a street: ground, walls, trees, cars and people by metres."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.shapes.label_paint import Ink, Stamp, painted, polygon, rectangle
from engine.shapes.labels import LabelMap, LabelSet

EYE = 1.3
"""Metres of the camera above the ground."""
_FOCAL = 1.05
"""Focal length in widths of the picture, as of a camera behind a windscreen."""
_NEAR = 1.0
_ROUND = 24
_BODY = ((-0.11, 0.0), (0.11, 0.0), (0.14, 0.45), (0.23, 0.5), (0.21, 0.8), (0.07, 0.84))
_HEAD = 0.075
Metres = tuple[float, float, float]
"""To the right of the camera, above the ground, away from the camera."""


class Stage:
    """Paints things by their place and size in metres; paint what is far away first.

    Args:
        size: (width, height) of the map.
        horizon: where it lies, as a share of the height from above.
    """

    def __init__(self, size: tuple[int, int], label_set: LabelSet, horizon: float = 0.42) -> None:
        self.scene = LabelMap.blank(size, label_set)
        self._horizon = horizon * size[1]

    def seen(self, point: Metres) -> tuple[float, float]:
        """Where a point lies on the map, in pixels."""
        x, y, z = point
        width = self.scene.size[0]
        scale = _FOCAL * width / max(z, _NEAR)
        return width / 2 + x * scale, self._horizon + (EYE - y) * scale

    def fill(self, name: str) -> None:
        """Everything."""
        width, height = self.scene.size
        self._paint(rectangle(self.scene.size, (0, 0), (width - 1, height - 1)), name)

    def ground(self, name: str, left: float, right: float, near: float, far: float) -> None:
        """A strip of the ground."""
        self.flat(name, [(left, near), (right, near), (right, far), (left, far)])

    def flat(self, name: str, corners: Sequence[tuple[float, float]]) -> None:
        """A form on the ground, by metres to the right and away."""
        self.form(name, [(x, 0.0, z) for x, z in corners])

    def wall(self, name: str, x: float, near: float, far: float, height: float) -> None:
        """An upright wall along the street."""
        self.form(name, [(x, 0, near), (x, height, near), (x, height, far), (x, 0, far)])

    def front(self, name: str, left: float, right: float, away: float, height: float) -> None:
        """An upright wall across the street."""
        corners = ((left, 0.0), (left, height), (right, height), (right, 0.0))
        self.form(name, [(x, y, away) for x, y in corners])

    def house(
        self, name: str, sides: tuple[float, float], depth: tuple[float, float], height: float
    ) -> None:
        """A block with its front and the side that is seen: left and right, near and far."""
        left, right = sides
        self.wall(name, left if left > 0 else right, *depth, height)
        self.front(name, left, right, depth[0], height)

    def form(self, name: str, points: Sequence[Metres]) -> None:
        """An outline through points in space."""
        self._paint(polygon(self.scene.size, [self.seen(point) for point in points]), name)

    def _paint(self, stamp: Stamp, name: str) -> None:
        self.scene = painted(self.scene, stamp, Ink(self.scene.label_set.named(name).id))

    def tree(self, x: float, z: float, height: float = 7.0) -> None:
        """A trunk and a crown."""
        self._disc("vegetation", (x, height * 0.66, z), height * 0.34, wobble=0.12)
        self._post("vegetation", x, z, height * 0.5, 0.28)

    def bush(self, x: float, z: float, size: float = 1.4) -> None:
        """Low greenery."""
        self._disc("vegetation", (x, size * 0.4, z), size * 0.6, wobble=0.15)

    def lamp(self, x: float, z: float, height: float = 6.0) -> None:
        """A post."""
        self._post("pole", x, z, height, 0.14)

    def sign(self, x: float, z: float) -> None:
        """A traffic sign on its post."""
        self._post("pole", x, z, 2.6, 0.09)
        self._disc("traffic sign", (x, 2.5, z), 0.36)

    def light(self, x: float, z: float) -> None:
        """A traffic light on its post."""
        self._post("pole", x, z, 3.2, 0.12)
        left, right = x - 0.18, x + 0.18
        self.form(
            "traffic light", [(left, 2.4, z), (left, 3.4, z), (right, 3.4, z), (right, 2.4, z)]
        )

    def person(self, x: float, z: float, height: float = 1.74) -> None:
        """Somebody who stands or walks."""
        half = [(x + side * height, up * height, z) for side, up in _BODY]
        other = [(2 * x - a, b, c) for a, b, c in reversed(half)]
        self._solid("person", [half + other, self._ring((x, height * 0.91, z), height * _HEAD)])

    def car(self, x: float, z: float, across: bool = False) -> None:
        """A car of 4.3 by 1.8 metres whose nearest corner is z away; along the street or across."""
        long, wide = (1.8, 4.3) if across else (4.3, 1.8)
        body = _block((x, z), (wide, long), 0.22, 0.95)
        inset = (0.15, 0.85) if across else (0.35, 0.75)
        roof = (wide * 0.6, long * 0.8) if across else (wide * 0.84, long * 0.52)
        cabin = _block((x, z + long * inset[0]), roof, 0.95, 1.48)
        base = _block((x, z), (wide * 0.97, long), 0.9, 0.98)
        wheels = _block((x, z + 0.3), (wide * 0.94, long - 0.6), 0.0, 0.3)
        self._hulls("car", [body, np.concatenate([cabin, base[[0, 1, 2, 3]]]), wheels])

    def truck(self, x: float, z: float) -> None:
        """A lorry of 8 metres."""
        self._hulls(
            "truck", [_block((x, z), (2.4, 8), 0.5, 3.2), _block((x, z), (2.2, 8), 0.0, 0.6)]
        )

    def bicycle(self, x: float, z: float) -> None:
        """A bicycle that stands across."""
        wheels = [self._ring((x + side, 0.34, z), 0.34) for side in (-0.52, 0.52)]
        frame = [(x - 0.5, 0.4, z), (x - 0.2, 0.95, z), (x + 0.45, 1.0, z), (x + 0.5, 0.4, z)]
        self._solid("bicycle", [*wheels, frame])

    def _post(self, name: str, x: float, z: float, height: float, wide: float) -> None:
        left, right = x - wide / 2, x + wide / 2
        self.form(name, [(left, 0, z), (left, height, z), (right, height, z), (right, 0, z)])

    def _disc(self, name: str, middle: Metres, radius: float, wobble: float = 0.0) -> None:
        self.form(name, self._ring(middle, radius, wobble))

    def _ring(self, middle: Metres, radius: float, wobble: float = 0.0) -> list[Metres]:
        turn = np.linspace(0, 2 * np.pi, _ROUND, endpoint=False)
        reach = radius * (1 + wobble * np.sin(5 * turn + middle[0]) + wobble * np.sin(3 * turn))
        x, y, z = middle
        return [
            (x + float(r * np.cos(t)), max(y + float(r * np.sin(t)), 0.0), z)
            for r, t in zip(reach, turn, strict=True)
        ]

    def _solid(self, name: str, forms: Sequence[Sequence[Metres]]) -> None:
        """Several outlines as one object."""
        number = self.scene.next_object
        ink = Ink(self.scene.label_set.named(name).id, number)
        for points in forms:
            stamp = polygon(self.scene.size, [self.seen(point) for point in points])
            self.scene = painted(self.scene, stamp, ink)

    def _hulls(self, name: str, solids: Sequence[NDArray[np.float64]]) -> None:
        """Blocks as one object, each as its outline from here."""
        number = self.scene.next_object
        ink = Ink(self.scene.label_set.named(name).id, number)
        for corners in solids:
            points = np.array([self.seen((x, y, z)) for x, y, z in corners.tolist()], np.float32)
            hull = np.asarray(cv2.convexHull(points))[:, 0]
            self.scene = painted(self.scene, polygon(self.scene.size, hull), ink)


def _block(
    at: tuple[float, float], size: tuple[float, float], low: float, high: float
) -> NDArray[np.float64]:
    """The 8 corners of a block whose near side is `at[1]` away; the upper ones come last."""
    x, z = at
    wide, long = size
    foot = [(x + side * wide / 2, z + depth) for depth in (0, long) for side in (-1, 1)]
    return np.array([(a, y, b) for y in (low, high) for a, b in foot])
