"""The published BicycleGAN trained: the same updates as in the published order, every method."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from engine import weights
from engine.errors import InputError
from engine.painters.bicyclegan.official import EncoderConfig, OfficialConfig, OfficialGan, load
from engine.runtime import Runtime
from engine.shapes.sketch import Sketch, Stroke
from engine.vectors import thrown
from tests.bench.bicyclegan import published
from tests.unit.products import write_pack
from trainer.loop import RunOptions
from trainer.networks.two_patches import TwoPatches
from trainer.recipes.bicyclegan import METHODS
from trainer.recipes.bicyclegan_paper import (
    PRESETS,
    BicyclePaperRecipe,
    BicyclePaperTask,
    train_bicyclegan_paper,
)


@pytest.fixture(autouse=True)
def one_thread():
    """Networks this small only lose time on more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def recipe(tmp_path: Path) -> BicyclePaperRecipe:
    write_pack(tmp_path / "items", train=6, val=3)
    return BicyclePaperRecipe(data=tmp_path, packs=("items",), side=128, width=2, dropout=0.0)


def ready(recipe: BicyclePaperRecipe) -> BicyclePaperTask:
    """A task in single precision."""
    torch.manual_seed(0)
    task = BicyclePaperTask(recipe)
    task.setup(Fabric(accelerator="cpu", devices=1))
    return task


