"""Painters of people taught one's own photos: they come nearer to held-out people, or stay."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from engine import registry, weights
from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.painters.vunet.network import VunetConfig
from engine.runtime import Runtime
from studio.training.recipes import TUNABLE
from tests.unit.people import drawn_person
from tests.unit.test_deformable_recipe import narrow_vgg  # noqa: F401  (a fixture)
from tests.unit.test_people_data import write_pack
from trainer.commands import train
from trainer.data.fitting import fits
from trainer.data.layouts import layout_of
from trainer.data.people_folders import read_packs
from trainer.loop import RunOptions, make_fabric
from trainer.losses import matte_loss
from trainer.recipes.deformable import DeformableRecipe, DeformableTask
from trainer.recipes.fine_tune import FineTuneRecipe, train_fine_tune, tunings
from trainer.recipes.vunet import VunetRecipe, VunetTask

CHANNELS = (8, 8, 8, 8)
CODES = VunetConfig(CHANNELS, CHANNELS, 4, 2, 4, 16, 1)


def poses(data: Path, perceptual: str) -> Any:
    recipe = DeformableRecipe(
        data, ("drawn",), (64,), (1.0,), CHANNELS, perceptual=perceptual, model_id="dolls"
    )
    return DeformableTask(recipe, 0, None)


def looks(data: Path, perceptual: str) -> Any:
    recipe = VunetRecipe(
        data, ("drawn",), (64,), (1.0,), network=CODES, perceptual=perceptual, model_id="dolls"
    )
    return VunetTask(recipe, 0, None)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    write_pack(tmp_path / "drawn", "train", 12)
    write_pack(tmp_path / "drawn", "val", 2)
    return tmp_path / "drawn"


@pytest.fixture(params=[poses, looks])
def start(
    request: pytest.FixtureRequest,
    mine: Path,
    narrow_vgg: Path,  # noqa: F811
    tmp_path: Path,
) -> Path:
    """A model of eight bits that has learned nothing yet."""
    made: Callable[[Path, str], Any] = request.param
    torch.manual_seed(0)
    task = made(mine.parent, str(narrow_vgg))
    card = msgspec.structs.replace(task.card("", {}), bits=8, terms="as a favour")
    path = tmp_path / "dolls.safetensors"
    state: dict[str, Tensor] = task.network.state_dict()
    weights.save(path, card, {name: value.half() for name, value in state.items()})
    return path


def tuned(start: Path, data: Path, perceptual: Path, **changes: Any) -> Path:
    recipe = FineTuneRecipe(data, str(start), perceptual=str(perceptual), **changes)
    options = RunOptions(data.parent / "run", images=48, batch=4, device="cpu", tick=1e9, warmup=1)
    return train_fine_tune(recipe, options)


def measured(path: Path, data: Path, perceptual: Path) -> dict[str, float]:
    """What the recipe that the model comes from says of a file's weights."""
    file = weights.load(path)
    make = looks if file.card.architecture == "vunet" else poses
    task = make(data.parent, str(perceptual))
    network = task.network
    network.load_state_dict({name: value.float() for name, value in file.tensors.items()})
    task.setup(make_fabric(RunOptions(device="cpu")))
    return task.validate(network.eval())


def nearness(figures: dict[str, float]) -> float:
    return figures["foreground_l1"] if "foreground_l1" in figures else figures["again_l1"]


def test_a_tuned_painter_comes_nearer_to_held_out_people_and_paints(
    start: Path,
    mine: Path,
    narrow_vgg: Path,  # noqa: F811
) -> None:
    path = tuned(start, mine, narrow_vgg, rate=4e-2)
    before, after = (nearness(measured(p, mine, narrow_vgg)) for p in (start, path))
    assert after < 0.95 * before
    card = weights.read_card(path)
    assert (card.id, card.bits, card.side, card.commercial) == ("dolls-own", 16, 64, False)
    assert "12 photos of one's own, tuned from dolls" in card.data
    assert card.terms.endswith("as a favour")
    painter = registry.build(weights.load(path), Runtime(torch.device("cpu"), torch.float32))
    photo, mask, pose = drawn_person()
    picture = painter.paint(pose, painter.prepare(FromPhoto(photo, pose, mask)), 96, lambda: False)
    assert picture.size == (96, 96)


def test_a_run_that_spoils_the_painter_gives_back_the_start(
    start: Path,
    mine: Path,
    narrow_vgg: Path,  # noqa: F811
) -> None:
    path = tuned(start, mine, narrow_vgg, rate=1.2)
    old, new = weights.load(start).tensors, weights.load(path).tensors
    for name, value in new.items():
        torch.testing.assert_close(value.float(), old[name].float(), rtol=1e-3, atol=1e-3)


def test_a_loss_that_is_no_number_says_so_instead_of_failing() -> None:
    alpha = torch.full((1, 1, 4, 4), 0.5)
    alpha[0, 0, 0, 0] = math.nan
    assert matte_loss(alpha, torch.ones(1, 1, 4, 4)).isnan()
    assert float(matte_loss(torch.full((2,), 0.5), torch.ones(2))) == pytest.approx(
        0.1 * math.log(2) + 0.5 * 0.5
    )


def test_a_folder_without_held_out_people_is_refused(
    start: Path,
    mine: Path,
    narrow_vgg: Path,  # noqa: F811
) -> None:
    write_pack(mine, "val", 0)
    with pytest.raises(InputError, match="no held-out photos; `guise prepare people` with --val"):
        tuned(start, mine, narrow_vgg)


def test_the_command_line_takes_people_and_says_how_to_try_the_model(
    start: Path,
    mine: Path,
    narrow_vgg: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--perceptual", str(narrow_vgg), "--images", "4", "--batch", "4", "--device", "cpu"]
    out = mine.parent / "run"
    train.main(["fine-tune", str(start), "--data", str(mine), *words, "--out", str(out)])
    assert (
        f"guise repose PHOTO --pose POSE.json -o OUT.png --model {out}" in capsys.readouterr().out
    )


def test_the_studio_offers_what_can_be_tuned() -> None:
    assert TUNABLE.keys() == tunings().keys()


def test_only_people_with_masks_can_be_learned_from(mine: Path) -> None:
    layout = layout_of(mine)
    assert layout is not None
    samples = read_packs(mine.parent, ("drawn",), "train")
    assert {one.id for one in fits("people", layout, samples) if one.fits} >= {"fine-tune"}
    bare = [replace(sample, mask=None) for sample in samples]
    (verdict,) = [one for one in fits("people", layout, bare) if one.id == "fine-tune"]
    assert not verdict.fits
    assert "there are no masks" in verdict.reason
