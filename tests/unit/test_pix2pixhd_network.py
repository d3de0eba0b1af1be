"""Our scene network and the published ones: sizes, sensitivity, gradients."""

from __future__ import annotations

import pytest
import torch

from engine.errors import Unsupported
from engine.painters.pix2pixhd.inputs import SceneInputs, object_edges
from engine.painters.pix2pixhd.network import BASE, SMALL, Pix2PixHd, Pix2PixHdConfig
from engine.painters.pix2pixhd.official import (
    PAPER_GLOBAL,
    PAPER_LOCAL,
    EncoderConfig,
    OfficialConfig,
    OfficialEncoder,
    OfficialGenerator,
    OfficialHd,
)

TINY = Pix2PixHdConfig(SceneInputs(4), 4, (8, 8, 8, 8, 8), (1, 1, 1, 1, 1), (4, 4, 4))
TINY_G1 = OfficialConfig(SceneInputs(4), width=4, downs=2, blocks=2, encoder=EncoderConfig(3, 4, 2))


def millions(module: torch.nn.Module) -> float:
    return sum(p.numel() for p in module.parameters()) / 1e6


def test_parameter_counts_are_the_published_ones() -> None:
    plain = OfficialConfig(SceneInputs(35, unlabelled=False, features=0))
    with torch.device("meta"):
        assert millions(OfficialGenerator(plain)) == pytest.approx(182.55, abs=0.01)
        assert millions(OfficialGenerator(PAPER_LOCAL)) == pytest.approx(182.87, abs=0.01)
        assert millions(OfficialEncoder(EncoderConfig(), 3)) == pytest.approx(0.79, abs=0.01)
    assert PAPER_GLOBAL.encoder == EncoderConfig()


def test_the_bundled_size_fits_its_file() -> None:
    with torch.device("meta"):
        assert 2 * millions(Pix2PixHd(SMALL)) < 12
        assert millions(Pix2PixHd(BASE)) > 20


def test_enhancers_double_the_size_each() -> None:
    config = OfficialConfig(SceneInputs(4), width=4, downs=2, blocks=1, enhancers=2, local_blocks=1)
    network = OfficialHd(config).eval()
    assert network.stride == 16
    with torch.inference_mode():
        assert network.paint(torch.rand(1, 9, 32, 48)).shape == (1, 3, 32, 48)


@pytest.mark.parametrize("network", [Pix2PixHd(TINY), OfficialHd(TINY_G1)])
def test_labels_edges_and_looks_all_reach_the_picture(network: Pix2PixHd | OfficialHd) -> None:
    torch.manual_seed(0)
    x = torch.zeros(1, 9, 64, 64)
    x[:, 0] = 1
    with torch.inference_mode():
        base = network.eval().paint(x)
        for channel in (1, 5, 6):  # another class, an edge, a feature
            other = x.clone()
            other[:, channel, 20:40, 20:40] = 1
            assert (network.paint(other) - base).abs().max() > 1e-3
    assert base.dtype == torch.float32
    assert base.abs().max() <= 1


@pytest.mark.parametrize("network", [Pix2PixHd(TINY), OfficialHd(TINY_G1)])
def test_every_parameter_learns(network: Pix2PixHd | OfficialHd) -> None:
    torch.manual_seed(0)
    classes = torch.randint(-1, 5, (2, 64, 64))
    picture = torch.rand(2, 3, 64, 64) * 2 - 1
    look = network.train().encode(picture, classes)
    x = torch.cat([network.inputs.shape(classes, classes), look], 1)
    (network.paint(x) - picture).abs().mean().backward()
    silent = [
        name
        for name, parameter in network.named_parameters()
        if parameter.grad is None or not parameter.grad.abs().max() > 0
    ]
    assert not silent


def test_a_look_is_constant_on_its_object() -> None:
    network = Pix2PixHd(TINY).eval()
    objects = torch.arange(4).repeat_interleave(16)[None, None].expand(1, 64, 64)
    with torch.inference_mode():
        look = network.encode(torch.rand(1, 3, 64, 64) * 2 - 1, objects)
    assert look.shape == (1, 3, 64, 64)
    assert not (object_edges(look[:, 0]) > object_edges(objects)).any()


def test_without_an_encoder_it_says_so() -> None:
    bare = OfficialHd(OfficialConfig(SceneInputs(4), width=4, downs=2, blocks=1))
    with pytest.raises(Unsupported, match="import its encoder"):
        bare.encode(torch.zeros(1, 3, 32, 32), torch.zeros(1, 32, 32))
