"""A painter of sketches taught one's own photos: what stays, what is kept, what is refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine import weights
from engine.errors import InputError
from engine.painters.bicyclegan.network import BicycleConfig, BicycleGan
from engine.painters.pix2pixhd.clusters import clusters_from
from tests.unit.products import write_pack
from tests.unit.test_bicycle_recipe import TINY
from tests.unit.test_loop import LineTask
from tests.unit.test_pix2pixhd_recipe import TINY as TINY_SCENES
from trainer.commands import train
from trainer.data.products import read_products
from trainer.loop import RunOptions, make_fabric, run
from trainer.recipes.best import Best
from trainer.recipes.bicyclegan import BicycleRecipe, BicycleTask
from trainer.recipes.bicyclegan_judging import pairs_of
from trainer.recipes.fine_tune import FineTuneRecipe, train_fine_tune
from trainer.recipes.pix2pixhd import Pix2PixHdRecipe, Pix2PixHdTask

FIGURES = (5.0, 2.0, 3.0, 4.0)


class Judged(LineTask):
    """A line whose figures are given: at the start, then at every look."""

    def __init__(self) -> None:
        super().__init__()
        self.looked: list[tuple[float, float]] = []

    def validate(self, network: Any) -> dict[str, float]:
        figure = FIGURES[min(len(self.looked), len(FIGURES) - 1)]
        self.looked.append((figure, float(network.weight.detach())))
        return {"away": figure}


def judged() -> Any:
    """For whom a task's network may be any module."""
    return Judged()


def test_the_best_weights_of_a_run_are_kept_with_their_figures(tmp_path: Path) -> None:
    inner = judged()
    task = Best(inner, "away")
    options = RunOptions(tmp_path, images=480, device="cpu", tick=1e9, sample_every=0)
    path = run(task, options)
    seen = inner.looked
    assert [figure for figure, _ in seen[:4]] == list(FIGURES)
    assert float(task.tensors["weight"]) == seen[1][1]
    assert seen[1][1] != seen[2][1] != seen[3][1]  # it went on learning
    assert weights.read_card(path).metrics["away"]["value"] == 2.0


