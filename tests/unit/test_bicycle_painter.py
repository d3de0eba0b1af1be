"""The sketch painter: looks as vectors, canvases of any shape, damaged models."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
import torch

from engine.appearance import FromPhoto, Mix, Parts, Sampled, Vector
from engine.card import Card
from engine.errors import InputError, ModelError, Unsupported
from engine.painters.base import Frame, Stopped
from engine.painters.bicyclegan.network import BicycleConfig, BicycleGan
from engine.painters.bicyclegan.painter import BicyclePainter, between, load, thrown
from engine.painters.drawings import on_paper
from engine.photo import Mask, Photo
from engine.runtime import Runtime
from engine.shapes.body import default_pose
from engine.shapes.raster import canvas_frame, item_frame
from engine.shapes.sketch import Sketch, Stroke

CONFIG = BicycleConfig((8, 12, 16, 16, 16), (8, 8, 12, 12), 5, 12)
CARD = Card(
    id="tiny", architecture="bicyclegan", title="", summary="", config=asdict(CONFIG), side=64
)
RUNTIME = Runtime(torch.device("cpu"), torch.float32)
POSE = default_pose((64, 64))


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def painter() -> BicyclePainter:
    torch.manual_seed(3)
    return load(CARD, BicycleGan(CONFIG).state_dict(), RUNTIME)


def sketch(width: int = 200, height: int = 200) -> Sketch:
    stroke = Stroke.of([(30, 20), (width - 20, 40), (width - 40, height - 30), (30, 20)], 3.0)
    return Sketch((width, height), (stroke,))


def test_looks_change_the_picture_and_the_same_look_does_not(painter: BicyclePainter) -> None:
    first, again, other = (
        painter.paint(sketch(), painter.prepare(look), 128, never).pixels.astype(int)
        for look in (Sampled(1, POSE), thrown(1, 5), thrown(2, 5))
    )
    assert np.array_equal(first, again)
    assert np.abs(first - other).mean() > 2


def test_many_looks_at_once_are_the_pictures_one_by_one(painter: BicyclePainter) -> None:
    looks = [painter.prepare(thrown(seed, 5)) for seed in range(4)]
    together = painter.paint_all(sketch(), looks, 64, never)
    for look, picture in zip(looks, together, strict=True):
        alone = painter.paint(sketch(), look, 64, never)
        assert np.abs(alone.pixels.astype(int) - picture.pixels).max() <= 1


def test_a_wide_canvas_is_the_middle_of_a_square_one(painter: BicyclePainter) -> None:
    stroke = Stroke.of([(20, 30), (180, 50), (100, 90)], 3.0)
    lowered = stroke.mapped(np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 50.0]]))
    look = painter.prepare(thrown(4, 5))
    wide = painter.paint(Sketch((200, 100), (stroke,)), look, 128, never)
    square = painter.paint(Sketch((200, 200), (lowered,)), look, 128, never)
    assert wide.size == (128, 64)
    assert np.array_equal(wide.pixels, square.pixels[32:96])


def test_a_photo_lends_its_look_and_what_is_not_marked_does_not_matter(
    painter: BicyclePainter,
) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (80, 60, 3), np.uint8)
    other = pixels.copy()
    other[:, 40:] = 7
    marked = np.zeros((80, 60), np.uint8)
    marked[10:70, 5:40] = 255
    looks = [
        painter.vector(FromPhoto(Photo(p), POSE, Mask(marked))).values for p in (pixels, other)
    ]
    assert looks[0] == pytest.approx(looks[1], abs=1e-5)
    assert painter.seen(Photo(pixels)).values != pytest.approx(looks[0], abs=1e-3)
    with pytest.raises(InputError, match="Nothing is marked"):
        painter.seen(Photo(pixels), Mask(np.zeros((80, 60), np.uint8)))


def test_between_two_looks_is_an_arc() -> None:
    a, b = thrown(1, 8), thrown(2, 8)
    assert between(a, b, 0).values == pytest.approx(a.values)
    assert between(a, b, 1).values == pytest.approx(b.values)
    across = between(Vector((2.0, 0.0)), Vector((0.0, 2.0)), 1 / 3)
    assert across.values == pytest.approx((2 * np.cos(np.pi / 6), 2 * np.sin(np.pi / 6)))
    same = between(a, a, 0.4)
    assert same.values == pytest.approx(a.values)
    assert between(Vector((0.0, 0.0)), Vector((0.0, 2.0)), 0.5).values == pytest.approx((0, 1))


def test_a_mix_in_a_request_is_the_arc(painter: BicyclePainter) -> None:
    wanted = between(thrown(1, 5), thrown(2, 5), 0.25)
    assert painter.vector(Mix(Sampled(1, POSE), Sampled(2, POSE), 0.25)) == wanted


def test_other_looks_are_refused(painter: BicyclePainter) -> None:
    with pytest.raises(InputError, match="5 numbers"):
        painter.prepare(Vector((1.0, 2.0)))
    with pytest.raises(InputError, match="not finite"):
        Vector((float("nan"),))
    with pytest.raises(Unsupported):
        painter.vector(Parts(Sampled(1, POSE), ()))


def test_a_picture_no_longer_wanted_is_not_painted(painter: BicyclePainter) -> None:
    with pytest.raises(Stopped):
        painter.paint(sketch(), painter.prepare(thrown(1, 5)), 64, lambda: True)


def test_an_empty_canvas_is_painted_too(painter: BicyclePainter) -> None:
    picture = painter.paint(Sketch((50, 70)), painter.prepare(thrown(1, 5)), 70, never)
    assert picture.size == (50, 70)


def test_a_model_that_does_not_fit_its_card_says_so() -> None:
    tensors = BicycleGan(BicycleConfig((8, 12, 16, 16, 24), (8, 8, 12, 12), 5, 12)).state_dict()
    with pytest.raises(ModelError, match="does not fit its own card"):
        load(CARD, tensors, RUNTIME)


def test_a_small_drawing_is_painted_as_large_as_painters_know_items():
    circle = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([300 + 90 * np.cos(circle), 400 + 90 * np.sin(circle)], 1)
    frame = item_frame(Sketch((800, 600), (Stroke.of(ring, 4),)))
    assert frame.side >= 0.4 * 800 and frame.left < 210 and frame.left + frame.side > 390
    large = item_frame(Sketch((800, 600), (Stroke.of(ring * 2 - (300, 500), 4),)))
    assert 360 / 0.91 <= large.side < 360 / 0.91 + 800 / 24 + 1
    assert abs(large.left + large.side / 2 - 300) <= 800 / 48
    assert item_frame(Sketch((800, 600))) == canvas_frame((800, 600))


def test_what_is_painted_of_a_square_lies_at_its_place_on_white_paper():
    pixels = np.zeros((64, 64, 3), np.uint8)
    placed = on_paper(pixels, Frame(100, 50, 200), (800, 600), 400)
    assert placed.shape == (300, 400, 3)
    dark = np.argwhere(placed[..., 0] < 128)
    assert dark.min(0).tolist() == [25, 50] and dark.max(0).tolist() == [124, 149]
    assert (placed[130:] == 255).all() and (placed[:, :45] == 255).all()


def test_the_grid_of_strided_layers_is_gone_from_enlarged_pictures():
    grid = np.full((64, 64, 3), 100, np.uint8)
    grid[::2] = 140
    large = on_paper(grid, canvas_frame((64, 64)), (64, 64), 256)
    assert np.ptp(large[16:-16].astype(int)) <= 2
    assert on_paper(grid, canvas_frame((64, 64)), (64, 64), 64).tolist() == grid.tolist()
