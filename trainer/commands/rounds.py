"""`guise train rounds`: what helps the bundled models, by changes trained for the same time."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from engine.errors import InputError
from engine.files import replacing
from trainer.loop import RunOptions
from trainer.recipes.equal_time import Run, Spent, budget, train
from trainer.recipes.rounds import KID, ROUNDS, Round
from trainer.recipes.rounds_measuring import Ruler, kid
from trainer.recipes.rounds_table import markdown, tables

_FIGURES = "figures.json"
_NEVER = 1e9
"""Seconds; nothing is shown or measured while training, which would be unequal time."""


@dataclass(frozen=True)
class RoundsRecipe:
    """Options of `guise train rounds`."""

    data: Path
    """Folder that holds the packs."""
    only: tuple[str, ...] = ()
    """Bundled models to do it for; without it, all of them."""
    seeds: int = 2
    """How often each recipe is trained, with another seed; two or more tell what is chance."""
    cases: int = 60
    """Held-out pictures that are painted for the KID-style distance; 0 = it is not measured."""


PRESETS: dict[str, dict[str, Any]] = {"small": {}}


def train_rounds(recipe: RoundsRecipe, options: RunOptions) -> Path:
    """Train and measure what is not done yet, each model for `options.minutes` of processor time.

    First all models' own recipes, then the changes, then the same with the next seed, so that what
    there is can be read at any time.

    Returns:
        The table, `rounds.md`; `rounds.json` beside it holds all figures.

    Raises:
        InputError: no bundled model of that name, or its packs are not there.
    """
    rounds = _rounds(recipe)
    planned = replace(options, sample_every=_NEVER)
    for seed in range(max(recipe.seeds, 1)):
        for own in (True, False):
            for one in rounds:
                _round(recipe, one, seed, own, planned)
    return write_tables(options.out)


def _rounds(recipe: RoundsRecipe) -> list[Round]:
    known = {one.id: one for one in ROUNDS}
    unknown = [name for name in recipe.only if name not in known]
    if unknown:
        raise InputError(f"There is no round {unknown[0]!r}; use some of {', '.join(known)}.")
    rounds = [known[name] for name in recipe.only or known]
    for one in rounds:
        for pack in one.packs:
            if not (recipe.data / pack).is_dir():
                raise InputError(f"{recipe.data} has no pack {pack}, which {one.id} needs.")
    return rounds


def _round(recipe: RoundsRecipe, one: Round, seed: int, own: bool, options: RunOptions) -> None:
    """The bundled model's own recipe, or its changes."""
    options = replace(options, minutes=one.share * options.minutes)
    runs = runs_of(one, recipe.data, options.out, seed)
    _budget(runs, runs_of(one, recipe.data, options.out, 0), options)
    wanted = runs[:1] if own else runs[1:]
    for run in wanted:
        train(run, options)
    missing = [run for run in wanted if not _names(one, recipe) <= figures_of(run).keys()]
    if missing:
        ruler = Ruler(one, recipe.data, runs[0].planned(options))
        for run in missing:
            _measure(run, one, ruler, recipe)
            write_tables(options.out)
        del ruler
        gc.collect()


def _names(one: Round, recipe: RoundsRecipe) -> set[str]:
    """The figures that are wanted."""
    return {m.name for m in one.measures if recipe.cases or m.name != KID}


def figures_of(run: Run) -> dict[str, float]:
    """What is measured of a run so far."""
    file = run.out / _FIGURES
    return msgspec.json.decode(file.read_bytes(), type=dict[str, float]) if file.exists() else {}


def runs_of(one: Round, data: Path, out: Path, seed: int) -> list[Run]:
    """The runs of a round with one seed; the bundled model's own recipe first."""
    return [Run(c, out / one.id / c.folder / f"seed-{seed}", data, seed) for c in one.contestants]


def _budget(runs: Sequence[Run], first: Sequence[Run], options: RunOptions) -> None:
    """Every seed buys as many images as the first."""
    budget(first, options)
    for run, known in zip(runs, first, strict=True):
        spent = known.spent
        if run.spent is None and spent is not None:
            run.keep(Spent(spent.images, spent.seconds_per_image))


def _measure(run: Run, one: Round, ruler: Ruler, recipe: RoundsRecipe) -> None:
    """What is missing of a run's figures."""
    model, figures = run.model, figures_of(run)
    assert model is not None
    wanted = _names(one, recipe) - figures.keys()
    if wanted - {KID}:
        figures |= ruler.figures(model)
    if KID in wanted:
        figures |= kid(one, model, recipe.data, recipe.cases)
    with replacing(run.out / _FIGURES) as file:
        file.write(msgspec.json.encode(figures))


def write_tables(out: Path) -> Path:
    """Write what is measured so far as Markdown and as JSON; returns the Markdown's path."""
    found = tables([(one, dict(_found(one, out))) for one in ROUNDS])
    with replacing(out / "rounds.json") as file:
        file.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    path = out / "rounds.md"
    with replacing(path) as file:
        file.write(markdown(found).encode())
    return path


def _found(one: Round, out: Path) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Name of a contestant, and a row of figures for each of its seeds."""
    for contestant in one.contestants:
        folders = sorted((out / one.id / contestant.folder).glob("seed-*"))
        runs = [Run(contestant, folder, Path()) for folder in folders]
        rows = [_row(run) for run in runs if figures_of(run)]
        if rows:
            yield contestant.name, rows


def _row(run: Run) -> Mapping[str, Any]:
    spent = run.spent
    assert spent is not None
    told = {"images": spent.images, "cpu_seconds": spent.cpu_seconds}
    return told | {"figures": figures_of(run)}
