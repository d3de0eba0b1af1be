"""The reposer's recipe, end to end on drawn people: trains, exports, and the export paints."""

import json

import numpy as np
import pytest
import torch

from engine import registry, weights
from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.runtime import Runtime
from tests.unit.people import drawn_person
from tests.unit.test_people_data import write_pack
from trainer.loop import RunOptions
from trainer.networks.perceptual import Perceptual
from trainer.recipes.deformable import DeformableRecipe, DeformableTask, train_deformable


@pytest.fixture
def narrow_vgg(tmp_path):
    """A VGG-16 in torchvision's naming, four channels wide, with random weights."""
    torch.manual_seed(0)
    state, inputs = {}, 3
    for index in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28):
        state[f"features.{index}.weight"] = torch.randn(4, inputs, 3, 3) * 0.3
        state[f"features.{index}.bias"] = torch.zeros(4)
        inputs = 4
    path = tmp_path / "vgg.pth"
    torch.save(state, path)
    return path


@pytest.fixture
def recipe(tmp_path, narrow_vgg):
    for split in ("train", "val"):
        write_pack(tmp_path / "drawn", split)
    return DeformableRecipe(
        data=tmp_path,
        packs=("drawn",),
        sides=(32, 64),
        shares=(0.5, 0.5),
        channels=(8, 8, 8, 8),
        perceptual=str(narrow_vgg),
    )


def test_both_sizes_train_and_the_export_paints(recipe, tmp_path):
    options = RunOptions(out=tmp_path / "run", images=16, batch=4, device="cpu", tick=0)
    path = train_deformable(recipe, options)
    assert path == tmp_path / "run" / "64" / "model.safetensors"
    losses = json.loads((path.parent / "stats.jsonl").read_text().splitlines()[0])
    for name in ("l1", "matte", "perceptual", "generated", "low", "fool", "judge"):
        assert np.isfinite(losses[name])
    file = weights.load(path)
    assert (file.card.side, file.card.architecture) == (64, "deformable")
    painter = registry.build(file, Runtime(torch.device("cpu"), torch.float32))
    photo, mask, pose = drawn_person()
    prepared = painter.prepare(FromPhoto(photo, pose, mask))
    picture = painter.paint(pose, prepared, 96, lambda: False)
    assert picture.size == (96, 96)
    assert picture.pixels[..., 3].max() > 200


def test_the_second_size_starts_from_the_first(recipe, tmp_path):
    options = RunOptions(out=tmp_path / "run", images=16, batch=4, device="cpu")
    train_deformable(recipe, options)
    first = weights.load(tmp_path / "run" / "32" / "model.safetensors").tensors
    task = DeformableTask(recipe, 1, tmp_path / "run" / "32" / "model.safetensors")
    for name, value in task.network.state_dict().items():
        torch.testing.assert_close(value, first[name].float())


def test_sizes_and_shares_must_match(recipe, tmp_path):
    from dataclasses import replace

    with pytest.raises(InputError, match="same number"):
        train_deformable(replace(recipe, shares=(1.0,)), RunOptions(out=tmp_path / "run"))


def test_perceptual_distance_grows_with_the_damage(narrow_vgg):
    judge = Perceptual(str(narrow_vgg), ("relu1_2", "relu3_3"))
    picture = torch.rand(1, 3, 32, 32)
    noise = torch.randn(1, 3, 32, 32)
    distances = [float(judge.distance(picture + s * noise, picture)) for s in (0, 0.05, 0.3)]
    assert distances[0] == 0
    assert distances[0] < distances[1] < distances[2]


def test_perceptual_features_are_those_of_the_plain_network(narrow_vgg):
    """Against torch's own layers, in torchvision's order and normalisation."""
    state = torch.load(narrow_vgg, weights_only=True)
    x = torch.rand(1, 3, 32, 32)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    h = (x - mean) / std
    for index in (0, 2):
        h = torch.conv2d(
            h, state[f"features.{index}.weight"], state[f"features.{index}.bias"], padding=1
        ).relu()
    first = h
    h = torch.max_pool2d(h, 2)
    h = torch.conv2d(h, state["features.5.weight"], state["features.5.bias"], padding=1).relu()
    found = Perceptual(str(narrow_vgg), ("relu1_2", "relu2_1"))(x)
    torch.testing.assert_close(found[0], first, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found[1], h, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("source", "words"), [("nowhere.pth", "No perceptual network"), ("bad", "No perceptual")]
)
def test_a_missing_perceptual_network_is_named(source, words):
    with pytest.raises(InputError, match=words):
        Perceptual(source, ("relu1_2",))


def test_unknown_taps_are_named(narrow_vgg):
    with pytest.raises(InputError, match="relu9_9"):
        Perceptual(str(narrow_vgg), ("relu9_9",))
