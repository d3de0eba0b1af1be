"""The VUNet on edges: boxes, codes in their places, looks from photos, invented and mixed."""

from __future__ import annotations

from dataclasses import asdict

import msgspec
import numpy as np
import pytest
import torch

from engine import registry, weights
from engine.appearance import FromPhoto, Mix, Sampled, Vector
from engine.card import Card
from engine.errors import InputError, ModelError, Unsupported
from engine.painters.base import Stopped
from engine.painters.vunet.edges import EdgesVunetPainter, load
from engine.painters.vunet.edges_network import (
    EdgesVunet,
    drawn_boxes,
    item_boxes,
    outline_vector,
)
from engine.painters.vunet.network import VunetConfig
from engine.photo import Mask, Photo
from engine.request import Request
from engine.runtime import Runtime
from engine.session import Session
from engine.shapes.sketch import Sketch, Stroke
from tests.unit.products import drawn_item

TINY = VunetConfig((8, 8, 8, 8), (8, 8, 8, 8), 16, 2, 4, 16, 1)
CPU = Runtime(torch.device("cpu"), torch.float32)
SHAPE = Sketch((90, 60), (Stroke.of([(10, 10), (70, 15), (60, 50), (12, 45), (10, 10)], 2.0),))
OTHER = Sketch((60, 60), (Stroke.of([(30, 5), (50, 50), (10, 50), (30, 5)], 2.0),))


def card() -> Card:
    config = msgspec.json.decode(msgspec.json.encode(asdict(TINY)))  # as a model file has it
    takes = ("FromPhoto", "Sampled", "Mix")
    return Card(
        id="x",
        architecture="vunet-edges",
        title="",
        summary="",
        config=config,
        shape="Sketch",
        takes=takes,
        side=64,
    )


def drawing_network() -> EdgesVunet:
    """Random, with a livelier end than training starts from."""
    torch.manual_seed(3)
    network = EdgesVunet(TINY)
    with torch.no_grad():
        network.unet.head.conv.weight.mul_(10)
    return network


@pytest.fixture(scope="module")
def painter() -> EdgesVunetPainter:
    return load(card(), drawing_network().state_dict(), CPU)


def item(seed: int) -> FromPhoto:
    return FromPhoto(Photo(np.ascontiguousarray(drawn_item(seed)[0][..., ::-1])))


def painted(painter: EdgesVunetPainter, look, shape: Sketch = SHAPE) -> np.ndarray:
    picture = painter.paint(shape, painter.prepare(look), 64, lambda: False)
    return picture.pixels.astype(int)


def test_boxes_hold_the_marks_and_a_blank_picture_is_its_own_box():
    sketch = torch.zeros(3, 1, 40, 80)
    sketch[0, 0, 10:20, 20:60] = 1
    sketch[1, 0, 39, 79] = 1
    x0, y0, x1, y1 = ((drawn_boxes(sketch) + 1) / 2 * torch.tensor([80, 40, 80, 40])).T
    air = 0.04
    assert x0[0] == pytest.approx(20 - 40 * air, abs=1e-4)
    assert x1[0] == pytest.approx(60 + 40 * air, abs=1e-4)
    assert y0[0] == pytest.approx(10 - 10 * air, abs=1e-4)
    assert y1[0] == pytest.approx(20 + 10 * air, abs=1e-4)
    assert (x0[1], y1[1]) == pytest.approx((79 - air, 40 + air), abs=1e-4)
    assert (x0[2], x1[2]) == pytest.approx((-80 * air, 80 + 80 * air), abs=1e-4)
    photos = 1 - 2 * sketch.expand(-1, 3, -1, -1)
    torch.testing.assert_close(item_boxes(photos), drawn_boxes(sketch))


def test_an_item_has_one_look_wherever_and_however_large_it_is():
    network = drawing_network().eval()
    small = torch.ones(1, 3, 128, 128)
    piece = torch.rand(1, 3, 32, 48) - 0.8
    small[..., 8:40, 60:108] = piece
    large = torch.ones(1, 3, 128, 128)
    large[..., 20:84, 10:106] = torch.nn.functional.interpolate(piece, scale_factor=2)
    with torch.no_grad():
        one, two = (network.encode(p, item_boxes(p)) for p in (small, large))
        blank = network.encode(torch.ones(1, 3, 128, 128), item_boxes(torch.ones(1, 3, 128, 128)))
    apart = (one.coarse - two.coarse).norm() / (one.coarse - blank.coarse).norm()
    assert apart < 0.15


def test_features_are_pasted_into_the_box_of_the_drawing():
    network = drawing_network().eval()
    given = {}
    network.unet.register_forward_pre_hook(lambda _, args: given.update(x=args[0]))
    sketch = torch.zeros(1, 1, 64, 64)
    sketch[..., 16:48, 8:24] = 1
    features = torch.zeros(1, 1, TINY.features, 16, 16)
    features[0, 0, 0, :8] = 1.0  # the upper half of the item
    with torch.no_grad():
        network.paint(features, sketch)
    pasted, inside = given["x"][0, 0], given["x"][0, TINY.features]
    assert inside[8:24, 4:12].min() > 0.95
    assert inside[:6].max() == inside[:, 16:].max() == 0
    assert pasted[9:14, 5:11].min() > 0.95
    assert pasted[18:24].max() < 0.05


