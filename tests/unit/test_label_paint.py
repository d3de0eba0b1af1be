"""Stamps against their definition pixel by pixel, and what may be painted over."""

import numpy as np
import pytest

from engine.boxes import rows
from engine.errors import InputError
from engine.shapes.label_paint import (
    Ink,
    Rules,
    Stamp,
    painted,
    polygon,
    rectangle,
    region,
    replaced,
    stroke,
)
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from tests.unit.test_labels import CAR, PERSON, ROAD, scattered

SKY, SIZE = 23, (40, 30)


def whole(stamp, size=SIZE):
    """The stamp on the whole canvas."""
    canvas = np.zeros(size[::-1], bool)
    canvas[rows(stamp.box)] = stamp.mask
    return canvas


def middles(size=SIZE):
    return np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)


@pytest.mark.parametrize(
    ("start", "end", "radii"),
    [
        ((10.0, 9.0), (10.0, 9.0), (6.0, 6.0)),
        ((3.2, 25.1), (33.7, 4.4), (2.5, 2.5)),
        ((-4.0, -2.0), (12.0, 5.0), (3.0, 7.0)),
        ((38.0, 29.0), (60.0, 50.0), (4.0, 4.0)),
    ],
)
def test_a_stroke_covers_what_is_within_its_radius_of_the_way(start, end, radii):
    x, y = middles()
    near = np.zeros_like(x, bool)
    for t in np.linspace(0, 1, 4001):  # the brush, put down again and again
        at = np.add(start, t * np.subtract(end, start))
        near |= np.hypot(x - at[0], y - at[1]) <= radii[0] + t * (radii[1] - radii[0])
    got = whole(stroke(SIZE, start, end, radii))
    if radii[0] == radii[1]:
        assert np.array_equal(got, near)
    else:  # a growing brush is measured across its way
        assert (got != near).sum() <= 0.1 * near.sum()


def test_the_finest_brush_paints_single_pixels_and_lines_without_gaps():
    assert whole(stroke(SIZE, (5.0, 5.0), (5.0, 5.0), (0.5, 0.5))).sum() == 1
    line = whole(stroke(SIZE, (2.3, 3.1), (37.2, 20.9), (0.5, 0.5)))
    assert line.any(0)[3:37].all() and line.sum() <= 2 * 36


def test_a_stroke_outside_the_map_paints_nothing():
    scene = LabelMap.blank(SIZE, cityscapes())
    stamp = stroke(SIZE, (-20.0, -20.0), (-30.0, 5.0), (4.0, 4.0))
    assert painted(scene, stamp, Ink(ROAD)) is scene


@pytest.mark.parametrize("seed", range(6))
def test_polygons_are_filled_where_the_outline_winds_around(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-8, 42, (rng.integers(3, 9), 2))
    x, y = middles()
    turns = np.zeros_like(x)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        # angle that each side takes up, seen from every pixel
        first, second = np.arctan2(a[1] - y, a[0] - x), np.arctan2(b[1] - y, b[0] - x)
        turns += np.angle(np.exp(1j * (second - first)))
    expected = np.abs(np.rint(turns / (2 * np.pi))) > 0
    assert np.array_equal(whole(polygon(SIZE, corners)), expected)


def test_flat_far_and_unusable_polygons():
    assert not whole(polygon(SIZE, [(3, 3), (9, 3), (20, 3)])).any()
    assert not whole(polygon(SIZE, [(-30, -30), (-20, -30), (-20, -20)])).any()
    assert whole(polygon(SIZE, [(-9, -9), (99, -9), (99, 99), (-9, 99)])).all()
    for bad in ([(0, 0), (1, 1)], [(0, 0), (1, 1), (np.nan, 2)]):
        with pytest.raises(InputError):
            polygon(SIZE, bad)


