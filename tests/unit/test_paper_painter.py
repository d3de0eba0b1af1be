"""The published form as a painter: model files of a tiny generator, drawn people."""

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine import registry, weights
from engine.appearance import FromPhoto
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.painters.base import Stopped
from engine.painters.deformable.paper_network import PaperConfig, PaperGenerator
from engine.photo import Mask, Photo
from engine.runtime import Runtime
from engine.shapes.pose import Presence
from tests.unit.people import drawn_person

CPU = Runtime(torch.device("cpu"), torch.float32)


def model(tmp_path, **changes):
    config = {"height": 64, "width": 32, "channels": 4} | changes
    card = Card(
        id="paper-test",
        architecture="deformable-paper",
        title="Test",
        summary="A test.",
        config=config,
        takes=("FromPhoto",),
        side=64,
        alpha=config.get("alpha", False),
    )
    path = tmp_path / "paper.safetensors"
    weights.save(path, card, PaperGenerator(PaperConfig(**config)).state_dict())
    return weights.load(path)


def test_a_painter_with_alpha_paints_in_the_middle_of_the_frame(tmp_path):
    painter = registry.build(model(tmp_path, alpha=True), CPU)
    photo, mask, pose = drawn_person()
    prepared = painter.prepare(FromPhoto(photo, pose, mask))
    target = pose.moved(left_wrist=(200, 60))
    picture = painter.paint(target, prepared, 128, lambda: False)
    assert picture.pixels.shape == (128, 128, 4)
    assert prepared.nbytes > 0
    assert not picture.pixels[:, :28, 3].any()
    assert picture.pixels[:, 40:88, 3].std() > 0
    again = painter.paint(target, painter.prepare(FromPhoto(photo, pose, mask)), 128, lambda: False)
    np.testing.assert_array_equal(picture.pixels, again.pixels)
    other = painter.paint(pose, prepared, 128, lambda: False)
    assert (other.pixels != picture.pixels).any()


def test_a_painter_without_alpha_takes_photos_of_its_own_shape_whole(tmp_path):
    painter = registry.build(model(tmp_path), CPU)
    photo, _, pose = drawn_person((64, 128))
    prepared = painter.prepare(FromPhoto(photo, pose))
    frame = prepared.frame
    assert (frame.left, frame.top, frame.side) == (-32, 0, 128)
    seen = (prepared.encoded.picture[0].permute(1, 2, 0).numpy() + 1) * 127.5
    small = photo.pixels.reshape(64, 2, 32, 2, 3).mean((1, 3))
    np.testing.assert_allclose(seen, small, atol=1)
    where = prepared.encoded.joints[0].numpy()
    np.testing.assert_allclose(where[:, :2], pose.xy / 2, atol=1e-4)
    picture = painter.paint(pose, prepared, 64, lambda: False)
    alpha = picture.pixels[..., 3]
    x, y = (int(v) for v in pose["left_knee"])
    assert alpha[y // 2, 16 + x // 2] > 200  # the pose's silhouette
    assert alpha[2, 18] < 50
    assert not alpha[:, :16].any()


def test_unusable_input_is_named(tmp_path):
    painter = registry.build(model(tmp_path, alpha=True), CPU)
    photo, mask, pose = drawn_person()
    hipless = pose.marked(Presence.missing, "left_hip")
    with pytest.raises(InputError, match="left hip"):
        painter.prepare(FromPhoto(photo, hipless, mask))
    for mask_of_nobody in (None, Mask(np.zeros_like(mask.pixels))):
        with pytest.raises(InputError, match="Nobody"):
            painter.prepare(FromPhoto(photo, pose, mask_of_nobody))
    prepared = painter.prepare(FromPhoto(photo, pose, mask))
    with pytest.raises(InputError, match="left hip"):
        painter.paint(hipless, prepared, 64, lambda: False)
    with pytest.raises(Stopped):
        painter.paint(pose, prepared, 64, lambda: True)


def test_wrong_weights_and_configs_are_model_errors(tmp_path):
    loaded = model(tmp_path)
    tensors = dict(loaded.tensors)
    tensors.pop("decoder.head.bias")
    for card, given in (
        (loaded.card, tensors),
        (replace(loaded.card, config={"height": 48, "width": 48}), loaded.tensors),
        (replace(loaded.card, config={"sides": 48}), loaded.tensors),
        (replace(loaded.card, side=128), loaded.tensors),
    ):
        with pytest.raises(ModelError, match="paper-test"):
            registry.build(weights.Loaded(card, given, ""), CPU)


def test_photo_of_another_shape_is_framed_around_the_person(tmp_path):
    painter = registry.build(model(tmp_path), CPU)
    photo, mask, pose = drawn_person((240, 320))
    wide = Photo(np.pad(photo.pixels, ((0, 0), (0, 200), (0, 0))))
    prepared = painter.prepare(FromPhoto(wide, pose, mask))
    assert prepared.frame.side < 440
