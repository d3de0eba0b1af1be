"""The recipe of the VUNet on edges: both sides train, parts learn what they may, runs go on."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import weights
from engine.appearance import Sampled
from engine.painters.vunet.edges import load
from engine.painters.vunet.network import VunetConfig
from engine.runtime import Runtime
from engine.shapes.sketch import Sketch, Stroke
from tests.unit.products import write_pack
from tests.unit.test_deformable_recipe import narrow_vgg  # noqa: F401  (a fixture)
from trainer.cli import main
from trainer.loop import RunOptions, make_fabric
from trainer.recipes.vunet_edges import (
    VunetEdgesRecipe,
    VunetEdgesTask,
    bends,
    train_vunet_edges,
)

TINY = VunetConfig((8, 8, 8, 8), (8, 8, 8, 8), 16, 2, 4, 16, 1)


@pytest.fixture
def recipe(tmp_path: Path) -> VunetEdgesRecipe:
    write_pack(tmp_path / "items")
    return VunetEdgesRecipe(
        data=tmp_path,
        packs=("items",),
        sides=(64,),
        shares=(1.0,),
        network=TINY,
        judge_width=8,
        perceptual_weight=0.0,
        ramp=(-1.0, 0.0),
        judge_ramp=(-1.0, 0.0),
    )


def one_step(recipe: VunetEdgesRecipe) -> tuple[VunetEdgesTask, set[str], dict[str, float]]:
    """A task after one update, the parts whose weights moved, and the losses."""
    torch.manual_seed(0)
    task = VunetEdgesTask(recipe, 0, None)
    task.setup(make_fabric(RunOptions(device="cpu")))
    before = {name: value.clone() for name, value in task.bare.state_dict().items()}
    losses = dict(task.step(task.batch(np.random.default_rng(0), 4), 1.0, 0.5))
    after = task.bare.state_dict()
    moved = {name.split(".")[0] for name in after if not torch.equal(after[name], before[name])}
    return task, moved, losses


def test_both_sides_train_and_the_export_paints(
    recipe: VunetEdgesRecipe,
    tmp_path: Path,
    narrow_vgg: Path,  # noqa: F811
) -> None:
    recipe = replace(
        recipe,
        sides=(32, 64),
        shares=(0.4, 0.6),
        perceptual_weight=0.5,
        perceptual=str(narrow_vgg),
    )
    options = RunOptions(out=tmp_path / "run", images=60, batch=6, device="cpu", tick=0)
    path = train_vunet_edges(recipe, options)
    assert path == tmp_path / "run" / "64" / "model.safetensors"
    lines = [json.loads(line) for line in (path.parent / "stats.jsonl").read_text().splitlines()]
    told = ("l1", "perceptual", "posterior", "prior", "fool", "judge", "kl_fine")
    assert all(np.isfinite(lines[-2][name]) for name in told)
    assert "fool" not in (tmp_path / "run" / "32" / "stats.jsonl").read_text()
    file = weights.load(path)
    assert file.card.metrics.keys() >= {"encoded_l1", "random_l1", "diversity", "real_diversity"}
    painter = load(file.card, file.tensors, Runtime(torch.device("cpu"), torch.float32))
    sketch = Sketch((64, 64), (Stroke.of([(10, 10), (50, 20), (30, 50), (10, 10)], 1.0),))
    picture = painter.paint(sketch, painter.prepare(Sampled(1)), 64, lambda: False)
    assert picture.size == (64, 64)
    assert len(list((path.parent / "samples").glob("*.png"))) == 1


def test_the_prior_learns_from_codes_that_it_does_not_move(recipe: VunetEdgesRecipe) -> None:
    alone = replace(recipe, l1=0.0, posterior_weight=0.0, adversarial=0.0)
    _, moved, _ = one_step(alone)
    assert moved == {"prior"}
    _, moved, losses = one_step(replace(recipe, prior_weight=0.0))
    assert {"encoder", "decoder", "unet"} <= moved
    assert "fool" in losses


def test_divergence_counts_once_noise_has_begun(recipe: VunetEdgesRecipe) -> None:
    _, _, late = one_step(recipe)
    _, _, early = one_step(replace(recipe, ramp=(0.9, 1.0)))
    assert early["posterior"] == 0
    assert late["posterior"] == pytest.approx(
        1e-4 * (late["kl_coarse"] + late["kl_fine"]), rel=1e-4
    )


def test_bends_are_smooth_and_centred() -> None:
    torch.manual_seed(0)
    made = bends(200)
    assert made.shape == (200, 64, 64, 2)
    assert made.mean().abs() < 0.01
    assert 0.02 < made.std() < 0.08
    steps = made.diff(dim=1).abs().max()
    assert steps < 0.05


def test_a_resumed_run_goes_on_where_it_stopped(recipe: VunetEdgesRecipe) -> None:
    first, _, _ = one_step(recipe)
    second = VunetEdgesTask(recipe, 0, None)
    second.setup(make_fabric(RunOptions(device="cpu")))
    second.load_state(copy.deepcopy(first.state()))
    batch = first.batch(np.random.default_rng(1), 4)
    ends = []
    for task in (first, second):
        torch.manual_seed(0)
        task.step(batch, 1.0, 0.6)
        ends.append(torch.cat([p.flatten() for p in task.bare.parameters()]))
    assert torch.equal(*ends)


def test_the_command_trains(recipe: VunetEdgesRecipe, tmp_path: Path) -> None:
    args = ["train", "vunet-edges", "--data", str(recipe.data), "--packs", "items"]
    args += ["--sides", "32", "--shares", "1", "--perceptual-weight", "0", "--judge-width", "4"]
    args += ["--batch", "2", "--images", "4", "--device", "cpu", "--out", str(tmp_path / "run")]
    assert main(args) == 0
    card = weights.read_card(tmp_path / "run" / "32" / "model.safetensors")
    assert card.architecture == "vunet-edges"
    assert card.takes == ("FromPhoto", "Sampled", "Mix")
