"""Every loss and figure that a recipe writes has words that people understand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import trainer.recipes
from studio.training.names import words_for
from tests.unit import data_folders as made
from tests.unit.test_data_recipes import task_of
from tests.unit.test_ranks import write_vgg
from trainer.checkpoint import average_of
from trainer.loop import RunOptions, make_fabric
from trainer.recipes.edges_judging import Score

RECIPES_FOLDER = Path(trainer.recipes.__file__).parent
FOLDERS = {
    "bicyclegan-paper": "edges",
    "bicyclegan-scenes": "pix2pixhd",
    "deformable-paper": "posegan",
    "perception": "coco",
    "pix2pixhd": "pix2pixhd",
    "segmenter": "pix2pixhd",
    "vunet-paper": "index",
}
"""Recipes that are quick, or that make up names while they run; those of others are read."""
SEEING = {"bicyclegan-scenes", "deformable-paper", "pix2pixhd", "vunet-paper"}
STORED = {"losses", "told", "figures", "sums"}
"""Variables in which recipes gather what they tell."""
PARTS = {"known", "free", "coarse", "fine"}
"""Ends of names, which stand in dictionaries of their own."""
TELL = {"dict[str, Tensor]", "dict[str, float]", "Mapping[str, float]"}


def nameless(names: set[str]) -> set[str]:
    return {name for name in names if words_for(name) is None}


@pytest.mark.parametrize("recipe", sorted(FOLDERS))
def test_what_a_recipe_tells_in_a_step_and_a_validation_has_words(
    recipe: str, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    write_vgg(tmp_path / "vgg.pth")
    own: dict[str, Any] = {"perceptual": str(tmp_path / "vgg.pth")} if recipe in SEEING else {}
    task = task_of(recipe, made.MAKERS[FOLDERS[recipe]](tmp_path / "set"), **own)
    task.setup(make_fabric(RunOptions(device="cpu")))
    names = set(task.step(task.batch(np.random.default_rng(0), 2), 1.0, 0.95))
    names |= {f"val_{name}" for name in task.validate(average_of(task.network))}
    assert len(names) > 2
    assert not nameless(names)


def test_names_in_branches_that_tiny_runs_do_not_take_have_words() -> None:
    names = {name for path in RECIPES_FOLDER.glob("*.py") for name in written(path)}
    assert {"fool", "match", "gram", "low", "likeness", "best"} <= names
    names |= {"active_coarse", "active_fine", "kl_7", "fool_known", "fool_free", "judge_known"}
    names |= {f"shoes_{figure}" for figure in Score._fields}
    assert not nameless(names - PARTS)


def written(path: Path) -> Iterator[str]:
    """Names under which the functions of a module that tell losses or figures store them."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.FunctionDef(returns=ast.expr() as kind) if ast.unparse(kind) in TELL:
                for inner in ast.walk(node):
                    yield from (
                        str(key.value) for key in keys_in(inner) if isinstance(key, ast.Constant)
                    )


def keys_in(node: ast.AST) -> list[Any]:
    match node:
        case ast.Dict(keys=keys):
            return keys
        case ast.Subscript(value=ast.Name(id=name), slice=key) if name in STORED:
            return [key]
        case _:
            return []


def test_words_differ_where_names_do() -> None:
    shown = ["l1", "plain_l1", "perceptual", "fool_known", "fool_free", "judge", "kl_0", "kl_1"]
    titles = [words_for(name) for name in shown]
    assert len({words.title for words in titles if words}) == len(shown)
    assert words_for("val_l1") == words_for("l1")
    assert words_for("flux_capacity") is None
