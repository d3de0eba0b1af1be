"""Official pix2pixHD checkpoints: they import and paint what the official code paints."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from engine import weights
from engine.appearance import Mix, PerObject, Sampled, Vector
from engine.errors import ModelError
from engine.painters.layers import keep_variance
from engine.painters.pix2pixhd.clusters import clusters_from
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.network import Pix2PixHd, Pix2PixHdConfig
from engine.painters.pix2pixhd.official import (
    EncoderConfig,
    OfficialConfig,
    OfficialHd,
    assembled,
    folded,
)
from engine.painters.pix2pixhd.official_files import import_official
from engine.request import Request
from engine.request import Scene as Surrounding
from engine.scene_looks import class_looks
from engine.session import Session
from engine.shapes.labels import Label, LabelMap, LabelSet

needs_packs = pytest.mark.skipif("GUISE_DATA" not in os.environ, reason="GUISE_DATA names no packs")
FLAGS = """------------ Options -------------
feat_num: 3
instance_feat: True
label_nc: 4
loadSize: 512
n_blocks_global: 2
n_blocks_local: 3
n_downsample_global: 2
netG: global
ngf: 4
no_instance: False
output_nc: 3
resize_or_crop: scale_width
-------------- End ----------------
"""
G1 = OfficialConfig(SceneInputs(4, 0, False), width=4, downs=2, blocks=2)


@pytest.fixture
def official() -> Path:
    return Path(os.environ["GUISE_DATA"]) / "official_layout"


def rebuilt(card: Any, tensors: dict[str, Tensor]) -> OfficialHd:
    """As a model file builds it: the card went through JSON."""
    plain = msgspec.json.decode(msgspec.json.encode(card.config))
    return assembled(msgspec.convert(plain, OfficialConfig), tensors).eval()


def written(folder: Path, config: OfficialConfig) -> Path:
    """The generator of random networks as an official file."""
    torch.manual_seed(0)
    network = OfficialHd(config)
    torch.save(network.generator.state_dict(), folder / "latest_net_G.pth")
    if network.encoder:
        torch.save(network.encoder.state_dict(), folder / "latest_net_E.pth")
    return folder / "latest_net_G.pth"


@needs_packs
@pytest.mark.parametrize("name", ["pix2pixhd_global", "pix2pixhd_local"])
def test_generators_paint_the_official_picture(official: Path, name: str) -> None:
    folder = official / name
    card, tensors = import_official(folder / "latest_net_G.pth", options=folder / "config.json")
    known = json.loads((folder / "config.json").read_text())
    inputs = msgspec.convert(card.config["inputs"], SceneInputs)
    assert inputs.labels == known["label_nc"]
    assert inputs.channels == known["input_nc"]
    expected = load_file(folder / "expected.safetensors")
    with torch.inference_mode():
        painted = rebuilt(card, tensors).paint(expected["input_0"])
    assert (painted - expected["output_0"]).abs().max() < 1e-4


@needs_packs
def test_the_encoder_reads_the_official_looks(official: Path) -> None:
    card, tensors = import_official(
        official / "pix2pixhd_local" / "latest_net_G.pth",
        official / "pix2pixhd_encoder" / "latest_net_E.pth",
    )
    expected = load_file(official / "pix2pixhd_encoder" / "expected.safetensors")
    with torch.inference_mode():
        look = rebuilt(card, tensors).encode(expected["input_0"], expected["input_1"][:, 0])
    assert (look - expected["output_0"]).abs().max() < 1e-4


@pytest.mark.parametrize("norm", ["instance", "batch"])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"width": 6, "downs": 3, "blocks": 0},
        {"enhancers": 1, "local_blocks": 1},
        {"enhancers": 2, "local_blocks": 0, "blocks": 1},
        {"outputs": 1, "downs": 1},
        {"inputs": SceneInputs(0, 3, False, False, 0)},
        {"inputs": SceneInputs(9, 0, False, True, 0)},
        {"encoder": EncoderConfig(3, 2, 3), "inputs": SceneInputs(9, 0, False, True, 5)},
    ],
)
def test_every_size_is_read_off_the_weights(
    tmp_path: Path, change: dict[str, Any], norm: str
) -> None:
    encoder = change.get("encoder")
    if encoder:
        change = change | {"encoder": EncoderConfig(3, 2, 3, norm)}
    base = {"inputs": SceneInputs(7, 0, False, True, 0), "width": 4, "downs": 2, "blocks": 2}
    config = OfficialConfig(**(base | change | {"norm": norm}))
    path = written(tmp_path, config)
    card, tensors = import_official(path, tmp_path / "latest_net_E.pth" if encoder else None)
    found = msgspec.convert(card.config, OfficialConfig)
    # nothing says how many blocks the enhancers of a network without any would have
    assert found == replace(config, local_blocks=config.local_blocks if config.enhancers else 0)
    x = torch.rand(1, config.inputs.channels, 64, 64)
    torch.manual_seed(0)
    known = OfficialHd(config).eval()
    with torch.inference_mode():
        assert torch.equal(rebuilt(card, tensors).paint(x), known.paint(x))


def test_stored_statistics_become_part_of_the_filters() -> None:
    torch.manual_seed(3)
    config = replace(G1, enhancers=1, local_blocks=1, norm="batch")
    network = OfficialHd(config)
    keep_variance(network)
    for _ in range(3):  # statistics of their own
        network.train().paint(torch.rand(2, config.inputs.channels, 64, 64))
    x = torch.rand(1, config.inputs.channels, 64, 64)
    with torch.inference_mode():
        wanted = network.eval().paint(x)
        found = folded(network).paint(x)
    assert not any("running" in name for name, _ in network.named_buffers())
    assert (found - wanted).abs().max() < 1e-4


def test_opt_txt_says_what_the_channels_are(tmp_path: Path) -> None:
    path = written(tmp_path, G1)
    (tmp_path / "opt.txt").write_text(FLAGS)
    card, _ = import_official(path)
    assert msgspec.convert(card.config, OfficialConfig).inputs == SceneInputs(4, 0, False, True, 3)
    assert card.side == 512
    (tmp_path / "opt.txt").write_text(
        FLAGS.replace("no_instance: False", "no_instance: True")
        .replace("label_nc: 4", "label_nc: 8")
        .replace("instance_feat: True", "instance_feat: False\nlabel_feat: False")
    )
    card, _ = import_official(path)
    assert msgspec.convert(card.config, OfficialConfig).inputs == SceneInputs(8, 0, False, False, 0)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ngf: 4", "ngf: 64", "ngf is 64 there and 4 in the weights"),
        ("n_blocks_global: 2", "n_blocks_global: 9", "n_blocks_global is 9"),
        ("netG: global", "netG: local", "netG is local there and global"),
        ("label_nc: 4", "label_nc: 35", "8 channels, which are not 35 classes"),
        ("ngf: 4", "ngf: many", "no number"),
    ],
)
def test_flags_that_differ_are_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = written(tmp_path, G1)
    (tmp_path / "opt.txt").write_text(FLAGS.replace(old, new))
    with pytest.raises(ModelError, match=words):
        import_official(path)


def test_files_of_two_runs_are_told_apart(tmp_path: Path) -> None:
    with_encoder = replace(G1, encoder=EncoderConfig(3, 4, 2))
    path = written(tmp_path, with_encoder)
    (tmp_path / "opt.txt").write_text(FLAGS.replace("feat_num: 3", "feat_num: 2"))
    with pytest.raises(ModelError, match="looks have 2 numbers there and 3 in the encoder"):
        import_official(path, tmp_path / "latest_net_E.pth")
    (tmp_path / "opt.txt").unlink()
    with pytest.raises(ModelError, match="no pix2pixHD encoder"):
        import_official(path, path)
    with pytest.raises(ModelError, match="no pix2pixHD generator"):
        import_official(_other(tmp_path))


def _other(folder: Path) -> Path:
    tiny = Pix2PixHdConfig(SceneInputs(4), 4, (8,) * 5, (1,) * 5, (4, 4, 4))  # type: ignore[arg-type]
    torch.save(Pix2PixHd(tiny).state_dict(), folder / "other.pth")
    return folder / "other.pth"


def test_damaged_and_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no file"):
        import_official(tmp_path / "latest_net_G.pth")
    path = written(tmp_path, G1)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ModelError, match="damaged"):
        import_official(path)
    torch.save({"a": 1}, path)
    with pytest.raises(ModelError, match="plain weights"):
        import_official(path)


def _saved(path: Path, looks: Any) -> Path:
    np.save(path, looks)  # type: ignore[arg-type]
    return path


def test_looks_of_classes_are_read_without_running_them(tmp_path: Path) -> None:
    centres = np.random.default_rng(0).standard_normal((5, 3))
    small = np.random.default_rng(1).standard_normal((2, 4))  # examples with their areas
    looks = {0: np.zeros((0, 4)), 1: centres, 2: small.astype(np.float32)}
    path = _saved(tmp_path / "features_clustered_005.npy", looks)
    _, tensors = import_official(written(tmp_path, G1), clusters=path, options=_flags(tmp_path))
    found = clusters_from(tensors, 3)
    np.testing.assert_allclose(found.centres[1], centres, rtol=1e-6)
    np.testing.assert_allclose(found.centres[2], small[:, :3], rtol=1e-6)
    assert sorted(found.centres) == [1, 2]


def _flags(folder: Path) -> Path:
    path = folder / "flags.txt"
    path.write_text(FLAGS)
    return path


class _Runs:
    def __init__(self, function: Callable[..., Any], *arguments: str) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, ...]]:
        return self.call


@pytest.mark.parametrize(
    ("looks", "words"),
    [
        ({1: np.zeros((2, 7))}, "another network: its looks have 7 numbers"),
        ({1: np.full((2, 3), np.nan)}, "not finite"),
        ({"road": np.zeros((2, 3))}, "arrays of numbers by class"),
        ({1: [1, 2, 3]}, "arrays of numbers by class"),
        (np.zeros((3, 3)), "plain array"),
        (np.array([1, {}], object), "damaged or holds no looks"),
    ],
)
def test_other_arrays_are_no_looks(tmp_path: Path, looks: Any, words: str) -> None:
    path = _saved(tmp_path / "looks.npy", looks)
    with pytest.raises(ModelError, match=words):
        import_official(written(tmp_path, G1), clusters=path, options=_flags(tmp_path))


def test_looks_that_want_to_run_code_are_not_opened(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    path = _saved(tmp_path / "looks.npy", {1: _Runs(os.system, f"touch {trap}")})
    with pytest.raises(ModelError, match="wants to run code"):
        import_official(written(tmp_path, G1), clusters=path, options=_flags(tmp_path))
    assert not trap.exists()
    path.write_bytes(path.read_bytes()[:90])
    with pytest.raises(ModelError, match="damaged"):
        import_official(written(tmp_path, G1), clusters=path, options=_flags(tmp_path))


def test_an_imported_model_paints_label_maps_in_a_session(tmp_path: Path) -> None:
    config = replace(G1, encoder=EncoderConfig(3, 4, 2))
    path = written(tmp_path, config)
    looks = _saved(tmp_path / "looks.npy", {1: np.eye(3), 2: np.zeros((0, 4))})
    card, tensors = import_official(
        path, tmp_path / "latest_net_E.pth", looks, _flags(tmp_path), "imported"
    )
    weights.save(tmp_path / "imported.safetensors", card, tensors)
    session = Session("cpu", [tmp_path / "imported.safetensors"])
    labels = np.zeros((50, 90), np.uint8)
    labels[20:40, 10:30] = 1
    names = LabelSet("two", (Label(0, "road", (0, 0, 0)), Label(1, "car", (9, 9, 9), True)))
    scene = LabelMap(labels, labels.astype(np.int32) * 7, names)
    own = PerObject(None, ((7, Vector((-1.0, 1.0, 0.5))),), 3)
    for look in (PerObject(), own, Sampled(2), Mix(Sampled(1), Vector((0.0, 0.0, 0.0)), 0.5)):
        request = Request("imported", scene, look, longest=120, scene=Surrounding.white)
        assert session.paint(request).picture.size == (120, 67)
    assert class_looks(tmp_path / "imported.safetensors")[1][0] == Vector((1.0, 0.0, 0.0))
