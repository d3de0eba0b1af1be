"""The plane of ink: where lines lie, and that it always shows its sketch, however it came there."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from engine.shapes.sketch import Sketch, Stroke, distance
from studio.canvas.ink import Ink, plane_scale

SIZE = (700, 500)
EDGE = 64
"""Of 255: the edge of a line may differ so much when it is drawn in other pieces."""


def fresh(sketch):
    ink = Ink(sketch.size)
    ink.show(sketch)
    return ink.plane.astype(int)


def agrees(ink):
    differ = np.abs(ink.plane.astype(int) - fresh(ink.sketch))
    return (differ > EDGE).mean() < 2e-4 and differ.mean() < 0.2


def wandering(rng, erase=False):
    steps = rng.normal(0, 25, (rng.integers(1, 30), 2))
    xy = rng.uniform((0, 0), SIZE) + np.cumsum(steps, 0)
    return Stroke.of(xy, rng.uniform(2, 12, len(xy)), erase)


def test_a_line_covers_the_pixels_within_half_its_width():
    stroke = Stroke.of([(50, 60), (150, 90), (120, 160)], 14)
    ink = Ink((200, 200))
    ink.show(Sketch((200, 200), (stroke,)))
    step = int(ink.scale)
    for x in range(20, 190, 3):
        for y in range(20, 190, 3):
            gap = distance(stroke.xy, (x + 0.5 / step, y + 0.5 / step)) - 7
            if abs(gap) > 0.5:
                assert ink.plane[y * step, x * step] == (255 if gap < 0 else 0), (x, y)


def test_edges_are_smooth():
    ink = Ink((1500, 300))
    ink.show(Sketch((1500, 300), (Stroke.of([(50, 100), (1450, 140)], 6),)))
    assert ink.scale == 1
    column = ink.plane[90:150, 300:1300].astype(float).sum(0) / 255
    assert column.mean() == pytest.approx(6 * np.hypot(1, 40 / 1400), abs=0.3)
    assert len(np.unique(ink.plane)) >= 12


@pytest.mark.parametrize("seed", range(6))
def test_the_plane_shows_its_sketch_whatever_happened_before(seed):
    rng = np.random.default_rng(seed)
    sketch, ink, past = Sketch(SIZE), Ink(SIZE), [Sketch(SIZE)]
    for _ in range(25):
        what = rng.integers(0, 6)
        many = len(sketch.strokes)
        if what <= 1 or not many:
            sketch = sketch.drawn(wandering(rng, erase=rng.random() < 0.25))
        elif what == 2:  # the stroke on top is another one, as while a line is dragged
            sketch = sketch.without({many - 1}).drawn(wandering(rng))
        elif what == 3:
            sketch = sketch.without({int(rng.integers(many))})
        elif what == 4:
            shift = np.array([[1.0, 0, 40], [0, 1.0, -30]])
            sketch = sketch.moved({int(rng.integers(many))}, shift)
        else:
            sketch = past[rng.integers(len(past))]
        past.append(sketch)
        ink.show(sketch)
    assert ink.sketch == sketch and agrees(ink)


def test_lines_under_the_hand_are_taken_back_or_kept():
    rng = np.random.default_rng(9)
    base = Sketch(SIZE, tuple(wandering(rng) for _ in range(5)))
    ink = Ink(SIZE)
    ink.show(base)
    stroke = wandering(rng)
    place = ink.line(stroke.xy, stroke.width)
    assert place.contains(QRectF(*stroke.xy[0].clip((1, 1), (698, 498)), 0.5, 0.5))
    ink.show(base)
    assert agrees(ink)
    ink.line(stroke.xy, stroke.width)
    ink.keep(base.drawn(stroke))
    assert ink.show(base.drawn(stroke)).isEmpty() and agrees(ink)
    ink.show(base)
    assert agrees(ink)


def test_what_has_changed_is_told():
    ink = Ink(SIZE)
    place = ink.show(Sketch(SIZE, (Stroke.of([(600, 400), (640, 420)], 5),)))
    assert place.contains(QRectF(597, 397, 46, 26)) and place.width() < 300
    assert ink.show(ink.sketch).isEmpty()
    assert ink.line(np.array([[-50.0, -50.0]]), np.array([5.0])).isEmpty()


def test_another_canvas_and_a_picture_of_lines():
    ink = Ink((100, 80))
    ink.show(Sketch((100, 80), (Stroke.of([(10, 10)], 4),)))
    raster = np.zeros((1000, 3000), np.uint8)
    raster[500:505] = 200
    ink.show(Sketch((3000, 1000), raster=raster))
    assert ink.scale == 1 and ink.plane[502, 1000] == 200 and ink.plane[10, 10] == 0
    ink.show(Sketch((3000, 1000)))
    assert not ink.plane.any()


def test_canvases_get_planes_that_are_sharp_but_never_huge():
    assert plane_scale((256, 256)) == 4 and plane_scale((1024, 700)) == 2
    assert plane_scale((3000, 2000)) == 1
    assert max(Ink((12_000, 90)).plane.shape) <= 4096 + 16


@pytest.mark.parametrize("side", [40, 100, 400, 1600])
def test_it_is_seen_as_gray_as_it_is_at_any_size(qapp, side):
    """A fine pattern seen small has its mean, not every n-th of its pixels."""
    lines = tuple(Stroke.of([(x, -10), (x, 410)], 2) for x in range(2, 400, 8))
    ink = Ink((400, 400))
    ink.show(Sketch((400, 400), lines))
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ink.draw(painter, QRectF(0, 0, side, side))
    seen = [image.pixelColor(x, side // 2).lightness() for x in range(side)]
    assert np.mean(seen) == pytest.approx(255 * 0.75, abs=6)
    assert side > 100 or np.ptp(seen[2:-2]) < 200
