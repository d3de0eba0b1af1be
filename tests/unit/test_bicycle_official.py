"""Official BicycleGAN checkpoints: they import and paint what the official code paints."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.errors import InputError, ModelError, Unsupported
from engine.painters.bicyclegan.network import BicycleGan
from engine.painters.bicyclegan.official import OfficialConfig, OfficialGan, load
from engine.painters.bicyclegan.official_files import import_official
from engine.painters.bicyclegan.painter import thrown
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.sketch import Sketch, Stroke

RUNTIME = Runtime(torch.device("cpu"), torch.float32)
SKETCH = Sketch((60, 40), (Stroke.of([(10, 10), (50, 12), (30, 35), (10, 10)], 1.0),))


needs_packs = pytest.mark.skipif("GUISE_DATA" not in os.environ, reason="GUISE_DATA names no packs")


@pytest.fixture
def official() -> Path:
    return Path(os.environ["GUISE_DATA"]) / "official_layout"


@needs_packs
@pytest.mark.parametrize("name", ["bicyclegan_all_basic", "bicyclegan_input_bilinear"])
def test_generators_paint_the_official_picture(official: Path, name: str) -> None:
    card, tensors = import_official(official / name / "latest_net_G.pth")
    known = json.loads((official / name / "config.json").read_text())
    assert card.config["everywhere"] == (known["where_add"] == "all")
    assert card.config["bilinear"] == (known["upsample"] == "bilinear")
    network = load(card, tensors, RUNTIME).network
    expected = load_file(official / name / "expected.safetensors")
    with torch.inference_mode():
        painted = network.paint([expected["input_0"]], expected["input_1"])
    assert (painted - expected["output_0"]).abs().max() < 1e-4


@needs_packs
@pytest.mark.parametrize("kind", ["conv", "resnet"])
def test_encoders_read_the_official_looks(official: Path, kind: str) -> None:
    folder = official / f"bicyclegan_encoder_{kind}_128"
    card, tensors = import_official(
        official / "bicyclegan_all_basic" / "latest_net_G.pth", folder / "latest_net_E.pth"
    )
    network = load(card, tensors, RUNTIME).network
    expected = load_file(folder / "expected.safetensors")
    with torch.inference_mode():
        look = network.encode(expected["input_0"])
    for found, name in zip(look, ("output_0", "output_1"), strict=True):
        assert (found - expected[name]).abs().max() < 1e-4


@needs_packs
def test_an_imported_model_paints_sketches_of_any_size(official: Path) -> None:
    card, tensors = import_official(
        official / "bicyclegan_all_basic" / "latest_net_G.pth",
        official / "bicyclegan_encoder_resnet_128" / "latest_net_E.pth",
    )
    painter = load(card, tensors, RUNTIME)
    photo = Photo(np.random.default_rng(0).integers(0, 255, (90, 70, 3), np.uint8))
    for look in (thrown(1, 8), painter.seen(photo)):
        picture = painter.paint(SKETCH, painter.prepare(look), 120, lambda: False)
        assert picture.size == (120, 80)


@needs_packs
def test_without_its_encoder_it_says_what_is_missing(official: Path) -> None:
    card, tensors = import_official(official / "bicyclegan_all_basic" / "latest_net_G.pth")
    painter = load(card, tensors, RUNTIME)
    with pytest.raises(Unsupported, match="import its encoder"):
        painter.seen(Photo(np.zeros((64, 64, 3), np.uint8)))
    with pytest.raises(InputError, match="8 numbers"):
        painter.prepare(thrown(1, 4))


def test_parameter_counts_are_the_published_ones() -> None:
    def millions(config: OfficialConfig) -> float:
        return sum(p.numel() for p in OfficialGan(config).parameters()) / 1e6

    assert millions(OfficialConfig()) == pytest.approx(54.79, abs=0.02)
    assert millions(OfficialConfig(everywhere=False)) == pytest.approx(54.42, abs=0.02)


def test_other_files_are_refused_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no file"):
        import_official(tmp_path / "latest_net_G.pth")
    torch.save(BicycleGan().state_dict(), tmp_path / "other.pth")
    with pytest.raises(ModelError, match="no BicycleGAN generator"):
        import_official(tmp_path / "other.pth")
    torch.save({"a": 1}, tmp_path / "loose.pth")
    with pytest.raises(ModelError, match="plain weights"):
        import_official(tmp_path / "loose.pth")
    (tmp_path / "cut.pth").write_bytes((tmp_path / "other.pth").read_bytes()[:5000])
    with pytest.raises(ModelError, match="damaged"):
        import_official(tmp_path / "cut.pth")
