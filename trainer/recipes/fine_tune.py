"""A painter taught one's own photos: from a model at hand, in minutes, on 20 to 200 of them.

What is known stays: a low rate, photos varied strongly, and discriminators that start from nothing
gain their little weight slowly. The weights that paint the held-out photos best are kept, which may
be those at the start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import tyro

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError
from trainer.data.products import Direction
from trainer.data.scene_batches import Varied
from trainer.data.sketches import Drawn
from trainer.loop import RunOptions, run
from trainer.ranks import is_first
from trainer.recipes.best import Best
from trainer.task import Task

FEWEST = 12
"""Photos that are left to learn from, at least."""
_LOOKED_AT = 30.0
"""Seconds between validations and checkpoints, at most: small sets are soon learned by heart, and
short runs would lose much of themselves."""


@dataclass(frozen=True)
class FineTuneRecipe:
    """Options of `guise train fine-tune`."""

    data: Path
    """Folder with train and val: for sketches as `guise prepare edges` makes it of your photos,
    for people as `guise prepare people` does, for scenes with photos and label maps."""
    model: Annotated[str, tyro.conf.Positional] = "shoes"
    """Id of the model to start from, as in `guise models list`, or its file."""
    direction: Direction = "AtoB"
    """Of side-by-side pictures: AtoB = the edges are on the left, BtoA = on the right."""
    rate: float = 4e-4
    """Learning rate of sketches, half of that of training from nothing; less for others."""
    drawn: Drawn = field(default_factory=lambda: Drawn(hairs=0.3, scale=0.15, colours=0.3))
    """How photos and their edges are varied."""
    varied: Varied = field(default_factory=lambda: Varied(closest=0.5, light=0.12))
    """How scenes are varied."""
    perceptual: str = "auto"
    """auto (vgg19, without internet bundled), vgg19, bundled (the encoder of the bundled reader of
    people), hed, or a weight file."""
    perceptual_weight: float = 0.5
    """Weight of the perceptual distance, four times as much for scenes, a fifth for people; 0 =
    none."""
    adversarial: float = 0.3
    """Weight of each discriminator, a fiftieth of it for people; 0 = none. A few photos are soon
    known by heart."""
    ramp: tuple[float, float] = (0.4, 0.7)
    """Those of sketches gain weight over this part of the run."""
    spread: float = 1.0
    """Spread of random looks of sketches as a share of that of your photos."""
    size: tuple[int, int] = (160, 224)
    """Height and width of the crops of scenes, multiples of 32."""
    model_id: str = ""
    """Id of the new model; without it, the old one's with `-own`."""


PRESETS: dict[str, dict[str, Any]] = {"small": {}}


@dataclass(frozen=True)
class Tuning:
    """What is done with models of one architecture.

    Attributes:
        task: goes on where the model stands.
        figure: of its validation; the weights with the lowest are kept.
        photos: how many it learns from.
        finish: does to the exported file what is done once training is over.
    """

    task: Task
    figure: str
    photos: int
    finish: Callable[[Path, RunOptions], None]


def train_fine_tune(recipe: FineTuneRecipe, options: RunOptions) -> Path:
    """Teach a model one's own photos; returns the new model's path.

    Raises:
        InputError: no such model, one that cannot be tuned, or too few photos.
        KeyboardInterrupt: stopped by Ctrl-C, after the best weights were kept.
    """
    path, card = found(recipe.model)
    tuning = tunings()[card.architecture](recipe, path, card)
    if tuning.photos < FEWEST:
        raise InputError(f"There are {tuning.photos} photos to learn from; give {FEWEST} or more.")
    task = Best(tuning.task, tuning.figure)
    planned = replace(
        options,
        sample_every=min(options.sample_every, _LOOKED_AT),
        save_every=min(options.save_every, _LOOKED_AT),
    )
    try:
        run(task, planned)
    finally:
        made = options.out / "model.safetensors"
        if made.exists() and is_first() and not options.estimate:
            _keep(made, task)
            tuning.finish(made, options)
    return made


def found(model: str) -> tuple[Path, Card]:
    """A model's file and card, by its id or its path.

    Raises:
        InputError: there is none, or it cannot be tuned.
    """
    known = {entry.card.id: entry.path for entry in registry.catalogue()}
    path = Path(model) if Path(model).is_file() else known.get(model)
    if path is None:
        fit = [e.card.id for e in registry.catalogue() if e.card.architecture in tunings()]
        raise InputError(f"There is no model {model!r}; name a file or one of: {', '.join(fit)}.")
    card = weights.read_card(path)
    if card.architecture not in tunings():
        raise InputError(
            f"{card.id} cannot be tuned; start from a painter such as people, people-vunet, shoes, "
            "bags, street or facades."
        )
    return path, card


def own_card(made: Card, old: Card, photos: int) -> Card:
    """The new model's card: what it was tuned from, and under which terms.

    Args:
        made: as the recipe writes it.
        old: of the model that was tuned.
        photos: how many were learned from.
    """
    return msgspec.structs.replace(
        made,
        title=made.id.replace("-", " ").capitalize(),
        summary=old.summary,
        data=f"{photos} photos of one's own, tuned from {old.id}: {old.data}",
        terms=f"those of your photos, and those of {old.id}: {old.terms}",
        commercial=False,
    )


def new_id(recipe: FineTuneRecipe, old: Card) -> str:
    """The id of the new model."""
    return recipe.model_id or f"{old.id}-own"


def tunings() -> dict[str, Callable[[FineTuneRecipe, Path, Card], Tuning]]:
    """By architecture."""
    from trainer.recipes import fine_tune_people, fine_tune_scenes, fine_tune_sketches

    return {
        "bicyclegan": fine_tune_sketches.tuning,
        "deformable": fine_tune_people.tuning,
        "pix2pixhd": fine_tune_scenes.tuning,
        "vunet": fine_tune_people.tuning,
    }


def _keep(path: Path, task: Best) -> None:
    """Put the best weights into the exported file."""
    card = weights.read_card(path)
    weights.save(path, card, {name: value.half() for name, value in task.tensors.items()})
