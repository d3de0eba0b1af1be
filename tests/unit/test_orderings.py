"""The papers' methods for equal time: what an image costs, what is listed, what is resumed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import weights
from engine.errors import InputError
from tests.unit.products import write_pack
from tests.unit.test_bicycle_recipe import TINY
from tests.unit.test_loop import LineTask
from trainer.commands import orderings
from trainer.commands.orderings import OrderingsRecipe, train_orderings
from trainer.commands.train import RECIPES
from trainer.loop import RunOptions
from trainer.recipes import cost, equal_time
from trainer.recipes.contestants import Contestant
from trainer.recipes.cost import cost_of
from trainer.recipes.orderings import GROUPS, Claim, Group


class Clock:
    """Processor time that passes only where a task says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def process_time(self) -> float:
        return self.now


class Slow(LineTask):
    """Takes so much of the clock for a batch and for a step; the first steps are ten times as slow,
    and the second half of a run three times."""

    def __init__(self, clock: Clock, batch: float, step: float) -> None:
        super().__init__()
        self.clock, self.seconds, self.steps = clock, (batch, step), 0

    def batch(self, rng: np.random.Generator, size: int) -> Any:
        self.clock.now += self.seconds[0]
        return super().batch(rng, size)

    def step(self, batch: Any, rate: float, progress: float) -> dict[str, float]:
        self.steps += 1
        slower = 10 if self.steps <= 2 else 3 if progress > 0.6 else 1
        self.clock.now += self.seconds[1] * slower
        return super().step(batch, rate, progress)


def test_an_image_costs_what_batches_and_steps_take_over_the_whole_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(cost, "time", clock)
    tasks: dict[str, Any] = {"quick": Slow(clock, 0.5, 1.0), "slow": Slow(clock, 2.0, 4.0)}
    options = {
        "quick": RunOptions(batch=4, device="cpu"),
        "slow": RunOptions(batch=2, device="cpu"),
    }
    found = cost_of(tasks, options)
    # moments .1 .3 .5 cost batch + step, .7 and .9 batch + 3 steps
    assert found["quick"] == pytest.approx((5 * 0.5 + 3 * 1.0 + 2 * 3.0) / 5 / 4)
    assert found["slow"] == pytest.approx((5 * 2.0 + 3 * 4.0 + 2 * 12.0) / 5 / 2)


def contestant(name: str, method: str) -> Contestant:
    values: dict[str, Any] = {
        "method": method,
        "packs": ("items",),
        "sides": (32,),
        "shares": (1.0,),
        "network": TINY,
        "judge_width": 8,
        "perceptual_weight": 0.0,
    }
    return Contestant(name, "bicyclegan", "small", values, 4)


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two groups; the pack of the second is not there."""
    write_pack(tmp_path / "items")
    group = Group(
        "items",
        "Items",
        "A paper, section 1",
        "items",
        "32 x 32",
        (contestant("BicycleGAN", "bicycle"), contestant("pix2pix + noise", "pix2pix-noise")),
        (
            Claim("More varied.", "BicycleGAN", "pix2pix + noise", "held_out.diversity"),
            Claim("Never trained.", "BicycleGAN", "cLR-GAN", "held_out.diversity"),
        ),
    )
    absent = Group("absent", "Absent", "", "nowhere", "", (), ())
    monkeypatch.setattr(orderings, "GROUPS", (group, absent))
    costs = {"BicycleGAN": 0.5, "pix2pix + noise": 0.25}
    monkeypatch.setattr(equal_time, "cost_of", lambda tasks, options: {n: costs[n] for n in tasks})
    return tmp_path


def trained(data: Path, **changes: Any) -> dict[str, Any]:
    options = RunOptions(data / "runs", minutes=0.1, device="cpu", tick=0, **changes)
    path = train_orderings(OrderingsRecipe(data, only=("items",)), options)
    assert path == data / "runs" / "orderings.json"
    return json.loads(path.read_text())


def test_equal_time_buys_the_quicker_method_more_images(few: Path) -> None:
    found = trained(few)
    assert found["version"] == 1
    (group,) = found["groups"]  # what was not trained is not listed
    assert (group["id"], group["pack"], group["paper"]) == ("items", "items", "A paper, section 1")
    assert [model["name"] for model in group["models"]] == ["BicycleGAN", "pix2pix + noise"]
    assert [model["images"] for model in group["models"]] == [12, 24]  # 6 seconds, 4 a step
    assert group["budget"].startswith("0.1 minutes")
    for model in group["models"]:
        file = few / "runs" / model["path"]
        assert weights.read_card(file).architecture == "bicyclegan"
        last = (file.parent / "stats.jsonl").read_text().splitlines()[-1]
        assert json.loads(last)["images"] == model["images"]
        assert model["cpu_seconds"] > 0


def test_only_claims_whose_methods_are_trained_are_listed(few: Path) -> None:
    (group,) = trained(few)["groups"]
    assert [claim["text"] for claim in group["claims"]] == ["More varied."]


def test_what_is_trained_is_left_alone(few: Path) -> None:
    first = trained(few)
    files = [few / "runs" / model["path"] for model in first["groups"][0]["models"]]
    before = [(file.stat().st_mtime_ns, file.read_bytes()) for file in files]
    assert trained(few) == first
    assert [(file.stat().st_mtime_ns, file.read_bytes()) for file in files] == before


def test_an_interrupted_model_is_gone_on_with(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(recipe: Any, options: RunOptions) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Contestant, "train", lambda self: broken)
        with pytest.raises(KeyboardInterrupt):
            trained(few)
    spent = json.loads((few / "runs" / "items" / "bicyclegan" / "run.json").read_text())
    assert (spent["images"], spent["model"]) == (12, "")
    assert len(trained(few)["groups"][0]["models"]) == 2


def test_unknown_groups_and_absent_packs_are_named(few: Path) -> None:
    options = RunOptions(few / "runs", device="cpu")
    with pytest.raises(InputError, match="no group 'itmes'; use some of items, absent"):
        train_orderings(OrderingsRecipe(few, only=("itmes",)), options)
    with pytest.raises(InputError, match="no pack nowhere, which absent needs"):
        train_orderings(OrderingsRecipe(few), options)


def test_every_contestant_names_a_recipe_and_every_claim_two_contestants() -> None:
    assert len({group.id for group in GROUPS}) == len(GROUPS)
    for group in GROUPS:
        names = [contestant.name for contestant in group.contestants]
        assert len({contestant.folder for contestant in group.contestants}) == len(names)
        for contestant in group.contestants:
            built = contestant.built(Path("data"))
            assert type(built).__name__ == RECIPES[contestant.recipe].recipe
            assert Path("data") in (built.data, *built.data.parents)
        assert {name for claim in group.claims for name in (claim.better, claim.worse)} <= {*names}
