"""BicycleGAN's recipe on drawn items: every method trains, and each network learns what it may."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from engine import weights
from engine.painters.bicyclegan.network import BicycleConfig, Look
from engine.painters.bicyclegan.painter import load, thrown
from engine.runtime import Runtime
from engine.shapes.sketch import Sketch, Stroke
from tests.unit.products import write_pack
from tests.unit.test_deformable_recipe import narrow_vgg  # noqa: F401  (a fixture)
from trainer.loop import RunOptions, make_fabric
from trainer.networks.latents import Gathered, divergence
from trainer.recipes.bicyclegan import (
    METHODS,
    BicycleRecipe,
    BicycleTask,
    train_bicyclegan,
)
from trainer.recipes.bicyclegan_axes import effects, principal_axes, rebase, spread_of

TINY = BicycleConfig((8, 8, 8, 8, 8), (8, 8, 8, 8), 4, 8)


@pytest.fixture
def recipe(tmp_path: Path) -> BicycleRecipe:
    write_pack(tmp_path / "items")
    return BicycleRecipe(
        data=tmp_path,
        packs=("items",),
        sides=(64,),
        shares=(1.0,),
        network=TINY,
        judge_width=8,
        perceptual_weight=0.0,
        ramp=(-1.0, 0.0),
    )


def one_step(recipe: BicycleRecipe) -> tuple[BicycleTask, set[str], dict[str, float]]:
    """A task after one update, the parts whose weights moved, and the losses."""
    task = BicycleTask(recipe, 0, None)
    task.setup(make_fabric(RunOptions(device="cpu")))
    before = {name: value.clone() for name, value in task.bare.state_dict().items()}
    losses = dict(task.step(task.batch(np.random.default_rng(0), 4), 1.0, 0.5))
    after = task.bare.state_dict()
    moved = {name.split(".")[0] for name in after if not torch.equal(after[name], before[name])}
    return task, moved, losses


def test_both_sides_train_and_the_export_paints(
    recipe: BicycleRecipe,
    tmp_path: Path,
    narrow_vgg: Path,  # noqa: F811
) -> None:
    recipe = replace(
        recipe,
        sides=(32, 64),
        shares=(0.4, 0.6),
        ramp=(0.0, 0.5),
        perceptual_weight=0.5,
        perceptual=str(narrow_vgg),
        sketches="items/val/edges",
    )
    path = train_bicyclegan(
        recipe, RunOptions(out=tmp_path / "run", images=60, batch=6, device="cpu", tick=0)
    )
    assert path == tmp_path / "run" / "64" / "model.safetensors"
    figures = [json.loads(r) for r in (path.parent / "stats.jsonl").read_text().splitlines()]
    told = ("l1", "perceptual", "divergence", "fool_known", "fool_free", "latent", "judge_free")
    assert all(np.isfinite(figures[-2][name]) for name in told)
    assert "fool_free" not in (tmp_path / "run" / "32" / "stats.jsonl").read_text()
    file = weights.load(path)
    assert file.card.side == 64
    assert file.card.metrics.keys() >= {"encoded_l1", "random_l1", "latent", "diversity"}
    effect = [file.card.metrics[f"effect_{n}"]["value"] for n in range(1, 5)]
    assert effect == sorted(effect, reverse=True)
    painter = load(file.card, file.tensors, Runtime(torch.device("cpu"), torch.float32))
    sketch = Sketch((64, 64), (Stroke.of([(10, 10), (50, 20), (30, 50), (10, 10)], 1.0),))
    looks = [painter.prepare(thrown(seed, 4)) for seed in (1, 2)]
    pictures = painter.paint_all(sketch, looks, 64, lambda: False)
    assert not np.array_equal(pictures[0].pixels, pictures[1].pixels)


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method_of_the_paper_trains_its_own_networks(
    recipe: BicycleRecipe, method: str
) -> None:
    _, moved, losses = one_step(replace(recipe, method=method))
    without_encoder = {"pix2pix", "pix2pix-noise"}
    assert moved == ({"generator"} if method in without_encoder else {"generator", "encoder"})
    assert ("l1" in losses) == (method != "clr-gan")
    assert ("divergence" in losses) == (method in {"bicycle", "cvae-gan"})
    assert ("latent" in losses) == (method in {"bicycle", "clr-gan"})


@pytest.mark.parametrize(("method", "learns"), [("bicycle", False), ("clr-gan", True)])
def test_finding_z_again_teaches_the_encoder_only_where_nothing_else_does(
    recipe: BicycleRecipe, method: str, learns: bool
) -> None:
    alone = replace(recipe, method=method, l1=0.0, divergence=0.0, adversarial=0.0)
    _, moved, _ = one_step(alone)
    assert moved == ({"generator", "encoder"} if learns else {"generator"})


def test_a_resumed_run_goes_on_where_it_stopped(recipe: BicycleRecipe) -> None:
    first, _, _ = one_step(recipe)
    second = BicycleTask(recipe, 0, None)
    second.setup(make_fabric(RunOptions(device="cpu")))
    second.load_state(copy.deepcopy(first.state()))
    batch = first.batch(np.random.default_rng(1), 4)
    ends = []
    for task in (first, second):
        torch.manual_seed(0)
        task.step(batch, 1.0, 0.6)
        ends.append(torch.cat([p.flatten() for p in task.bare.parameters()]))
    assert torch.equal(*ends)


def test_divergence_is_that_of_normal_distributions() -> None:
    torch.manual_seed(0)
    look = Look(torch.randn(5, 4), torch.randn(5, 4))
    each = kl_divergence(
        Normal(look.mean, (look.spread / 2).exp()), Normal(torch.zeros(5, 4), torch.ones(5, 4))
    )
    torch.testing.assert_close(divergence(look), each.mean(0))


def test_a_collapsed_dimension_costs_nothing(recipe: BicycleRecipe) -> None:
    wide = replace(recipe, free_nats=1000.0, l1=0.0, latent=0.0, adversarial=0.0)
    _, moved, losses = one_step(wide)
    assert moved == set()
    assert losses["divergence"] == pytest.approx(0.01 * 4 * 1000)


def test_gathered_vectors_are_measured_over_batches() -> None:
    torch.manual_seed(0)
    vectors = torch.randn(40, 3) @ torch.tensor([[2.0, 0, 0], [1, 0.5, 0], [0, 0, 1]]) + 0.3
    gathered = Gathered(3, count=30)
    for batch in vectors[:30].split(10):
        gathered.loss(batch)
    measured = float(gathered.loss(vectors[30:]))
    every = vectors.numpy()
    apart = np.cov(every.T, bias=True) - np.eye(3)
    assert measured == pytest.approx((every.mean(0) ** 2).sum() + (apart**2).sum(), rel=1e-5)


def test_vectors_pulled_together_become_standard_normal() -> None:
    torch.manual_seed(0)
    mixing = torch.nn.Linear(4, 4)
    optimiser = torch.optim.Adam(mixing.parameters(), lr=0.005)
    gathered = Gathered(4)
    for _ in range(1500):
        optimiser.zero_grad()
        gathered.loss(mixing(torch.randn(16, 4))).backward()
        optimiser.step()
    with torch.no_grad():
        made = mixing(torch.randn(4000, 4)).numpy()
    assert np.abs(made.mean(0)).max() < 0.15
    assert np.abs(np.cov(made.T) - np.eye(4)).max() < 0.2


def test_another_basis_paints_the_same_pictures(recipe: BicycleRecipe) -> None:
    task, _, _ = one_step(recipe)
    before = copy.deepcopy(task.bare).float().eval()
    after = copy.deepcopy(before)
    batch = task.batch(np.random.default_rng(2), 6)
    basis = np.random.default_rng(3).normal(size=(4, 4)).astype(np.float32)
    middle = np.array([0.3, -0.2, 0.1, 0.5], np.float32)
    rebase(after, basis, middle)
    y = torch.randn(6, TINY.looks)
    z = y @ torch.from_numpy(basis).T + torch.from_numpy(middle)
    with torch.no_grad():
        features = before.read(batch.sketches)
        torch.testing.assert_close(
            after.paint(features, y), before.paint(features, z), atol=1e-4, rtol=1e-3
        )
        old, new = (network.encode(batch.photos).mean for network in (before, after))
    found = new @ torch.from_numpy(basis).T + torch.from_numpy(middle)
    torch.testing.assert_close(found, old, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("share", [1.0, 0.8])
def test_looks_of_photos_fill_the_standard_normal_in_order_of_effect(
    recipe: BicycleRecipe, share: float
) -> None:
    task, _, _ = one_step(recipe)
    network = copy.deepcopy(task.bare).float().eval()
    with torch.no_grad():
        network.encoder.linear.weight.mul_(20)  # an untrained encoder gives one look to all
    batch = task.batch(np.random.default_rng(2), 40)
    rebase(network, *spread_of(network, batch.photos, share))
    products = effects(network, batch.sketches[:6])
    axes = principal_axes(products)
    rebase(network, axes.T, np.zeros(TINY.looks, np.float32))
    with torch.no_grad():
        means = network.encode(batch.photos).mean.numpy()
    assert np.abs(means.mean(0)).max() < 0.01
    assert np.linalg.eigvalsh(np.cov(means.T)).max() == pytest.approx(share**-2, rel=1e-2)
    found = effects(network, batch.sketches[:6]).diagonal()
    strengths = np.diag(axes @ products.numpy() @ axes.T)
    assert (np.diff(strengths) <= 1e-6).all()
    assert found[0] >= 0.5 * found.max()


def test_without_looks_whatever_look_is_given_does_nothing(recipe: BicycleRecipe) -> None:
    task, _, _ = one_step(replace(recipe, method="pix2pix"))
    features = task.bare.read(torch.rand(1, 1, 64, 64))
    with torch.no_grad():
        none, other = (task.bare.paint(features, z) for z in (torch.zeros(1, 4), torch.ones(1, 4)))
    assert torch.equal(none, other)
