"""Scenes to start from: a road, a crossing, a square, a house front, drawn at any size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.shapes.label_paint import Ink, Stamp, painted, polygon, rectangle, stroke
from engine.shapes.label_sets import cityscapes, facades
from engine.shapes.label_stage import Stage
from engine.shapes.labels import LabelMap, LabelSet

Size = tuple[int, int]
_CAR = (
    (0.66, 0.915),
    (0.665, 0.87),
    (0.7, 0.855),
    (0.735, 0.815),
    (0.83, 0.815),
    (0.87, 0.86),
    (0.905, 0.875),
    (0.91, 0.915),
)
"""A car from the side, by shares of width and height."""


@dataclass(frozen=True)
class Template:
    """A scene to start from.

    Attributes:
        name: English, in sentence case.
        labels: the label set that it uses.
        draw: the map at a size (width, height) in pixels.
    """

    name: str
    labels: Callable[[], LabelSet]
    draw: Callable[[Size], LabelMap]


def empty_road(size: Size) -> LabelMap:
    """A straight road between houses and trees, nobody on it."""
    return _street(size).scene


def busy_road(size: Size) -> LabelMap:
    """The same road with parked cars, people and one car ahead."""
    stage = _street(size)
    stage.truck(5.0, 52)
    for z in (44, 37, 30.5, 24):
        stage.car(5.1, z)
    stage.car(-1.9, 26)
    for z in (33, 18):
        stage.car(-5.1, z)
    for x, z in ((7.6, 22), (8.3, 20), (-8.2, 15), (7.2, 13.5)):
        stage.person(x, z)
    stage.car(5.2, 13.5)
    stage.bicycle(7.9, 11)
    return stage.scene


def _street(size: Size) -> Stage:
    stage = Stage(size, cityscapes())
    stage.fill("sky")
    stage.front("building", -60, 60, 170, 14)
    stage.front("vegetation", -20, 25, 160, 9)
    stage.ground("terrain", -200, 200, 90, 400)
    stage.ground("sidewalk", -200, 200, 2, 170)
    for side in (-1, 1):
        for near, far, high in ((120, 170, 12), (84, 116, 15), (52, 82, 11), (30, 51, 16)):
            stage.house("building", _across(side, 11, 40), (near, far), high)
        stage.wall("building", side * 11.0, 2, 27, 13)
    stage.ground("road", -6.2, 6.2, 2, 400)
    for z in (110, 80, 58, 42, 30, 20):
        for side in (-1, 1):
            stage.tree(side * 9.6, z, 7.5)
            stage.lamp(side * 6.9, z - 5)
    stage.sign(7.0, 17)
    return stage


def _across(side: int, inner: float, outer: float) -> tuple[float, float]:
    """From left to right, what lies between two distances on one side (-1 or 1)."""
    return (inner, outer) if side > 0 else (-outer, -inner)


def crossing(size: Size) -> LabelMap:
    """Two roads that meet, with lights, a car that turns and people who wait."""
    stage = Stage(size, cityscapes(), 0.43)
    stage.fill("sky")
    stage.front("building", -80, 80, 140, 13)
    stage.front("vegetation", 6, 26, 120, 9)
    stage.ground("sidewalk", -200, 200, 2, 300)
    for side in (-1, 1):
        for near, far, high in ((72, 130, 13), (42, 70, 16)):
            stage.house("building", _across(side, 10.5, 70), (near, far), high)
    stage.ground("road", -6, 6, 2, 300)
    stage.ground("road", -200, 200, 19, 31)
    for side in (-1, 1):
        stage.wall("building", side * 11.5, 2, 15.5, 14)
        stage.flat("road", [(side * 6, 17), (side * 8, 19), (side * 6, 19)])
        stage.flat("road", [(side * 6, 33), (side * 8, 31), (side * 6, 31)])
        stage.tree(side * 9.0, 56, 7)
        stage.tree(side * 9.0, 40, 6.5)
    stage.light(-7.0, 33)
    stage.light(7.0, 33)
    stage.car(3.2, 62)
    stage.car(-2.2, 40)
    stage.car(12.5, 26.5, across=True)
    stage.car(-9.0, 22, across=True)
    stage.light(7.2, 17.5)
    stage.sign(-7.4, 16.5)
    for x, z in ((8.2, 34), (9.0, 35), (7.9, 16), (8.7, 15.2), (-8.4, 15)):
        stage.person(x, z)
    return stage.scene


def square(size: Size) -> LabelMap:
    """A square between houses: people, bicycles, trees, a lane along its side."""
    stage = Stage(size, cityscapes(), 0.45)
    stage.fill("sky")
    for left, right, away, high in ((-80, -30, 74, 15), (-30, -8, 80, 19), (-8, 14, 76, 14)):
        stage.front("building", left, right, away, high)
    stage.front("building", 14, 44, 72, 17)
    stage.front("building", 44, 90, 78, 13)
    stage.ground("sidewalk", -200, 200, 2, 76)
    stage.flat("road", [(9, 2), (200, 2), (200, 24), (60, 33), (24, 52), (13, 70), (9, 70)])
    stage.wall("building", -16, 14, 40, 15)
    stage.front("building", -60, -16, 40, 15)
    stage.wall("building", -13, 2, 12, 14)
    for x, z in ((-9, 62), (-1, 62), (6, 62), (-9, 44), (5.5, 44)):
        stage.tree(x, z, 7)
    stage.ground("terrain", -9, -3, 30, 38)
    for x in (-8, -6, -4):
        stage.bush(x, 34)
    stage.car(18, 44)
    stage.car(26, 30, across=True)
    for x in (-7.5, -6.1, -4.8):
        stage.bicycle(x, 24)
    walkers = ((2, 50), (3, 49), (-2, 36), (0.5, 30), (5.2, 26), (-3.2, 19), (1.8, 15), (2.6, 15))
    for x, z in walkers:
        stage.person(x, z, 1.7)
    stage.lamp(7.8, 40)
    stage.lamp(7.8, 20)
    return stage.scene


def house_front(size: Size) -> LabelMap:
    """A house of four floors, straight on, with shops, a door, a tree and a parked car."""
    label_set = facades()
    scene = LabelMap.blank(size, label_set)

    def block(scene: LabelMap, name: str, box: tuple[float, ...], thing: bool = False) -> LabelMap:
        left, top, right, bottom = box
        low = left * size[0], top * size[1]
        high = right * size[0] - 1, bottom * size[1] - 1
        number = scene.next_object if thing else 0
        return painted(scene, rectangle(size, low, high), Ink(label_set.named(name).id, number))

    for name, box in (
        ("sky", (0, 0, 1, 1)),
        ("building", (0.0, 0.16, 0.2, 1)),
        ("building", (0.18, 0.07, 0.86, 1)),
        ("building", (0.86, 0.2, 1, 1)),
        ("pavement", (0, 0.86, 1, 1)),
        ("road", (0, 0.92, 1, 1)),
    ):
        scene = block(scene, name, box)
    for floor in range(4):
        top = 0.13 + 0.155 * floor
        for column in range(6):
            left = 0.225 + 0.104 * column
            scene = block(scene, "window", (left, top, left + 0.056, top + 0.1), thing=True)
    for left in (0.03, 0.11, 0.9):
        for top in (0.3, 0.48):
            scene = block(scene, "window", (left, top, left + 0.05, top + 0.1), thing=True)
    for left in (0.225, 0.62):
        scene = block(scene, "window", (left, 0.74, left + 0.2, 0.84), thing=True)
    scene = block(scene, "door", (0.49, 0.72, 0.56, 0.86), thing=True)
    return _planted(scene)


def _planted(scene: LabelMap) -> LabelMap:
    """With a tree before the house and a car at the kerb."""
    tree, car = (scene.label_set.named(name).id for name in ("vegetation", "car"))
    for x, y, radius in ((0.1, 0.6, 0.11), (0.06, 0.7, 0.09), (0.15, 0.68, 0.09)):
        scene = painted(scene, _disc(scene.size, x, y, radius), Ink(tree))
    trunk = _outline(scene.size, ((0.092, 0.7), (0.112, 0.7), (0.112, 0.9), (0.092, 0.9)))
    scene = painted(scene, trunk, Ink(tree))
    ink = Ink(car, scene.next_object)
    for part in (
        _outline(scene.size, _CAR),
        _disc(scene.size, 0.715, 0.915, 0.028),
        _disc(scene.size, 0.855, 0.915, 0.028),
    ):
        scene = painted(scene, part, ink)
    return scene


def _outline(size: Size, shares: Sequence[tuple[float, float]]) -> Stamp:
    """A polygon by shares of the width and height."""
    return polygon(size, [(x * size[0], y * size[1]) for x, y in shares])


def _disc(size: Size, x: float, y: float, radius: float) -> Stamp:
    """A disc by shares of the width and, its radius too, of the height."""
    at, reach = (x * size[0], y * size[1]), radius * size[1]
    return stroke(size, at, at, (reach, reach))


TEMPLATES: tuple[Template, ...] = (
    Template("Empty road", cityscapes, empty_road),
    Template("Busy road", cityscapes, busy_road),
    Template("Crossing", cityscapes, crossing),
    Template("Square", cityscapes, square),
    Template("House front", facades, house_front),
)
