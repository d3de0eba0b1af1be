"""`guise train orderings`: the methods that the papers compare, trained small for the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import InputError
from engine.files import replacing
from trainer.loop import RunOptions
from trainer.recipes.equal_time import Run, budget, train
from trainer.recipes.orderings import GROUPS, Group

_VERSION = 1


@dataclass(frozen=True)
class OrderingsRecipe:
    """Options of `guise train orderings`."""

    data: Path
    """Folder that holds the packs."""
    only: tuple[str, ...] = ()
    """Groups to train; without it, all of them."""


PRESETS: dict[str, dict[str, Any]] = {"small": {}}


def train_orderings(recipe: OrderingsRecipe, options: RunOptions) -> Path:
    """Train every model that is not trained yet, each for `options.minutes` of processor time.

    Returns:
        The list of what was trained, `orderings.json`.

    Raises:
        InputError: no group of that name, or its pack is not there.
    """
    groups = _groups(recipe)
    for group in groups:
        runs = _runs(group, recipe.data, options.out)
        budget(runs, options)
        for run in runs:
            train(run, options)
            write_orderings(options.out)
    return write_orderings(options.out)


def _groups(recipe: OrderingsRecipe) -> list[Group]:
    known = {group.id: group for group in GROUPS}
    unknown = [name for name in recipe.only if name not in known]
    if unknown:
        raise InputError(f"There is no group {unknown[0]!r}; use some of {', '.join(known)}.")
    groups = [known[name] for name in recipe.only or known]
    for group in groups:
        if not (recipe.data / group.pack).is_dir():
            raise InputError(f"{recipe.data} has no pack {group.pack}, which {group.id} needs.")
    return groups


def _runs(group: Group, data: Path, out: Path) -> list[Run]:
    return [Run(c, out / group.id / c.folder, data) for c in group.contestants]


def write_orderings(out: Path) -> Path:
    """List all groups of which something is trained in `out`."""
    groups = [_listed(group, out) for group in GROUPS]
    path = out / "orderings.json"
    content = {"version": _VERSION, "groups": [group for group in groups if group["models"]]}
    with replacing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    return path


def _listed(group: Group, out: Path) -> dict[str, Any]:
    models = [_model(group, run) for run in _runs(group, Path(), out)]
    trained = [model for model in models if model is not None]
    names = {model["name"] for model in trained}
    return {
        "id": group.id,
        "title": group.title,
        "paper": group.paper,
        "pack": group.pack,
        "pictures": group.side,
        "budget": _budget(trained),
        "models": trained,
        "claims": [
            {"text": c.text, "better": c.better, "worse": c.worse, "figure": c.figure}
            for c in group.claims
            if {c.better, c.worse} <= names
        ],
    }


def _budget(trained: Sequence[Mapping[str, Any]]) -> str:
    minutes = [model["images"] * model["seconds_per_image"] / 60 for model in trained]
    mean = sum(minutes) / max(len(minutes), 1)
    return f"{mean:.1f} minutes of processor time for the steps of each"


def _model(group: Group, run: Run) -> Mapping[str, Any] | None:
    spent = run.spent
    if spent is None or not spent.model:
        return None
    return {
        "name": run.contestant.name,
        "path": f"{group.id}/{run.out.name}/{spent.model}",
        "images": spent.images,
        "cpu_seconds": spent.cpu_seconds,
        "seconds_per_image": spent.seconds_per_image,
    }
