"""BicycleGAN on label maps: one look a scene, any size, model files there and back."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.appearance import Appearance, FromPhoto, Mix, Parts, PerObject, Sampled, Vector
from engine.card import Card
from engine.errors import InputError, ModelError, Unsupported
from engine.painters.base import Stopped
from engine.painters.bicyclegan.network import BicycleConfig
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.scenes import (
    SceneBicycleConfig,
    SceneBicycleGan,
    SceneBicyclePainter,
    load,
)
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.labels import Label, LabelMap, LabelSet

RUNTIME = Runtime(torch.device("cpu"), torch.float32)
HOUSE = LabelSet("house", tuple(Label(i, n, (i, i, i)) for i, n in enumerate(("wall", "window"))))
TINY = SceneBicycleConfig(
    SceneInputs(2, features=0), 6, BicycleConfig((8, 8, 8, 8, 8), (8, 8, 8, 8), 4, 16)
)
CARD = Card(
    id="x", architecture="bicyclegan-scenes", title="X", summary="", config=asdict(TINY), side=96
)


def house(width: int = 96, height: int = 64) -> LabelMap:
    labels = np.zeros((height, width), np.uint8)
    labels[10:30, 12:24] = 1
    return LabelMap(labels, np.zeros((height, width), np.int32), HOUSE)


@pytest.fixture(scope="module")
def painter() -> SceneBicyclePainter:
    torch.manual_seed(0)
    return SceneBicyclePainter(CARD, SceneBicycleGan(TINY), RUNTIME)


def pixels(
    painter: SceneBicyclePainter, look: Appearance, shape: LabelMap | None = None, side: int = 96
) -> NDArray[np.int16]:
    picture = painter.paint(shape or house(), painter.prepare(look), side, lambda: False)
    return picture.pixels.astype(np.int16)


def test_labels_edges_and_looks_all_reach_the_picture(painter: SceneBicyclePainter) -> None:
    look = Vector((1.0, -1.0, 0.5, 0.0))
    base = pixels(painter, look)
    assert np.abs(pixels(painter, Sampled(3)) - base).max() > 0
    assert np.abs(pixels(painter, look, LabelMap.blank((96, 64), HOUSE)) - base).max() > 0
    split = house().patched((12, 10, 18, 30), np.ones((20, 6), int), np.full((20, 6), 5))
    assert np.abs(pixels(painter, look, split) - base).max() > 0


@pytest.mark.parametrize(("size", "side"), [((96, 64), 96), ((33, 70), 200), ((1, 1), 5)])
def test_any_canvas_is_painted_at_any_size(
    painter: SceneBicyclePainter, size: tuple[int, int], side: int
) -> None:
    picture = painter.paint(
        LabelMap.blank(size, HOUSE), painter.prepare(Sampled(0)), side, lambda: False
    )
    assert max(picture.size) == side
    assert min(picture.size) == max(round(side * min(size) / max(size)), 1)


def test_looks_of_single_objects_are_left_out(painter: SceneBicyclePainter) -> None:
    own = ((1, Vector((9.0, 9.0, 9.0, 9.0))),)
    assert painter.vector(PerObject(Sampled(4), own, 1)) == painter.vector(Sampled(4))
    assert painter.vector(PerObject(None, own, 1)) == painter.vector(Sampled(1))


def test_photos_and_mixes_are_vectors(painter: SceneBicyclePainter) -> None:
    photo = Photo(np.random.default_rng(0).integers(0, 255, (50, 70, 3), np.uint8))
    picture = torch.from_numpy(photo.pixels / np.float32(127.5) - 1).permute(2, 0, 1)[None]
    with torch.inference_mode():
        wanted = painter.network.encode(picture).mean[0]
    np.testing.assert_allclose(painter.vector(FromPhoto(photo)).values, wanted, atol=1e-5)
    ends = painter.vector(Mix(Sampled(1), Sampled(2), 1.0))
    np.testing.assert_allclose(ends.values, painter.vector(Sampled(2)).values, atol=1e-6)


def test_other_looks_are_refused(painter: SceneBicyclePainter) -> None:
    with pytest.raises(InputError, match="4 numbers"):
        painter.prepare(Vector((1.0,)))
    with pytest.raises(Unsupported):
        painter.prepare(Parts(Sampled(1), ()))


def test_painting_can_be_called_off(painter: SceneBicyclePainter) -> None:
    with pytest.raises(Stopped):
        painter.paint(house(), painter.prepare(Sampled(0)), 96, lambda: True)


def test_a_model_file_paints_what_its_network_painted(painter: SceneBicyclePainter) -> None:
    again = load(CARD, painter.network.state_dict(), RUNTIME)
    assert np.array_equal(pixels(again, Sampled(2)), pixels(painter, Sampled(2)))
    with pytest.raises(ModelError, match="does not fit its own card"):
        load(CARD, {}, RUNTIME)


def test_every_parameter_learns() -> None:
    torch.manual_seed(1)
    network = SceneBicycleGan(TINY)
    classes = torch.randint(0, 2, (2, 64, 64))
    look = network.encode(torch.rand(2, 3, 64, 64) * 2 - 1)
    z = look.mean + (look.spread / 2).exp() * torch.randn_like(look.mean)
    x = network.inputs.shape(classes, classes)
    network.paint(network.read(x), z).abs().mean().backward()
    silent = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not silent
