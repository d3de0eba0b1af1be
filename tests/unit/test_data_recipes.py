"""What `guise check` says of recipes is true: those that fit make batches of the folder."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import InputError
from tests.unit import data_folders as made
from tests.unit.test_check import FITTING
from trainer.commands.train import RECIPES
from trainer.data.opening import opened

TASKS = {
    "bicyclegan": "BicycleTask",
    "bicyclegan-paper": "BicyclePaperTask",
    "bicyclegan-scenes": "SceneBicycleTask",
    "deformable": "DeformableTask",
    "deformable-paper": "DeformablePaperTask",
    "edges": "EdgesTask",
    "perception": "PerceptionTask",
    "pix2pixhd": "Pix2PixHdTask",
    "segmenter": "SegmenterTask",
    "vunet": "VunetTask",
    "vunet-edges": "VunetEdgesTask",
    "vunet-paper": "VunetPaperTask",
}
STAGED = {"bicyclegan", "bicyclegan-scenes", "deformable", "pix2pixhd", "vunet", "vunet-edges"}
SMALL: dict[str, dict[str, Any]] = {
    "pix2pixhd": {"sizes": ((32, 64),), "shares": (1.0,), "judge_scales": (1,)},
    "segmenter": {"size": (32, 64)},
    "bicyclegan-scenes": {"sides": (32,), "shares": (1.0,)},
    "edges": {"crop": 64},
}


def task_of(name: str, folder: Path, **own: Any) -> Any:
    """The task of a recipe on a folder, as `guise train` makes it."""
    entry = RECIPES[name]
    module = importlib.import_module(entry.module)
    preset = module.PRESETS.get("tiny") or next(iter(module.PRESETS.values()))
    given = {"data": folder, **preset, **SMALL.get(name, {}), **own}
    recipe = opened(name, getattr(module, entry.recipe)(**given))
    return getattr(module, TASKS[name])(recipe, *((0, None) if name in STAGED else ()))


@pytest.mark.parametrize("layout", made.MAKERS)
def test_recipes_that_fit_make_batches(layout: str, tmp_path: Path) -> None:
    folder = made.MAKERS[layout](tmp_path / "my set")
    for name in sorted(FITTING[layout] & TASKS.keys()):
        torch.manual_seed(0)
        task = task_of(name, folder)
        batch = task.batch(np.random.default_rng(0), 2)
        tensors = [part for part in _leaves(batch) if isinstance(part, torch.Tensor)]
        assert tensors, name
        for tensor in tensors:
            assert tensor.shape[0] in (1, 2), name
            assert not tensor.is_floating_point() or bool(tensor.isfinite().all()), name


def _leaves(batch: Any) -> list[Any]:
    if isinstance(batch, (tuple, list)):
        return [leaf for part in batch for leaf in _leaves(part)]
    if hasattr(batch, "__dataclass_fields__"):
        return [leaf for part in vars(batch).values() for leaf in _leaves(part)]
    return [batch]


@pytest.mark.parametrize("layout", ["coco", "side-by-side", "labelme"])
def test_recipes_that_do_not_fit_are_refused(layout: str, tmp_path: Path) -> None:
    folder = made.MAKERS[layout](tmp_path / "set")
    for name in sorted(TASKS.keys() - FITTING[layout]):
        with pytest.raises(InputError, match=f"{name} cannot be trained on"):
            task_of(name, folder)


def test_a_folder_of_its_own_is_named_on_the_card(tmp_path: Path) -> None:
    task = task_of("bicyclegan", made.edges(tmp_path / "my slippers"))
    assert "my slippers" in task.card("guise train", {}).data


def test_b_to_a_paints_a(tmp_path: Path) -> None:
    folder = made.halves(tmp_path / "set")
    labels = made.pictures(tmp_path / "pictures")
    plain, turned = (
        task_of("pix2pixhd", labels, direction=way).folder.load(3).photo for way in ("AtoB", "BtoA")
    )
    np.testing.assert_array_equal(plain[..., :3], turned[..., 3:])
    np.testing.assert_array_equal(plain[..., 3:], turned[..., :3])
    swapped = made.halves(tmp_path / "swapped", swapped=True)
    as_is = task_of("bicyclegan-paper", folder).train
    turned = task_of("bicyclegan-paper", swapped, direction="BtoA").train
    np.testing.assert_array_equal(as_is.photos, turned.photos)
    np.testing.assert_array_equal(as_is.lines, turned.lines)
    with pytest.raises(InputError, match="cannot be trained on"):
        task_of("bicyclegan-paper", swapped)
