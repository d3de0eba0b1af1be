"""Weights as bytes: near the truth, half the size, and damage is found."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from engine import registry, weights
from engine.appearance import Vector
from engine.card import Card
from engine.eight_bit import packed, unpacked
from engine.errors import ModelError
from engine.painters.bicyclegan.network import BicycleConfig, BicycleGan
from engine.painters.bicyclegan.painter import load
from engine.runtime import Runtime
from engine.shapes.sketch import Sketch, Stroke

CONFIG = BicycleConfig((16, 24, 32, 32, 32), (8, 8, 12, 12), 5, 24)
CARD = Card(
    id="tiny", architecture="bicyclegan", title="", summary="", config=asdict(CONFIG), side=64
)


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(1)
    state = BicycleGan(CONFIG).state_dict()
    weights.save(tmp_path / "m.safetensors", CARD, {k: v.half() for k, v in state.items()})
    return tmp_path / "m.safetensors"


@pytest.fixture
def small(model, tmp_path):
    weights.repack(model, tmp_path / "small.safetensors")
    return tmp_path / "small.safetensors"


def test_no_weight_is_off_by_more_than_half_a_step_of_its_own_channel():
    rng = np.random.default_rng(0)
    spreads = 10.0 ** rng.uniform(-6, 2, (40, 1, 1, 1))  # channels far apart
    kernel = (rng.standard_normal((40, 7, 3, 3)) * spreads).astype(np.float32)
    kernel[3] = 0
    back = unpacked(packed({"k": torch.from_numpy(kernel)}))["k"].numpy()
    step = np.abs(kernel).max((1, 2, 3), keepdims=True) / 127
    assert (np.abs(back - kernel) <= 0.501 * step).all()
    assert not back[3].any() and back.dtype == np.float32


def test_small_tensors_and_whole_numbers_are_kept_exactly():
    kept = {
        "bias": torch.randn(5000),
        "small": torch.randn(8, 8).half(),
        "counts": torch.arange(4096).reshape(64, 64),
    }
    stored = packed(kept)
    assert stored.keys() == kept.keys()
    assert all(torch.equal(unpacked(stored)[name], value) for name, value in kept.items())


def test_a_parameter_may_be_called_scale():
    kept = {"norm": torch.ones(4), "norm.scale": torch.ones(4), "scale": torch.randn(40, 40)}
    assert unpacked(packed(kept)).keys() == kept.keys()


def test_the_file_is_smaller_says_so_and_opens_like_any_other(model, small):
    assert weights.read_card(model).bits == 16 and weights.read_card(small).bits == 8
    assert small.stat().st_size < 0.62 * model.stat().st_size  # many small tensors in this one
    loaded = weights.load(small)
    assert loaded.tensors.keys() == weights.load(model).tensors.keys()
    assert loaded.digest == weights.digest_of(small) != weights.digest_of(model)


def test_pictures_are_the_same_to_the_eye(model, small):
    stroke = Stroke.of([(5, 5), (60, 20), (50, 55), (8, 40), (5, 5)], 2.0)
    pictures = []
    for path in (model, small):
        file = weights.load(path)
        painter = load(file.card, file.tensors, Runtime(torch.device("cpu"), torch.float32))
        look = painter.prepare(Vector((1.0, -0.5, 0.3, 0.8, -1.2)))
        sketch = Sketch((64, 64), (stroke,))
        pictures.append(painter.paint(sketch, look, 64, lambda: False).pixels.astype(float))
    assert pictures[0].std() > 10
    error = np.square(pictures[0] - pictures[1]).mean()
    assert 0 < error < 255**2 / 10**4.0  # PSNR 40 dB


def test_packing_again_changes_nothing_and_unpacking_gives_a_half_precision_file(small, tmp_path):
    again, half = tmp_path / "again.safetensors", tmp_path / "half.safetensors"
    weights.repack(small, again)
    weights.repack(small, half, bits=16)
    bytes_, repeated = load_file(small), load_file(again)
    assert all(torch.equal(bytes_[n], repeated[n]) for n in bytes_ if bytes_[n].dtype == torch.int8)
    assert weights.read_card(half).bits == 16
    truth = weights.load(small).tensors
    for name, value in weights.load(half).tensors.items():
        assert value.dtype == torch.float16
        assert torch.allclose(value.float(), truth[name].float(), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("harm", ["missing", "short"])
def test_bytes_without_their_scales_are_damage(small, harm):
    from safetensors import safe_open

    with safe_open(small, "pt") as file:
        metadata = file.metadata()
    stored = load_file(small)
    name = next(n for n in stored if n.endswith(".scale"))
    if harm == "missing":
        del stored[name]
    else:
        stored[name] = stored[name][:-1].clone()
    save_file(stored, small, metadata)
    with pytest.raises(ModelError, match="damaged"):
        weights.load(small)


def test_the_bundle_stays_small_and_each_card_tells_how_its_file_holds_weights():
    bundled = registry.bundled()
    sizes = [path.stat().st_size for path in bundled]
    assert max(sizes) <= 12e6 and sum(sizes) <= 40e6
    for path in bundled:
        assert (weights.read_card(path).bits == 8) == (b'"I8"' in path.read_bytes()[:200_000])
