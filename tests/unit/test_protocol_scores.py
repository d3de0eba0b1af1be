"""Scores of sets and judges against independent computations on cases small enough to follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torchvision.models import alexnet, inception_v3
from torchvision.models.detection import ssd300_vgg16

from engine.errors import InputError
from tests.unit.test_metrics import random_lite0
from trainer.metrics import classifiers
from trainer.metrics.classifiers import fill, inception, inception_2015
from trainer.metrics.detector import PersonDetector
from trainer.metrics.kernel_distance import squared_mmd
from trainer.metrics.lpips import Lpips
from trainer.metrics.scores import frechet_distance, inception_score


def noise(count: int, height: int, width: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (height, width, 3)).astype(np.uint8) for _ in range(count)]


# Inception score


def test_inception_score_by_hand():
    sure = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert inception_score(sure).mean == pytest.approx(2)  # one class each: as many as classes
    alike = np.array([[0.7, 0.3]] * 5)
    assert inception_score(alike).mean == pytest.approx(1)
    # p(y) = (0.5, 0.5); KL = 0.8 ln 1.6 + 0.2 ln 0.4 for both rows
    mixed = np.array([[0.8, 0.2], [0.2, 0.8]])
    wanted = np.exp(0.8 * np.log(1.6) + 0.2 * np.log(0.4))
    assert inception_score(mixed).mean == pytest.approx(wanted)
    assert inception_score(mixed).splits == 1


def test_inception_score_of_a_hundred_is_the_mean_over_ten_parts_in_order():
    rng = np.random.default_rng(3)
    chances = rng.dirichlet(np.ones(4), 100)
    parts = []
    for start in range(0, 100, 10):
        part, total = chances[start : start + 10], 0.0
        both = part.mean(0)
        for row in part:
            total += sum(p * np.log(p / q) for p, q in zip(row, both, strict=True))
        parts.append(np.exp(total / 10))
    found = inception_score(chances)
    assert found.splits == 10
    assert found.mean == pytest.approx(np.mean(parts))
    assert found.deviation == pytest.approx(np.std(parts))


# Fréchet distance


def eigen_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return vectors @ np.diag(np.sqrt(values.clip(0))) @ vectors.T


@pytest.mark.parametrize(("first", "second"), [(40, 30), (3, 4), (2, 50)])
def test_frechet_distance_by_the_root_of_the_covariances(first: int, second: int):
    rng = np.random.default_rng(first)
    a, b = rng.normal(size=(first, 6)), rng.normal(1, 2, (second, 6))
    one, two = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    half = eigen_root(one)
    root = eigen_root(half @ two @ half)
    away = ((a.mean(0) - b.mean(0)) ** 2).sum()
    wanted = away + np.trace(one) + np.trace(two) - 2 * np.trace(root)
    assert frechet_distance(a, b) == pytest.approx(wanted, abs=1e-6)


def test_frechet_distance_of_a_set_to_itself_and_to_its_shifted_copy():
    a = np.random.default_rng(0).normal(size=(20, 5))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(a, a + 2) == pytest.approx(5 * 4)


# Kernel distance


def test_kid_is_the_unbiased_double_loop():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(5, 3)), rng.normal(0.5, 1, (4, 3))

    def kernel(x: np.ndarray, y: np.ndarray) -> float:
        return (sum(p * q for p, q in zip(x, y, strict=True)) / 3 + 1) ** 3

    def within(s: np.ndarray) -> float:
        rows = range(len(s))
        pairs = [kernel(s[i], s[j]) for i in rows for j in rows if i != j]
        return sum(pairs) / len(pairs)

    between = np.mean([kernel(x, y) for x in a for y in b])
    assert squared_mmd(a, b) == pytest.approx(within(a) + within(b) - 2 * between)


# Judges


@pytest.fixture(scope="module")
def graph_2015(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights in the layout of the 2015 graph."""
    generator = torch.Generator().manual_seed(0)
    state = {
        name: torch.rand(value.shape, generator=generator) * 0.1
        if name.endswith(("var", "bias", "mean")) or value.ndim != 4
        else torch.randn(value.shape, generator=generator) / value[0].numel() ** 0.5
        for name, value in inception_2015().state_dict().items()
    }
    path = tmp_path_factory.mktemp("inception") / "pt_inception-2015-12-05.pth"
    torch.save({name: value.half() for name, value in state.items()}, path)
    return path


def test_the_2015_graph_averages_over_the_pixels_that_are_there(graph_2015: Path):
    state = torch.load(graph_2015, weights_only=True)
    network = fill(inception_2015(), state, graph_2015, "Inception-v3")
    x = torch.rand(1, 192, 5, 5, generator=torch.Generator().manual_seed(0))
    block = network.Mixed_5b
    with torch.inference_mode():
        outputs = block._forward(x)
        ones = F.conv2d(torch.ones(1, 1, 5, 5), torch.ones(1, 1, 3, 3), padding=1)
        total = F.conv2d(x, torch.ones(192, 1, 3, 3), padding=1, groups=192)
        assert torch.allclose(outputs[-1], block.branch_pool(total / ones), atol=1e-5)
        assert torch.equal(outputs[0], block.branch1x1(x))
        last = torch.rand(1, 2048, 4, 4)
        largest = network.Mixed_7c.branch_pool(F.max_pool2d(last, 3, 1, 1))
        assert torch.equal(network.Mixed_7c._forward(last)[-1], largest)