def test_pieces_of_the_prior_become_the_codes_they_were_made_of():
    network = drawing_network().eval()
    sketch = torch.zeros(2, 1, 64, 64)
    sketch[:, :, 10:50, 12:40] = 1
    codes = network.sample(sketch, [4, 5])
    again = network.sample(sketch, [4, 5])
    assert torch.equal(codes.fine, again.fine)
    assert not torch.equal(codes.fine[0], codes.fine[1])
    moved = network.prior_loss(codes, sketch, 2)
    assert torch.isfinite(moved)
    parts = network.prior.sample(outline_vector(sketch), [4, 5])
    # the first piece holds the upper left corner of the grid and the first share of the vector
    assert torch.equal(codes.coarse[:, 0, : 16 // 16], parts[0][:, 0])
    assert torch.equal(codes.fine[:, 0, :, :2, :2].flatten(1), parts[1][:, 0])


def test_the_prior_is_told_of_the_shape_and_not_of_its_place():
    sketch = torch.zeros(3, 1, 64, 64)
    sketch[0, 0, 8:24, 8:40:4] = 1
    sketch[1, 0, 40:56, 20:52:4] = 1
    sketch[2, 0, 8:40:4, 8:24] = 1
    one, moved, turned = outline_vector(sketch)
    torch.testing.assert_close(one, moved, atol=1e-4, rtol=1e-3)
    assert (one - turned).abs().max() > 0.5
    assert one[-1] > 0 > turned[-1]


def test_the_canvas_is_painted_at_its_proportions(painter):
    picture = painter.paint(SHAPE, painter.prepare(item(1)), 120, lambda: False)
    assert picture.size == (120, 80)
    with pytest.raises(Stopped):
        painter.paint(SHAPE, painter.prepare(item(1)), 64, lambda: True)


def test_looks_of_photos_differ_and_mix(painter):
    a, b = item(1), item(2)
    one, two = painted(painter, a), painted(painter, b)
    assert np.abs(one - two).max() > 2
    assert np.array_equal(painted(painter, Mix(a, b, 0.0)), one)
    assert np.array_equal(painted(painter, Mix(a, b, 1.0)), two)
    half = painted(painter, Mix(a, b, 0.5))
    assert np.abs(half - one).max() < np.abs(one - two).max()
    assert not np.array_equal(half, one)


def test_many_looks_at_once_are_those_one_by_one(painter):
    looks = [painter.prepare(look) for look in (item(1), Sampled(3), Sampled(4, OTHER))]
    together = painter.paint_all(SHAPE, looks, 64, lambda: False)
    for look, picture in zip(looks, together, strict=True):
        alone = painter.paint(SHAPE, look, 64, lambda: False).pixels
        assert np.abs(picture.pixels.astype(int) - alone).max() <= 1


def test_an_invented_look_waits_for_its_drawing_unless_it_is_held(painter):
    free = painter.prepare(Sampled(5))
    assert free.nbytes == 0
    assert np.array_equal(painted(painter, Sampled(5)), painted(painter, Sampled(5, SHAPE)))
    assert not np.array_equal(painted(painter, Sampled(5)), painted(painter, Sampled(6)))
    held = painted(painter, Sampled(5, SHAPE), OTHER)
    assert not np.array_equal(held, painted(painter, Sampled(5), OTHER))


def test_what_is_marked_in_a_photo_is_what_counts(painter):
    busy = np.full((64, 64, 3), (30, 120, 60), np.uint8)
    clean = np.full((64, 64, 3), 255, np.uint8)
    busy[20:40, 10:50] = clean[20:40, 10:50] = (200, 30, 30)
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 10:50] = 255
    marked = painted(painter, FromPhoto(Photo(busy), None, Mask(mask)))
    whole = np.abs(painted(painter, FromPhoto(Photo(busy))) - marked).mean()
    assert np.abs(marked - painted(painter, FromPhoto(Photo(clean)))).mean() < 0.3 * whole
    outline = Sketch((64, 64), (Stroke.of([(10, 20), (50, 20), (50, 40), (10, 40)], 1.0),))
    elsewhere = busy.copy()
    elsewhere[50:] = (250, 10, 200)
    one, two = (FromPhoto(Photo(pixels), outline) for pixels in (busy, elsewhere))
    assert np.array_equal(painted(painter, one), painted(painter, two))
    with pytest.raises(InputError, match="Nothing is marked"):
        painter.prepare(FromPhoto(Photo(busy), None, Mask(np.zeros((64, 64), np.uint8))))


def test_empty_and_full_drawings_are_painted(painter):
    full = Sketch((64, 64), raster=np.full((64, 64), 255, np.uint8))
    dot = Sketch((64, 64), (Stroke.of([(30, 30)], 2.0),))
    for shape in (Sketch((64, 64)), full, dot):
        assert painted(painter, item(1), shape).shape == (64, 64, 3)
        assert painted(painter, Sampled(1), shape).shape == (64, 64, 3)


def test_other_looks_and_other_weights_are_refused(painter):
    with pytest.raises(Unsupported, match="Vector"):
        painter.prepare(Mix(item(1), Vector((0.0,)), 0.5))
    wrong = msgspec.structs.replace(card(), config={**card().config, "coarse": 32})
    with pytest.raises(ModelError, match="does not fit its own card"):
        load(wrong, drawing_network().state_dict(), CPU)
    assert registry.architecture(card()).module == "engine.painters.vunet.edges"


def test_a_session_swaps_painters_under_one_sketch(tmp_path):
    weights.save(tmp_path / "x.safetensors", card(), drawing_network().state_dict())
    session = Session("cpu", [tmp_path / "x.safetensors"])
    pictures = [
        session.paint(Request(model, SHAPE, look)).picture
        for look in (item(1), Sampled(2), Mix(item(1), Sampled(2), 0.3))
        for model in ("shoes", "x")
    ]
    assert {picture.size for picture in pictures} == {SHAPE.size}
    assert len({picture.pixels.tobytes() for picture in pictures}) == len(pictures)
    with pytest.raises(Unsupported):
        session.paint(Request("x", SHAPE, Vector((0.0,) * 8)))