@pytest.mark.parametrize("batch", [2, 6])
def test_a_step_is_that_of_the_published_order(recipe: BicyclePaperRecipe, batch: int) -> None:
    task = ready(recipe)
    for part in (task.bare, *(judge.bare for judge in task.judges.values())):
        for weight in part.parameters():  # the published start is so flat that nothing would differ
            torch.nn.init.normal_(weight, 0.0, 0.2)
    plain = published(task)
    pairs = task.batch(np.random.default_rng(1), batch)
    torch.manual_seed(9)
    task.step(pairs, 1.0, 0.0)
    torch.manual_seed(9)
    z = torch.randn(batch // 2, recipe.looks)
    plain.step(pairs, z, torch.randn_like(z))
    networks = [(task.bare.generator, plain.network.generator), (task.bare.encoder, plain.encoder)]
    judges = [
        (judge.bare, theirs)
        for judge, theirs in zip(task.judges.values(), (plain.known, plain.free), strict=True)
    ]
    for mine, theirs in (*networks, *judges):
        wanted = dict(theirs.named_parameters())
        largest = max(float(p.grad.abs().max()) for p in wanted.values())
        assert largest > 1e-3
        for name, parameter in mine.named_parameters():
            other = wanted[name]
            assert float((parameter.grad - other.grad).abs().max()) < 1e-4 * largest, name
            clear = other.grad.abs() > 0.01 * largest  # Adam's first step takes the sign alone
            away = (parameter - other).detach().abs()[clear]
            assert not len(away) or float(away.max()) < 1e-3 * recipe.rate, name


def test_sizes_are_the_published_ones() -> None:
    judge = TwoPatches(3, 64)
    sizes = [sum(p.numel() for p in part.parameters()) for part in (judge.large, judge.small)]
    assert sizes == [2_764_737, 694_241]
    recipe = BicyclePaperRecipe(data=Path(), **PRESETS["paper"])
    with torch.device("meta"):
        network = OfficialGan(recipe.network())
    assert network.encoder is not None
    millions = [
        round(sum(p.numel() for p in part.parameters()) / 1e6, 2)
        for part in (network.generator, network.encoder)
    ]
    assert millions == [54.79, 2.59]


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method_trains_its_own_networks(recipe: BicyclePaperRecipe, method: str) -> None:
    task = ready(replace(recipe, method=method))
    before = {name: value.clone() for name, value in task.bare.state_dict().items()}
    losses = task.step(task.batch(np.random.default_rng(0), 4), 1.0, 0.0)
    after = task.bare.state_dict()
    moved = {name.split(".")[0] for name in after if not torch.equal(after[name], before[name])}
    alone = method in {"pix2pix", "pix2pix-noise"}
    assert moved == ({"generator"} if alone else {"generator", "encoder"})
    assert all(np.isfinite(value) for value in losses.values())
    assert ("latent" in losses) == (method in {"bicycle", "clr-gan"})
    assert ("divergence" in losses) == (method in {"bicycle", "cvae-gan"})
    assert ("fool_known" in losses) == (method != "clr-gan")


def test_finding_z_again_does_not_teach_the_encoder(recipe: BicyclePaperRecipe) -> None:
    alone = replace(recipe, l1=0.0, divergence=0.0, known=0.0, free=0.0)
    task = ready(alone)
    before = {name: value.clone() for name, value in task.bare.state_dict().items()}
    task.step(task.batch(np.random.default_rng(0), 4), 1.0, 0.0)
    after = task.bare.state_dict()
    moved = {name.split(".")[0] for name in after if not torch.equal(after[name], before[name])}
    assert moved == {"generator"}


def test_the_rate_is_constant_and_then_falls_to_nothing(recipe: BicyclePaperRecipe) -> None:
    task = ready(recipe)
    pairs = task.batch(np.random.default_rng(0), 2)
    rates = []
    for progress in (0.0, 0.5, 0.75, 1.0):
        task.step(pairs, 0.1, progress)
        rates.append(task.optimiser.param_groups[0]["lr"] / recipe.rate)
        judged = task.judges["known"].optimiser.param_groups[0]["lr"] / recipe.rate
        assert judged == pytest.approx(rates[-1])
    assert rates == pytest.approx([1.0, 1.0, 0.5, 0.0])


def test_pieces_of_enlarged_pictures_and_mirrored_ones_stay_paired(
    recipe: BicyclePaperRecipe,
) -> None:
    task = BicyclePaperTask(replace(recipe, load=160))
    pairs = task.batch(np.random.default_rng(3), 16)
    assert pairs.sketches.shape == (16, 1, 128, 128) and pairs.photos.shape == (16, 3, 128, 128)
    for sketch, photo in zip(pairs.sketches, pairs.photos, strict=True):
        item = torch.nn.functional.max_pool2d((photo.amin(0) < 0.9).float()[None], 9, 1, 4)[0]
        assert float(sketch[0].sum()) > 10
        assert float((sketch[0] * item).sum()) > 0.9 * float(sketch[0].sum())


def test_dropout_is_for_training_only() -> None:
    torch.manual_seed(0)
    config = OfficialConfig(width=4, downs=7, dropout=0.5, encoder=EncoderConfig(side=128, width=4))
    network = OfficialGan(config)
    sketch, z = torch.rand(1, 1, 128, 128), torch.randn(1, 8)

    def paint() -> torch.Tensor:
        return network.paint(network.read(sketch), z)

    assert not torch.equal(paint(), paint())
    network.eval()
    assert torch.equal(paint(), paint())
    plain = OfficialGan(replace(config, dropout=0.0))
    plain.load_state_dict(network.state_dict())
    assert torch.equal(plain.paint(plain.read(sketch), z), paint())


def test_a_run_ends_in_a_model_that_paints(recipe: BicyclePaperRecipe, tmp_path: Path) -> None:
    options = RunOptions(out=tmp_path / "run", images=8, batch=2, device="cpu", tick=0)
    path = train_bicyclegan_paper(replace(recipe, sketches="items/val/edges"), options)
    figures = [json.loads(row) for row in (path.parent / "stats.jsonl").read_text().splitlines()]
    assert np.isfinite(figures[0]["judge_free"])
    file = weights.load(path)
    assert (file.card.architecture, file.card.side) == ("bicyclegan-paper", 128)
    painter = load(file.card, file.tensors, Runtime(torch.device("cpu"), torch.float32))
    sketch = Sketch((90, 60), (Stroke.of([(10, 10), (80, 20), (30, 50), (10, 10)], 2.0),))
    picture = painter.paint(sketch, painter.prepare(thrown(1, 8)), 90, lambda: False)
    assert picture.size == (90, 60)
    with pytest.raises(InputError, match="even number"):
        train_bicyclegan_paper(recipe, replace(options, batch=3))


def test_a_resumed_run_goes_on_where_it_stopped(recipe: BicyclePaperRecipe) -> None:
    first = ready(recipe)
    pairs = first.batch(np.random.default_rng(0), 2)
    first.step(pairs, 1.0, 0.0)
    second = BicyclePaperTask(recipe)
    second.setup(Fabric(accelerator="cpu", devices=1))
    second.load_state(copy.deepcopy(first.state()))
    outcomes = []
    for task in (first, second):
        torch.manual_seed(4)
        outcomes.append(task.step(pairs, 1.0, 0.1))
    assert outcomes[0] == outcomes[1]
