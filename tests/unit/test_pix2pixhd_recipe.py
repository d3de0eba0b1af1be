"""Training pix2pixHD: discriminators, stages, looks, memory, on tiny networks and scenes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from engine import weights
from engine.errors import InputError
from engine.painters.pix2pixhd.clusters import Clusters, clusters_from
from engine.painters.pix2pixhd.inputs import SceneInputs, one_hot
from engine.painters.pix2pixhd.network import Pix2PixHd, Pix2PixHdConfig
from engine.painters.pix2pixhd.official import OfficialHd
from tests.bench.pix2pixhd_training import published
from tests.unit.test_ranks import write_vgg
from trainer.commands import train
from trainer.data.scene_batches import Varied
from trainer.data.scenes import find_scenes
from trainer.loop import RunOptions
from trainer.networks.memory import advice
from trainer.networks.multiscale import Judges, MultiScale, matching
from trainer.recipes.pix2pixhd import (
    PRESETS,
    Pix2PixHdRecipe,
    Pix2PixHdTask,
    needs,
    train_pix2pixhd,
)
from trainer.recipes.pix2pixhd_looks import clustered, lend_unseen
from trainer.recipes.pix2pixhd_networks import built, config_of, hold, needed, take_over

TINY = Pix2PixHdConfig(
    embedded=4, channels=(8, 8, 8, 8, 8), blocks=(1, 1, 1, 1, 1), encoder=(4, 4, 4)
)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six scenes: sky, road, and a car that is red or blue."""
    folder = tmp_path_factory.mktemp("scenes")
    for split in ("train", "val"):
        for part in ("label", "inst", "img"):
            (folder / f"{split}_{part}").mkdir()
        for n in range(6):
            labels = np.full((64, 64), 23, np.uint8)
            labels[32:] = 7
            labels[36:56, 8 + 4 * n : 36 + 4 * n] = 26
            objects = np.where(labels == 26, 26000, labels).astype(np.uint16)
            photo = np.zeros((64, 64, 3), np.uint8)
            photo[labels == 23] = (230, 200, 180)
            photo[labels == 7] = (90, 90, 90)
            photo[labels == 26] = (20, 20, 200) if n % 2 else (200, 20, 20)
            cv2.imwrite(str(folder / f"{split}_label/{n}.png"), labels)
            cv2.imwrite(str(folder / f"{split}_inst/{n}.png"), objects)
            cv2.imwrite(str(folder / f"{split}_img/{n}.png"), photo)
    return folder


def _recipe(scenes: Path, **own: Any) -> Pix2PixHdRecipe:
    given = {
        "sizes": ((32, 32), (64, 64)),
        "shares": (0.5, 0.5),
        "network": TINY,
        "g1_width": 8,
        "g1_downs": 2,
        "g1_blocks": 1,
        "judge_width": 4,
        "perceptual_weight": 0.0,
        "unjudged": 1,
        "varied": Varied(repainted=0),
    }
    return Pix2PixHdRecipe(scenes, **(given | own))


def _options(out: Path, images: int = 12) -> RunOptions:
    return RunOptions(out=out, images=images, batch=2, device="cpu", threads=1, tick=0.0)


def test_both_sizes_and_the_looks_in_one_command(scenes: Path, tmp_path: Path) -> None:
    path = train_pix2pixhd(_recipe(scenes), _options(tmp_path / "run"))
    assert {p.name for p in (tmp_path / "run").iterdir() if p.is_dir()} == {"32x32", "64x64"}
    loaded = weights.load(path)
    clusters = clusters_from(loaded.tensors, 3)
    assert set(clusters.means) >= {7, 23, 26}
    assert len(clusters.centres[26]) >= 2  # red and blue
    assert loaded.card.config["inputs"]["labels"] == 35
    assert (tmp_path / "run/64x64/samples").is_dir()
    noted = [(tmp_path / f"run/{size}/stats.jsonl").read_text() for size in ("32x32", "64x64")]
    assert ["fool" in lines for lines in noted] == [False, True]  # unjudged first


def test_a_run_goes_on_where_it_stopped(scenes: Path, tmp_path: Path) -> None:
    recipe = _recipe(scenes, sizes=((32, 32),), shares=(1.0,))
    train_pix2pixhd(recipe, _options(tmp_path, 4))
    train_pix2pixhd(recipe, _options(tmp_path, 8))
    steps = (tmp_path / "32x32/stats.jsonl").read_text().splitlines()
    assert '"images": 6' in "".join(steps)
    assert sum('"images": 2,' in line for line in steps) == 1


def test_published_networks_grow_an_enhancer(scenes: Path, tmp_path: Path) -> None:
    recipe = _recipe(scenes, form="published", colour=0.0, l1=0.0, unjudged=0)
    path = train_pix2pixhd(recipe, _options(tmp_path, 8))
    loaded = weights.load(path)
    assert loaded.card.architecture == "pix2pixhd-paper"
    assert loaded.card.config["enhancers"] == 1
    assert any("model1_2" in name for name in loaded.tensors)


