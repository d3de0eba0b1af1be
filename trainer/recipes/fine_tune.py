"""A painter of sketches taught one's own photos: from a model at hand, in minutes, on 20 or more.

What is known stays: a low rate, photos varied strongly, and discriminators that start from nothing
gain their little weight slowly. The weights that paint the held-out photos best are kept, which may
be those at the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import torch
import tyro
from torch import nn
from torch.nn import functional as F

from engine import registry, weights
from engine.card import Card
from engine.errors import InputError
from engine.painters.bicyclegan.network import BicycleConfig, BicycleGan
from trainer.data.products import read_products
from trainer.data.sketches import Drawn, photo_tensor
from trainer.loop import RunOptions, run
from trainer.losses import foreground_l1
from trainer.recipes.best import Best
from trainer.recipes.bicyclegan import BicycleRecipe, BicycleTask
from trainer.recipes.bicyclegan_axes import in_order
from trainer.recipes.bicyclegan_judging import pairs_of

_FEWEST = 12
"""Photos that are left to learn from, at least."""
_EXAMINED = 16
_FITTED = 600
_LOOKED_AT = 30.0
"""Seconds between validations, at most: small sets turn from learned to learned by heart soon."""
_WHOLE = ("",)
"""The data folder is the pack."""


@dataclass(frozen=True)
class FineTuneRecipe:
    """Options of `guise train fine-tune`."""

    data: Path
    """Folder that `guise prepare edges` made of your photos: train and val, photos and edges."""
    model: Annotated[str, tyro.conf.Positional] = "shoes"
    """Id of the model to start from, as in `guise models list`, or its file."""
    rate: float = 4e-4
    """Learning rate, half of that of training from nothing."""
    drawn: Drawn = field(default_factory=lambda: Drawn(hairs=0.3, scale=0.15, colours=0.3))
    """How the photos and their edges are varied."""
    perceptual: str = "vgg19"
    """vgg19, hed, or a weight file."""
    perceptual_weight: float = 0.5
    """Weight of the perceptual distance; 0 = none."""
    adversarial: float = 0.3
    """Weight of each discriminator; 0 = none. A few photos are soon known by heart."""
    ramp: tuple[float, float] = (0.1, 0.5)
    """They gain weight over this part of the run."""
    spread: float = 1.0
    """Spread of random looks as a share of that of your photos."""
    model_id: str = ""
    """Id of the new model; without it, the old one's with `-own`."""


PRESETS: dict[str, dict[str, Any]] = {"small": {}}


def train_fine_tune(recipe: FineTuneRecipe, options: RunOptions) -> Path:
    """Teach a model one's own photos; returns the new model's path.

    Raises:
        InputError: no such model, one that does not colour sketches, or too few photos.
    """
    path, card = found(recipe.model)
    planned = as_bicycle(recipe, path, card)
    task = Best(FineTuneTask(planned, recipe.model, card), "likeness")
    _check_count(task.task)
    often = min(options.sample_every, _LOOKED_AT)
    made = run(task, replace(options, sample_every=often))
    return _finish(recipe, task, made)


def found(model: str) -> tuple[Path, Card]:
    """A model's file and card, by its id or its path.

    Raises:
        InputError: there is none, or it cannot be tuned.
    """
    known = {entry.card.id: entry.path for entry in registry.catalogue()}
    path = Path(model) if Path(model).is_file() else known.get(model)
    if path is None:
        raise InputError(f"There is no model {model!r}; name a file or one of: {', '.join(known)}.")
    card = weights.read_card(path)
    if card.architecture != "bicyclegan":
        raise InputError(
            f"{card.id} cannot be tuned; start from a painter of sketches such as shoes or bags."
        )
    return path, card


def as_bicycle(recipe: FineTuneRecipe, path: Path, card: Card) -> BicycleRecipe:
    """The recipe of `guise train bicyclegan` that goes on where a model stands."""
    return BicycleRecipe(
        data=recipe.data,
        packs=_WHOLE,
        sides=(card.side,),
        shares=(1.0,),
        network=msgspec.convert(card.config, BicycleConfig),
        drawn=recipe.drawn,
        rate=recipe.rate,
        perceptual=recipe.perceptual,
        perceptual_weight=recipe.perceptual_weight,
        adversarial=recipe.adversarial,
        ramp=recipe.ramp if recipe.adversarial else (1.0, 2.0),
        gathered=0.0,  # photos of one kind need not fill the space of looks
        spread=recipe.spread,
        start=path,
        model_id=recipe.model_id or f"{card.id}-own",
    )


class FineTuneTask(BicycleTask):
    """`bicyclegan` from a model at hand.

    Args:
        model: what was asked for.
        tuned: the card of the model to start from.
    """

    def __init__(self, recipe: BicycleRecipe, model: str, tuned: Card) -> None:
        super().__init__(recipe, 0, recipe.start)
        self.model, self.tuned = model, tuned

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out pairs, and `likeness`: what training lowers, on photos painted with
        their own looks."""
        assert isinstance(network, BicycleGan)
        known = self.held_out.products
        sketches, photos = (
            self.fabric.to_device(part) for part in pairs_of(known, min(len(known), 64))
        )
        with self.fabric.autocast():
            painted = network.paint(network.read(sketches), network.encode(photos).mean)
        losses = self._likeness_to(painted, photos)
        return {**super().validate(network), "likeness": losses}

    def _likeness_to(self, painted: torch.Tensor, photos: torch.Tensor) -> float:
        item = (photos.amin(1, keepdim=True) < 0.9).float()
        total = self.recipe.l1 * foreground_l1(painted, photos, item)
        if self.recipe.perceptual_weight:
            mine, theirs = (
                F.adaptive_avg_pool2d(t, self.side // 2) / 2 + 0.5 for t in (painted, photos)
            )
            with self.fabric.autocast():
                distance = self.perceptual.distance(mine, theirs)
            total = total + self.recipe.perceptual_weight * distance
        return float(total)

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The new model's card: what it was tuned from, and under which terms."""
        made, old = super().card(command, metrics), self.tuned
        count = len(self.drawings.products)
        return msgspec.structs.replace(
            made,
            title=made.id.replace("-", " ").capitalize(),
            data=f"{count} photos of one's own, tuned from {old.id}: {old.data}",
            terms=f"those of your photos, and those of {old.id}: {old.terms}",
            commercial=False,
        )


def _check_count(task: Any) -> None:
    count = len(task.drawings.products)
    if count < _FEWEST:
        raise InputError(f"There are {count} photos to learn from; give {_FEWEST} or more.")


def _finish(recipe: FineTuneRecipe, task: Best, path: Path) -> Path:
    """Put the best weights into the file, and the numbers of looks in order for these photos."""
    file = weights.load(path)
    half = {name: value.half() for name, value in task.tensors.items()}
    weights.save(path, file.card, half)
    side = file.card.side
    train, held_out = (
        read_products(recipe.data, _WHOLE, split, side) for split in ("train", "val")
    )
    sketches = pairs_of(held_out, min(_EXAMINED, len(held_out))).sketches
    photos = photo_tensor(train.photos[:_FITTED])
    in_order(path, sketches, photos, recipe.spread)
    return path
