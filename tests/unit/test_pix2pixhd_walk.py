"""Large convolutions in bands: the same numbers, and soon over once nobody wants them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.painters.base import Stopped
from engine.painters.pix2pixhd import walk
from engine.painters.pix2pixhd.official import OfficialConfig, OfficialHd
from engine.painters.pix2pixhd.walk import PLAIN, Recorded, in_bands


@pytest.fixture
def fine_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a core could do much less."""
    monkeypatch.setattr(walk, "_BAND", 40_000)


def _network() -> OfficialHd:
    torch.manual_seed(3)
    return OfficialHd(OfficialConfig(width=4, downs=2, blocks=2)).eval()


@pytest.mark.parametrize("kind", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("kernel", [1, 3, 7])
def test_bands_are_the_whole(kind: torch.memory_format, kernel: int, fine_bands: None) -> None:
    torch.manual_seed(kernel)
    layer = nn.Conv2d(6, 10, kernel)
    x = torch.randn(2, 6, 61, 40).contiguous(memory_format=kind)
    asked: list[int] = []
    with torch.inference_mode():
        banded = in_bands(x, layer, lambda: asked.append(1))
        torch.testing.assert_close(banded, layer(x), rtol=1e-5, atol=1e-5)
    assert len(asked) > 3


@pytest.mark.parametrize(("stride", "padding"), [(2, 0), (1, 1)])
def test_other_steps_and_borders_are_done_at_once(
    stride: int, padding: int, fine_bands: None
) -> None:
    layer = nn.Conv2d(6, 10, 3, stride, padding)
    x = torch.randn(1, 6, 40, 40)
    with torch.inference_mode():
        assert torch.equal(in_bands(x, layer, lambda: None), layer(x))


def test_a_published_network_paints_the_same_in_bands(fine_bands: None) -> None:
    network = _network()
    x = torch.randn(1, network.inputs.channels, 48, 64)
    with torch.inference_mode():
        plain = network.paint(x, PLAIN)
        banded = network.paint(x, Recorded(lambda: None))
    torch.testing.assert_close(banded, plain, rtol=0, atol=1e-4)


def test_a_published_network_gives_up_at_any_question(fine_bands: None) -> None:
    network = _network()
    x = torch.randn(1, network.inputs.channels, 48, 64)
    questions: list[int] = []
    with torch.inference_mode():
        network.paint(x, Recorded(lambda: questions.append(1)))
    assert len(questions) > 60

    def give_up() -> None:
        given.append(1)
        if len(given) == last:
            raise Stopped

    for last in (1, len(questions) // 2, len(questions)):
        given: list[int] = []
        with torch.inference_mode(), pytest.raises(Stopped):
            network.paint(x, Recorded(give_up))
        assert len(given) == last
