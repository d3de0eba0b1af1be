"""Sketches: strokes, their changes, and how they are drawn for a painter."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import InputError
from engine.shapes.raster import canvas_frame, drawn_ink
from engine.shapes.sketch import Sketch, Stroke, distance

SQUARE = [(20.0, 20.0), (108.0, 20.0), (108.0, 108.0), (20.0, 108.0), (20.0, 20.0)]


def sketch_of(*strokes: Stroke) -> Sketch:
    return Sketch((128, 128), strokes)


def test_equal_sketches_are_equal_and_others_are_not() -> None:
    one, same = (sketch_of(Stroke.of(SQUARE, 2.0)) for _ in range(2))
    assert one == same
    assert len({one, same}) == 1
    assert one != sketch_of(Stroke.of(SQUARE, 2.5))
    assert one != sketch_of(Stroke.of(SQUARE, 2.0, erase=True))
    assert one != Sketch((129, 128), one.strokes)


def test_nobody_changes_a_stroke_from_outside() -> None:
    points = np.array(SQUARE)
    stroke = Stroke.of(points, 2.0)
    points[0] = 99
    assert stroke.xy[0].tolist() == [20, 20]
    with pytest.raises(ValueError, match="read-only"):
        stroke.xy[0] = 0


@pytest.mark.parametrize(
    ("points", "width"),
    [([], 1.0), ([(0.0, float("nan"))], 1.0), ([(0.0, 0.0)], 0.0), ([(0.0, 0.0, 0.0)], 1.0)],
)
def test_impossible_strokes_say_why(points: list[tuple[float, ...]], width: float) -> None:
    with pytest.raises(InputError):
        Stroke.of(points, width)


def test_a_raster_must_fill_the_canvas() -> None:
    with pytest.raises(InputError, match="fill its canvas"):
        Sketch((128, 64), raster=np.zeros((128, 64), np.uint8))


def test_moving_scales_the_pen_and_leaves_the_others() -> None:
    sketch = sketch_of(Stroke.of([(10, 10), (20, 10)], 2.0), Stroke.of([(5, 5)], 1.0))
    moved = sketch.moved({0}, np.array([[3.0, 0.0, 1.0], [0.0, 3.0, 2.0]]))
    assert moved.strokes[0].xy.tolist() == [[31, 32], [61, 32]]
    assert moved.strokes[0].width == pytest.approx([6, 6])
    assert moved.strokes[1] == sketch.strokes[1]


def test_mirroring_is_seen_in_the_ink() -> None:
    raster = np.zeros((128, 128), np.uint8)
    raster[90:93, 8:40] = 255
    sketch = Sketch((128, 128), (Stroke.of([(10, 20), (50, 70)], 2.0),), raster)
    frame = canvas_frame(sketch.size)
    ink, mirrored = (drawn_ink(s, frame, 128) for s in (sketch, sketch.mirrored()))
    assert np.abs(ink[:, ::-1].astype(int) - mirrored).mean() < 1


def test_near_finds_the_uppermost_stroke_and_no_eraser() -> None:
    below, above = Stroke.of([(10, 50), (90, 50)], 2.0), Stroke.of([(50, 10), (50, 90)], 2.0)
    eraser = Stroke.of([(10, 50), (90, 50)], 8.0, erase=True)
    sketch = sketch_of(below, above, eraser)
    assert sketch.near((50, 50), 3) == 1
    assert sketch.near((80, 52), 3) == 0
    assert sketch.near((80, 60), 3) is None


def test_distance_to_a_polyline_is_that_of_a_dense_one() -> None:
    xy = np.array([(3.0, 4.0), (30.0, 11.0), (12.0, 40.0)])
    shares = np.linspace(0, 1, 2001)[:, None]
    dense = np.concatenate([a + shares * (b - a) for a, b in ((xy[0], xy[1]), (xy[1], xy[2]))])
    for point in ((0.0, 0.0), (25.0, 25.0), (40.0, 8.0)):
        assert distance(xy, point) == pytest.approx(np.hypot(*(dense - point).T).min(), abs=1e-3)


def test_a_line_lies_where_it_was_drawn() -> None:
    sketch = Sketch((256, 128), (Stroke.of([(101.0, 20.0), (101.0, 100.0)], 2.0),))
    ink = drawn_ink(sketch, canvas_frame(sketch.size), 128).astype(float)
    rows, columns = np.nonzero(ink > 40)
    weights = ink[rows, columns]
    middle = (weights * (columns + 0.5)).sum() / weights.sum()
    assert middle == pytest.approx(101.0 / 2, abs=0.25)
    assert rows.min() + 0.5 == pytest.approx((20 + 64) / 2, abs=1.5)
    assert rows.max() + 0.5 == pytest.approx((100 + 64) / 2, abs=1.5)


def test_pens_of_any_canvas_become_lines_that_painters_know() -> None:
    for scale, pen in ((1, 0.5), (8, 4.0), (1, 30.0)):
        size = (128 * scale, 128 * scale)
        sketch = Sketch(size, (Stroke.of(np.array(SQUARE) * scale, pen),))
        ink = drawn_ink(sketch, canvas_frame(size), 128)
        across = ink[64, 10:30].astype(float).sum() / 255
        assert 1 <= across <= 3


def test_pressure_changes_the_width_along_a_stroke() -> None:
    widths = np.linspace(0.5, 6.0, 40)
    points = np.stack([np.linspace(10, 118, 40), np.full(40, 64.0)], 1)
    ink = drawn_ink(sketch_of(Stroke.of(points, widths)), canvas_frame((128, 128)), 128) / 255.0
    assert ink[:, 110].sum() > 1.4 * ink[:, 20].sum()


def test_an_eraser_takes_strokes_and_raster_away_but_not_what_comes_later() -> None:
    raster = np.zeros((128, 128), np.uint8)
    raster[63:65] = 255
    line = Stroke.of([(64, 0), (64, 128)], 2.0)
    eraser = Stroke.of([(64, 64)], 40.0, erase=True)
    later = Stroke.of([(56, 60), (72, 60)], 2.0)
    ink = drawn_ink(
        Sketch((128, 128), (line, eraser, later), raster), canvas_frame((128, 128)), 128
    )
    assert ink[64, 50:78].max() == 0
    assert ink[64, 20] > 200
    assert ink[20, 64] > 200
    assert ink[60, 64] > 200


def test_thin_lines_of_a_large_raster_stay_black() -> None:
    raster = np.zeros((4000, 4000), np.uint8)
    raster[:, 2000:2006] = 255
    ink = drawn_ink(Sketch((4000, 4000), raster=raster), canvas_frame((4000, 4000)), 128)
    assert ink[:, 62:66].max(axis=1).min() > 150
    assert ink[:, :60].max() == 0


def test_empty_means_nothing_was_drawn() -> None:
    assert Sketch((64, 64)).is_empty
    assert sketch_of(Stroke.of([(3, 3)], 2.0, erase=True)).is_empty
    assert not sketch_of(Stroke.of([(3, 3)], 2.0)).is_empty
    assert not drawn_ink(Sketch((64, 64)), canvas_frame((64, 64)), 128).any()


def test_many_strokes_are_moved_as_each_alone():
    rng = np.random.default_rng(4)
    strokes = tuple(
        Stroke.of(rng.uniform(0, 90, (n, 2)), rng.uniform(1, 5, n), erase=n % 3 == 0)
        for n in range(1, 9)
    )
    matrix = np.array([[0.6, -0.3, 12.0], [0.5, 1.4, -3.0]])
    moved = Sketch((100, 100), strokes).moved({0, 2, 3, 7}, matrix)
    for n, (before, after) in enumerate(zip(strokes, moved.strokes, strict=True)):
        if n not in {0, 2, 3, 7}:
            assert after is before
            continue
        turned = np.array([matrix @ (x, y, 1) for x, y in before.xy])
        np.testing.assert_allclose(after.xy, turned)
        np.testing.assert_allclose(after.width, before.width * np.sqrt(0.6 * 1.4 + 0.3 * 0.5))
        assert after.erase == before.erase and not after.xy.flags.writeable
    with pytest.raises(InputError, match="width above zero"):
        moved.moved({1}, np.zeros((2, 3)))


def test_equal_sketches_have_equal_strokes_in_the_same_order():
    a, b = Stroke.of([(1, 2), (3, 4)], 2.0), Stroke.of([(5, 6)], 1.0)
    raster = np.zeros((8, 9), np.uint8)
    one = Sketch((9, 8), (a, b), raster)
    assert one == Sketch((9, 8), (Stroke.of([(1, 2), (3, 4)], 2.0), b), raster.copy())
    assert hash(one) == hash(Sketch((9, 8), (a, b), raster))
    others = (
        Sketch((9, 8), (b, a), raster),
        Sketch((9, 8), (a,), raster),
        Sketch((9, 8), (a, b)),
        Sketch((9, 8), (a, b), raster + 1),
        Sketch((8, 9), (a, b)),
        Sketch((9, 8), (a, Stroke.of([(5, 6)], 1.0, erase=True)), raster),
    )
    assert all(one != other for other in others)