def test_what_was_best_survives_an_interruption(tmp_path: Path) -> None:
    first = Best(judged(), "away")
    run(first, RunOptions(tmp_path, images=160, device="cpu", tick=1e9, sample_every=0))
    again = Best(judged(), "away")
    again.setup(make_fabric(RunOptions(device="cpu")))
    assert again.lowest == FIGURES[0]  # the start is the best so far
    again.load_state(torch.load(tmp_path / "state.pt", weights_only=True)["task"])
    assert again.lowest == first.lowest
    assert torch.equal(again.tensors["weight"], first.tensors["weight"])
    assert math.isinf(Best(judged(), "away").lowest)


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A model of eight bits, as models are bundled, that has learned a little of other items."""
    write_pack(tmp_path / "items")
    recipe = BicycleRecipe(
        data=tmp_path,
        packs=("items",),
        sides=(64,),
        shares=(1.0,),
        network=TINY,
        judge_width=8,
        perceptual_weight=0.0,
        model_id="ellipses",
    )
    task = BicycleTask(recipe, 0, None)
    task.setup(make_fabric(RunOptions(device="cpu")))
    for step in range(3):
        task.step(task.batch(np.random.default_rng(step), 4), 1.0, 0.0)
    card = task.card("guise train bicyclegan", {})
    path = tmp_path / "ellipses.safetensors"
    weights.save(
        path, msgspec.structs.replace(card, bits=8, terms="as a favour"), halves(task.bare)
    )
    return path


def halves(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.half() for name, value in network.state_dict().items()}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    write_pack(tmp_path / "mine", train=14, val=3)
    return tmp_path / "mine"


def tuned(start: Path, photos: Path, out: Path, **changes: Any) -> Path:
    recipe = FineTuneRecipe(data=photos, model=str(start), perceptual_weight=0.0)
    options = RunOptions(out, images=16, batch=4, device="cpu", tick=1e9)
    return train_fine_tune(replace(recipe, **changes), options)


def painted_again(path: Path, photos: Path) -> Tensor:
    """Held-out photos with their own looks."""
    file = weights.load(path)
    network = BicycleGan(msgspec.convert(file.card.config, BicycleConfig)).eval()
    network.load_state_dict({name: value.float() for name, value in file.tensors.items()})
    sketches, shown = pairs_of(read_products(photos, ("",), "val", file.card.side), 3)
    with torch.no_grad():
        return network.paint(network.read(sketches), network.encode(shown).mean)


def test_the_card_says_what_it_was_tuned_from_and_under_which_terms(
    start: Path, photos: Path, tmp_path: Path
) -> None:
    card = weights.read_card(tuned(start, photos, tmp_path / "run"))
    assert card.id == "ellipses-own"
    assert card.architecture == "bicyclegan"
    assert card.side == 64
    assert "14 photos" in card.data
    assert "tuned from ellipses" in card.data
    assert "as a favour" in card.terms
    assert not card.commercial
    assert card.bits == 16
    assert card.metrics.keys() >= {"likeness", "encoded_l1", "effect_1"}


def test_a_model_that_learns_nothing_paints_as_the_one_it_started_from(
    start: Path, photos: Path, tmp_path: Path
) -> None:
    same = painted_again(tuned(start, photos, tmp_path / "run", rate=0.0), photos)
    assert torch.allclose(same, painted_again(start, photos), atol=0.02)


def test_a_run_that_spoils_the_model_gives_back_the_start(
    start: Path, photos: Path, tmp_path: Path
) -> None:
    path = tuned(start, photos, tmp_path / "run", rate=50.0)
    spoilt = torch.load(tmp_path / "run" / "state.pt", weights_only=True)["average"]
    bare = BicycleGan(TINY)
    bare.load_state_dict(spoilt)
    weights.save(tmp_path / "spoilt.safetensors", weights.read_card(start), halves(bare))
    before = painted_again(start, photos)
    assert torch.allclose(painted_again(path, photos), before, atol=0.02)
    assert not torch.allclose(
        painted_again(tmp_path / "spoilt.safetensors", photos), before, atol=0.1
    )


def test_a_run_that_learns_comes_nearer_to_held_out_photos(
    start: Path, photos: Path, tmp_path: Path
) -> None:
    path = tuned(start, photos, tmp_path / "run", rate=2e-3)
    known = read_products(photos, ("",), "val", 64)
    truth = pairs_of(known, 3).photos

    def away(model: Path) -> float:
        return float((painted_again(model, photos) - truth).abs().mean())

    assert away(path) < away(start)


def test_too_few_photos_are_refused(start: Path, tmp_path: Path) -> None:
    write_pack(tmp_path / "few", train=5, val=2)
    with pytest.raises(InputError, match="5 photos to learn from; give 12 or more"):
        tuned(start, tmp_path / "few", tmp_path / "run")


def test_a_model_that_paints_something_else_is_refused(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="person-reader cannot be tuned"):
        tuned(Path("person-reader"), photos, tmp_path / "run")
    with pytest.raises(InputError, match="no model 'shose'"):
        tuned(Path("shose"), photos, tmp_path / "run")


def test_the_model_is_named_first_on_the_command_line(
    start: Path, photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--perceptual-weight", "0", "--images", "4", "--batch", "4", "--device", "cpu"]
    out = ["--out", str(tmp_path / "run")]
    train.main(["fine-tune", str(start), "--data", str(photos), *words, *out])
    assert "guise sketch SKETCH" in capsys.readouterr().out
    assert weights.read_card(tmp_path / "run" / "model.safetensors").id == "ellipses-own"


def side_by_side(pack: Path, out: Path) -> Path:
    """The pairs of a pack as single pictures with the edges on the right."""
    for split in ("train", "val"):
        (out / split).mkdir(parents=True)
        for photo in sorted((pack / split / "photos").iterdir()):
            edges = next((pack / split / "edges").glob(f"{photo.stem}.*"))
            both = [np.asarray(cv2.imread(str(path))) for path in (photo, edges)]
            cv2.imwrite(str(out / split / f"{photo.stem}.png"), np.hstack(both))
    return out


def test_pairs_with_their_edges_on_the_right_are_learned_from(
    start: Path, photos: Path, tmp_path: Path
) -> None:
    pairs = side_by_side(photos, tmp_path / "pairs")
    path = tuned(start, pairs, tmp_path / "run", direction="BtoA", rate=0.0)
    apart = tuned(start, photos, tmp_path / "other", rate=0.0)
    mine, theirs = (weights.read_card(p).metrics["likeness"]["value"] for p in (path, apart))
    assert mine == pytest.approx(theirs, rel=0.02)  # photos are stored as JPEG in one of them
    with pytest.raises(InputError):
        tuned(start, pairs, tmp_path / "wrong")


def write_scenes(folder: Path, train: int) -> Path:
    """Sky over a road, whose colours differ from photo to photo."""
    for split, count in (("train", train), ("val", 3)):
        for part in ("label", "img"):
            (folder / f"{split}_{part}").mkdir(parents=True)
        for n in range(count):
            labels = np.full((64, 64), 23, np.uint8)
            labels[32 + n % 5 :] = 7
            photo = np.where(labels[..., None] == 7, 60 + 5 * n, 200 - 5 * n).repeat(3, 2)
            cv2.imwrite(str(folder / f"{split}_label" / f"{n}.png"), labels)
            cv2.imwrite(str(folder / f"{split}_img" / f"{n}.png"), photo.astype(np.uint8))
    return folder


def scene_model(data: Path, path: Path) -> Path:
    recipe = Pix2PixHdRecipe(
        data, network=TINY_SCENES, sizes=((64, 64),), perceptual_weight=0.0, model_id="roads"
    )
    task = Pix2PixHdTask(recipe, 0, None)
    card = msgspec.structs.replace(task.card("", {}), bits=8, terms="as a favour")
    weights.save(path, card, halves(task.bare))
    return path


def test_a_painter_of_scenes_is_tuned_and_knows_the_looks_of_its_new_photos(
    tmp_path: Path,
) -> None:
    data = write_scenes(tmp_path / "mine", 12)
    start = scene_model(data, tmp_path / "roads.safetensors")
    path = tuned(start, data, tmp_path / "run", size=(64, 64))
    file = weights.load(path)
    assert file.card.id == "roads-own"
    assert "12 photos of one's own, tuned from roads" in file.card.data
    assert file.card.terms.endswith("as a favour")
    looks = clusters_from(file.tensors, 3)
    assert {7, 23} <= looks.centres.keys()
    assert not clusters_from(weights.load(start).tensors, 3).centres


def test_scenes_of_other_classes_are_refused(tmp_path: Path) -> None:
    data = write_scenes(tmp_path / "mine", 12)
    start = scene_model(data, tmp_path / "roads.safetensors")
    other = write_scenes(tmp_path / "other", 12)
    names = [{"id": n, "name": f"class {n}", "color": [n, n, n]} for n in range(24)]
    (other / "labels.json").write_text(json.dumps(names))
    with pytest.raises(InputError, match=r"roads paints 35 classes and .* has 24"):
        tuned(start, other, tmp_path / "run")
