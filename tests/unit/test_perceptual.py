"""What is judged with where no VGG can be had: the encoder of the bundled reader of people."""

import pytest
import torch
from torchvision import models

from engine import registry, weights
from engine.runtime import Runtime
from trainer.networks.perceptual import Perceptual

TAPS = ("relu1_2", "relu2_2", "relu3_3")


@pytest.fixture
def judge() -> Perceptual:
    return Perceptual("bundled", TAPS)


def test_the_bundled_judge_sees_what_the_reader_sees(judge: Perceptual) -> None:
    path = next(p for p in registry.bundled() if p.stem == "person-reader")
    reader = registry.build(weights.load(path), Runtime(torch.device("cpu"), torch.float32))
    seen: list[torch.Tensor] = []
    network = reader.network
    for tap in network.encoder.taps[:3]:
        network.encoder.blocks[tap].register_forward_hook(lambda *found: seen.append(found[-1]))
    picture = torch.rand(2, 3, 64, 96)
    with torch.inference_mode():
        network(picture)
        for mine, theirs in zip(judge(picture), seen, strict=True):
            torch.testing.assert_close(mine, theirs.float(), atol=2e-2, rtol=2e-2)


def test_its_distance_grows_with_the_damage_and_teaches(judge: Perceptual) -> None:
    picture, noise = torch.rand(1, 3, 64, 64), torch.randn(1, 3, 64, 64)
    distances = [float(judge.distance(picture + s * noise, picture)) for s in (0, 0.05, 0.3)]
    assert distances[0] == 0
    assert distances[0] < distances[1] < distances[2]
    painted = (picture + 0.1 * noise).requires_grad_()
    judge.distance(painted, picture).backward()
    assert painted.grad is not None
    closer = painted.detach() - 0.01 * painted.grad.sign()
    assert judge.distance(closer, picture) < judge.distance(painted, picture)
    assert not any(p.requires_grad for p in judge.parameters())


def test_without_internet_the_bundled_judge_steps_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(models, "vgg19", fail)
    judge = Perceptual("auto", TAPS)
    assert [f.shape[-1] for f in judge(torch.rand(1, 3, 64, 64))] == [32, 16, 8]
    assert "judges likeness instead" in capsys.readouterr().out