def test_rectangles_take_both_pixels_they_are_drawn_between():
    canvas = whole(rectangle(SIZE, (7.9, 3.1), (4.2, 8.0)))
    expected = np.zeros_like(canvas)
    expected[3:9, 4:8] = True
    assert np.array_equal(canvas, expected)
    assert whole(rectangle(SIZE, (39.5, 29.5), (39.5, 29.5))).sum() == 1


def flooded(scene, x, y):
    """Four-connected, by a list."""
    here = scene.at((x, y))
    todo, seen = [(x, y)], set()
    while todo:
        x, y = todo.pop()
        if (x, y) in seen or scene.at((x, y)) != here:
            continue
        seen.add((x, y))
        todo += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    return seen


@pytest.mark.parametrize("seed", range(4))
def test_a_region_hangs_together_or_is_everything_alike(seed):
    scene = scattered(seed)
    x, y = 41, 33
    found = region(scene, (x + 0.3, y + 0.9))
    expected = flooded(scene, x, y)
    assert whole(found, scene.size).sum() == len(expected)
    assert all(whole(found, scene.size)[j, i] for i, j in expected)
    alike = whole(region(scene, (x, y), everywhere=True), scene.size)
    label, number = scene.at((x, y))
    assert np.array_equal(alike, (scene.labels == label) & (scene.objects == number))
    assert region(scene, (-1, 4)) is None


def full(size=SIZE):
    return Stamp((0, 0, *size), np.ones(size[::-1], bool))


def layered():
    """Left to right: nothing, road, sky, a car, a person."""
    scene = LabelMap.blank(SIZE, cityscapes())
    for n, ink in enumerate([Ink(ROAD), Ink(SKY), Ink(CAR, 4), Ink(PERSON, 9)]):
        scene = painted(scene, rectangle(SIZE, (8 * n + 8, 0), (8 * n + 15, 29)), ink)
    return scene


def columns(scene):
    """What each fifth of the map is."""
    return [scene.at((8 * n + 4, 15)) for n in range(5)]


def test_new_wins_covers_everything_but_what_is_protected():
    assert columns(painted(layered(), full(), Ink(SKY))) == [(SKY, 0)] * 5
    kept = painted(layered(), full(), Ink(SKY), Rules(protected=frozenset({CAR, ROAD})))
    assert columns(kept) == [(SKY, 0), (ROAD, 0), (SKY, 0), (CAR, 4), (SKY, 0)]


def test_old_wins_keeps_objects_in_front_and_surfaces_from_surfaces():
    old = Rules(new_wins=False)
    surface = columns(painted(layered(), full(), Ink(SKY), old))
    assert surface == [(SKY, 0), (ROAD, 0), (SKY, 0), (CAR, 4), (PERSON, 9)]
    behind = columns(painted(layered(), full(), Ink(CAR, 11), old))
    assert behind == [(CAR, 11)] * 3 + [(CAR, 4), (PERSON, 9)]


def test_painting_what_is_there_already_is_no_change():
    scene = layered()
    assert painted(scene, rectangle(SIZE, (9, 2), (14, 20)), Ink(ROAD)) is scene
    assert replaced(scene, full(), scene.labels, scene.objects) is scene


def test_maps_know_where_they_differ():
    scene = layered()
    one = painted(scene, rectangle(SIZE, (3, 4), (6, 9)), Ink(CAR, 2))
    two = painted(scene, rectangle(SIZE, (20, 1), (22, 2)), Ink(ROAD))
    fresh = LabelMap(two.labels, two.objects, two.label_set)
    for a, b in ((one, scene), (scene, one), (one, two), (fresh, scene), (fresh, one), (one, one)):
        box = a.differs_in(b)
        outside = np.ones(SIZE[::-1], bool)
        outside[rows(box)] = False
        assert np.array_equal(a.labels[outside], b.labels[outside])
        assert np.array_equal(a.objects[outside], b.objects[outside])
    assert one.differs_in(scene) == (3, 4, 7, 10) and one.differs_in(two) == (3, 1, 23, 10)
    assert fresh.differs_in(scene) == (20, 1, 23, 3) and fresh.differs_in(two)[2] == 0