def test_the_2015_graph_is_told_by_its_classes_and_takes_logits_without_bias(graph_2015: Path):
    judge = inception(graph_2015)
    assert "2015-12-05" in judge.about["name"] and len(judge.about["weights_sha256"]) == 64
    seen = judge.look(noise(2, 40, 20))
    assert seen.features.shape == (2, 2048) and seen.chances.shape == (2, 1008)
    weight = torch.load(graph_2015, weights_only=True)["fc.weight"].double().numpy()
    logits = seen.features @ weight.T
    chances = np.exp(logits - logits.max(1, keepdims=True))
    assert seen.chances == pytest.approx(chances / chances.sum(1, keepdims=True), abs=1e-5)


def test_torchvisions_inception_gives_its_own_classes(tmp_path: Path):
    torch.manual_seed(1)
    network = inception_v3(weights=None, init_weights=False, aux_logits=True).eval()
    torch.save(network.state_dict(), tmp_path / "inception.pth")
    judge = inception(tmp_path / "inception.pth")
    (picture,) = noise(1, 299, 299)
    with torch.inference_mode():
        x = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
        wanted = network(x).softmax(1).double().numpy()
    assert judge.look([picture]).chances == pytest.approx(wanted, abs=1e-5)
    assert "torchvision" in judge.about["name"]


def test_lite0_with_its_classifier_sees_the_same_alone_and_among_others(tmp_path: Path):
    torch.save(random_lite0(), tmp_path / "lite0.pth")
    judge = classifiers.lite0(tmp_path / "lite0.pth")
    pictures = noise(3, 30, 50)
    together = judge.look(pictures)
    assert together.chances.sum(1) == pytest.approx(1)
    alone = np.concatenate([judge.look([p]).chances for p in pictures])
    assert together.chances == pytest.approx(alone, abs=1e-5)


def test_lpips_is_the_weighted_distance_of_unit_features(tmp_path: Path):
    from torchmetrics.functional.image.lpips import _LPIPS

    torch.manual_seed(2)
    trunk = alexnet(weights=None).eval()
    state = trunk.state_dict().items()
    torch.save({k: v for k, v in state if k.startswith("features")}, tmp_path / "alexnet.pth")
    judge = Lpips(tmp_path / "alexnet.pth", None, "0.1")
    other = _LPIPS(pretrained=True, net="alex", pnet_rand=True).eval()
    for part in (other.net.slice1, other.net.slice2, other.net.slice3, other.net.slice4,
                 other.net.slice5):  # fmt: skip
        for name, module in part.named_children():
            module.load_state_dict(trunk.features[int(name)].state_dict())
    pictures = noise(3, 64, 64)
    x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        wanted = other(x[:-1], x[1:]).flatten().tolist()
    assert judge.consecutive(pictures) == pytest.approx(wanted, rel=1e-4)
    assert judge.about["name"] == "LPIPS 0.1, AlexNet"
    same = [pictures[0], pictures[0]]
    assert judge.consecutive(same) == [0]
    with pytest.raises(InputError, match="--lpips"):
        Lpips(tmp_path / "alexnet.pth", None, "0.0")


class Boxes(torch.nn.Module):
    """Stands for a detector whose answers are known."""

    def forward(self, pictures: list[torch.Tensor]) -> list[dict[str, torch.Tensor]]:
        seen = []
        for picture in pictures:
            light = float(picture.mean())
            labels, scores = torch.tensor([3, 15, 15]), torch.tensor([0.99, light, light / 2])
            there = slice(0, 1) if light < 0.1 else slice(0, 3)  # dark: only a class of no person
            seen.append({"labels": labels[there], "scores": scores[there]})
        return seen


def test_the_detection_score_is_the_best_person_or_nothing(tmp_path: Path):
    torch.manual_seed(0)
    network = ssd300_vgg16(weights=None, weights_backbone=None, num_classes=21)
    torch.save(network.state_dict(), tmp_path / "ssd.pth")
    judge = PersonDetector(tmp_path / "ssd.pth")
    assert "VOC" in judge.about["name"]
    assert all(0 <= score <= 1 for score in judge.scores(noise(1, 60, 40)))
    judge._network = Boxes()
    light, dark = np.full((8, 6, 3), 204, np.uint8), np.zeros((8, 6, 3), np.uint8)
    assert judge.scores([light, dark]) == pytest.approx([0.8, 0])


@pytest.mark.parametrize(
    ("load", "of"),
    [
        (inception, "Inception-v3"),
        (classifiers.lite0, "EfficientNet-Lite0"),
        (PersonDetector, "SSD300"),
        (lambda path: Lpips(path, None, "0.1"), "AlexNet"),
    ],
)
def test_unreadable_weights_are_one_sentence(load, of: str, tmp_path: Path):
    with pytest.raises(InputError, match=f"no weight file .* {of}"):
        load(tmp_path / "none.pth")
    torn, other = tmp_path / "torn.pth", tmp_path / "other.pth"
    torn.write_bytes(b"no weights")
    torch.save({"layer.weight": torch.zeros(3)}, other)
    for path in (torn, other):
        with pytest.raises(InputError, match=f"{path.name} holds no {of} weights") as told:
            load(path)
        assert "\n" not in str(told.value)


def test_weights_of_another_network_do_not_fit(tmp_path: Path):
    with pytest.raises(InputError, match="holds no AlexNet weights"):
        fill(alexnet(weights=None), {"x": torch.zeros(1)}, tmp_path / "x.pth", "AlexNet")