def test_g1_is_handed_over_and_held(scenes: Path) -> None:
    folder = find_scenes(scenes, "train")
    recipe = _recipe(scenes, form="published")
    first, second = (built(config_of(recipe, stage, folder)) for stage in (0, 1))
    take_over(second, first.state_dict())
    assert isinstance(second, OfficialHd)
    mine, theirs = first.state_dict(), second.state_dict()
    assert torch.equal(mine["generator.model.1.weight"], theirs["generator.model.1.weight"])
    assert torch.equal(mine["encoder.model.1.weight"], theirs["encoder.model.1.weight"])
    hold(second, 1, free=False)
    learning = {name for name, p in second.named_parameters() if p.requires_grad}
    assert learning
    assert all(name.startswith("generator.model1_") for name in learning)
    hold(second, 1, free=True)
    assert all(p.requires_grad for p in second.generator.parameters())


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_asked_for(
    scenes: Path, preset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        train.main(["pix2pixhd", "--preset", preset, "--data", str(scenes), "--help"])
    assert ended.value.code == 0
    assert "--sizes" in capsys.readouterr().out


def test_weights_of_another_network_are_refused() -> None:
    other = Pix2PixHd(replace(TINY, channels=(8, 8, 8, 8, 16)))
    with pytest.raises(InputError, match="other sizes"):
        take_over(Pix2PixHd(TINY), other.state_dict())


def test_pix2pix_has_one_look(scenes: Path, tmp_path: Path) -> None:
    given = PRESETS["pix2pix"] | {"network": replace(TINY, inputs=SceneInputs(features=0))}
    recipe = _recipe(scenes, **(given | {"sizes": ((32, 32),), "shares": (1.0,)}))
    loaded = weights.load(train_pix2pixhd(recipe, _options(tmp_path, 4)))
    assert not any(name.startswith(("encoder", "clusters")) for name in loaded.tensors)


def test_a_size_without_any_loss_is_refused(scenes: Path) -> None:
    with pytest.raises(InputError, match="nothing to learn from"):
        Pix2PixHdTask(_recipe(scenes, l1=0.0), 0, None)


def test_sizes_that_do_not_halve_are_refused(scenes: Path) -> None:
    with pytest.raises(InputError, match="multiples of 32"):
        Pix2PixHdTask(_recipe(scenes, sizes=((48, 64),)), 0, None)


def test_the_generators_gradient_is_that_of_its_own_loss() -> None:
    """Against the official order: every loss with forwards of its own."""
    torch.manual_seed(0)
    fabric = Fabric(accelerator="cpu", devices=1)
    judges = Judges(5, 4, 2, 1e-3)
    judges.setup(fabric)
    shape, real = torch.randn(2, 2, 32, 32), torch.rand(2, 3, 32, 32)
    painted = torch.rand(2, 3, 32, 32, requires_grad=True)
    fakes = judges.bare(torch.cat([shape, painted], 1))
    trues = judges.bare(torch.cat([shape, real], 1))
    loss = torch.zeros(())
    for fake, true in zip(fakes, trues, strict=True):
        loss = loss + (fake[-1] - 1).square().mean()
        for a, b in zip(fake[:-1], true[:-1], strict=True):
            loss = loss + 10 / 2 * (a - b.detach()).abs().mean()
    (wanted,) = torch.autograd.grad(loss, painted)
    judged = 0.5 * sum(
        float((fake[-1].square().mean() + (true[-1] - 1).square().mean()).detach())
        for fake, true in zip(fakes, trues, strict=True)
    )
    verdict = judges.step(shape, painted, real, (1.0, 10.0), 1.0)
    torch.testing.assert_close(verdict.gradient, wanted, rtol=1e-4, atol=1e-7)
    assert float(verdict.judge) == pytest.approx(judged, rel=1e-4)
    assert painted.grad is None


def test_discriminators_have_the_published_sizes() -> None:
    """2.80 M parameters a scale for the 39 channels of Cityscapes."""
    judge = MultiScale(39, 64, 2, 3, 8)
    assert sum(p.numel() for p in judge.parameters()) == pytest.approx(2 * 2.80e6, rel=0.01)
    seen = judge(torch.zeros(1, 39, 64, 128))
    assert [len(scale) for scale in seen] == [5, 5]
    assert seen[1][-1].shape[-1] < seen[0][-1].shape[-1]


def test_equal_pictures_match() -> None:
    same = torch.randn(1, 5, 32, 32).repeat(2, 1, 1, 1)
    found = matching(MultiScale(5, 4, 2, 3, 8)(same)).detach()
    assert float(found) == pytest.approx(0, abs=1e-6)


def test_clusters_find_rare_and_common_looks() -> None:
    rng = np.random.default_rng(0)
    places = np.array([[-0.8, 0, 0], [0.7, 0.1, 0], [0, 0.9, -0.5]])
    rows = np.concatenate(
        [p + rng.normal(0, 0.01, (n, 3)) for p, n in zip(places, (60, 30, 3), strict=True)]
    ).astype(np.float32)
    centres = clustered(rows, [20] * 93)
    nearest = np.linalg.norm(places[:, None] - centres[None], axis=2).min(1)
    assert len(centres) == 10
    assert nearest.max() < 0.1
    assert (np.diff(centres.sum(1)) >= 0).all()  # from dark to light
    np.testing.assert_array_equal(clustered(rows[:1].repeat(4, 0), [5] * 4), rows[:1])


def test_surfaces_stand_in_one_light_and_objects_do_not() -> None:
    rows = np.arange(10, dtype=np.float32)[:, None]
    clusters = Clusters(1, {7: rows, 23: rows, 26: rows, 11: rows[:5]})
    light = [float(clusters.drawn(seed, 7, 0)[0]) for seed in range(40)]
    assert light == [float(clusters.drawn(seed, 23, 0)[0]) for seed in range(40)]
    assert [n // 2 for n in light] == [clusters.drawn(seed, 11, 0)[0] for seed in range(40)]
    assert len(set(light)) > 6
    assert len({float(clusters.drawn(3, 26, car)[0]) for car in range(1, 30)}) > 6


def test_classes_without_examples_are_painted_like_others() -> None:
    torch.manual_seed(0)
    network = Pix2PixHd(TINY)
    clusters = clusters_from({}, 3)
    lend_unseen(network, clusters, {7, 23, 26}, cityscapes=True)

    def painted(label: int) -> torch.Tensor:
        classes = torch.full((1, 32, 32), label)
        shape = network.inputs.shape(classes, torch.zeros_like(classes))
        return network.paint(torch.cat([shape, torch.zeros(1, 3, 32, 32)], 1))

    torch.testing.assert_close(painted(28), painted(26))  # a bus like a car
    torch.testing.assert_close(painted(24), painted(255))  # people like "no class"
    assert not torch.allclose(painted(7), painted(26))
    assert one_hot(torch.tensor([[[28]]]), 35, True)[0, 28] == 1


def test_memory_grows_with_the_crop_and_a_fitting_one_is_named(scenes: Path) -> None:
    folder = find_scenes(scenes, "train")
    recipe = _recipe(scenes)
    small, large = (needed(recipe, 0, folder, 2, (s, s)) for s in (64, 256))
    assert 8 < large / small < 20
    assert "need about" in needs(recipe, 0, RunOptions(device="cpu")).text
    huge = replace(recipe, sizes=((64 * 1024, 64 * 1024),))
    with pytest.raises(InputError, match=r"fit: --sizes \d+ \d+\. Or take a smaller --batch"):
        train_pix2pixhd(huge, RunOptions(out=scenes / "never", device="cpu"))
    assert not (scenes / "never").exists()

    def linear(size: tuple[int, int]) -> int:
        return size[0] * size[1] * 1000

    text, fits = advice(linear, (1024, 2048), 10**9, 32)
    assert not fits
    height, width = (int(word.rstrip(".")) for word in text.split()[-2:])
    assert linear((height, width)) <= 10**9
    assert height % 32 == width % 32 == 0
    assert linear((height, width)) > 5 * 10**8
    assert "No crop fits" in advice(linear, (64, 64), 10, 32).text
    assert advice(linear, (64, 64), 10**9, 32).fits


def test_a_step_has_the_gradients_of_the_published_order(scenes: Path, tmp_path: Path) -> None:
    write_vgg(tmp_path / "vgg.pth")
    given = PRESETS["paper"] | {
        "sizes": ((64, 64),),
        "g1_width": 4,
        "g1_downs": 2,
        "g1_blocks": 1,
        "judge_width": 4,
        "judge_scales": (2,),
        "perceptual": str(tmp_path / "vgg.pth"),
    }
    torch.manual_seed(0)
    task = Pix2PixHdTask(Pix2PixHdRecipe(scenes, **given), 0, None)
    for part in (task.bare, task.judges.bare):
        for weight in part.parameters():  # the published start is so flat that all gradients are
            torch.nn.init.normal_(weight, 0.0, 0.1)
    plain = published(task)
    for optimiser in (plain.painter, plain.critic):
        optimiser.param_groups[0]["lr"] = 1e-12
    task.setup(Fabric(accelerator="cpu", devices=1))
    batch = task.batch(np.random.default_rng(0), 1)
    task.step(batch, 1e-9, 0.5)
    plain.step(batch)
    # ours is cut where it is too long
    mine, theirs = _gradients(task.bare), _gradients(plain.network)
    lengths = [torch.stack([g.norm() for g in part.values()]).norm() for part in (mine, theirs)]
    for name, gradient in mine.items():
        wanted = theirs[name] * (lengths[0] / lengths[1])
        scale = float(lengths[0]) * 1e-4
        torch.testing.assert_close(gradient, wanted, rtol=2e-3, atol=scale)
    judge = _gradients(plain.judge)
    for name, gradient in _gradients(task.judges.bare).items():
        scale = float(judge[name].abs().max()) * 1e-2 + 1e-6  # leaky ReLUs fall to either side
        torch.testing.assert_close(gradient, judge[name], rtol=2e-3, atol=scale)


def _gradients(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p.grad for name, p in module.named_parameters() if p.grad is not None}
