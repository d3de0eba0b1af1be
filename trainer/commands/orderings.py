"""`guise train orderings`: the methods that the papers compare, trained small for the same time."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import InputError
from engine.files import replacing
from trainer.loop import RunOptions
from trainer.recipes.cost import cost_of
from trainer.recipes.orderings import GROUPS, Contestant, Group

_VERSION = 1
_RUN = "run.json"


@dataclass(frozen=True)
class OrderingsRecipe:
    """Options of `guise train orderings`."""

    data: Path
    """Folder that holds the packs."""
    only: tuple[str, ...] = ()
    """Groups to train; without it, all of them."""


PRESETS: dict[str, dict[str, Any]] = {"small": {}}


class Spent(msgspec.Struct):
    """A model's budget and what it used up so far.

    Attributes:
        images: that its share of time buys.
        seconds_per_image: of the processor, measured before the start.
        cpu_seconds: used by training, loading, checkpoints and sample sheets together.
        model: the trained model's path below its run folder; empty until then.
    """

    images: int
    seconds_per_image: float
    cpu_seconds: float = 0.0
    model: str = ""


def train_orderings(recipe: OrderingsRecipe, options: RunOptions) -> Path:
    """Train every model that is not trained yet, each for `options.minutes` of processor time.

    Returns:
        The list of what was trained, `orderings.json`.

    Raises:
        InputError: no group of that name, or its pack is not there.
    """
    groups = _groups(recipe)
    for group in groups:
        budget(group, recipe.data, options)
        for contestant in group.contestants:
            _train(contestant, options.out / group.id, recipe.data, options)
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


def budget(group: Group, data: Path, options: RunOptions) -> None:
    """Measure what an image costs each model of a group that has no budget yet."""
    missing = [c for c in group.contestants if not _file(options.out, group, c).exists()]
    if not missing:
        return
    tasks = {c.name: c.task(c.built(data)) for c in missing}
    planned = {c.name: replace(options, batch=c.batch) for c in missing}
    costs = cost_of(tasks, planned)
    for contestant in missing:
        seconds = costs[contestant.name]
        images = round(options.minutes * 60 / seconds / contestant.batch) * contestant.batch
        _keep(_file(options.out, group, contestant), Spent(max(images, contestant.batch), seconds))
    del tasks
    gc.collect()


def _train(contestant: Contestant, folder: Path, data: Path, options: RunOptions) -> None:
    out = folder / contestant.folder
    file = out / _RUN
    spent = _read(file)
    if spent.model:
        return
    planned = replace(options, out=out, images=spent.images, batch=contestant.batch)
    with _counted(spent, file):
        path = contestant.train()(contestant.built(data), planned)
        spent.model = path.relative_to(out).as_posix()
    gc.collect()


@contextmanager
def _counted(spent: Spent, file: Path) -> Iterator[None]:
    """Adds the processor time of the block, also of one that is interrupted."""
    begun = time.process_time()
    try:
        yield
    finally:
        spent.cpu_seconds = round(spent.cpu_seconds + time.process_time() - begun, 1)
        _keep(file, spent)


def write_orderings(out: Path) -> Path:
    """List all groups of which something is trained in `out`."""
    groups = [_listed(group, out) for group in GROUPS]
    path = out / "orderings.json"
    content = {"version": _VERSION, "groups": [group for group in groups if group["models"]]}
    with replacing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    return path


def _listed(group: Group, out: Path) -> dict[str, Any]:
    models = [_model(group, contestant, out) for contestant in group.contestants]
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


def _model(group: Group, contestant: Contestant, out: Path) -> Mapping[str, Any] | None:
    file = _file(out, group, contestant)
    if not file.exists():
        return None
    spent = _read(file)
    if not spent.model:
        return None
    return {
        "name": contestant.name,
        "path": f"{group.id}/{contestant.folder}/{spent.model}",
        "images": spent.images,
        "cpu_seconds": spent.cpu_seconds,
        "seconds_per_image": spent.seconds_per_image,
    }


def _file(out: Path, group: Group, contestant: Contestant) -> Path:
    return out / group.id / contestant.folder / _RUN


def _read(file: Path) -> Spent:
    return msgspec.json.decode(file.read_bytes(), type=Spent)


def _keep(file: Path, spent: Spent) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as target:
        target.write(msgspec.json.encode(spent))
