"""Fine-tuning of painters of sketches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.card import Card
from engine.painters.bicyclegan.network import BicycleConfig, BicycleGan
from trainer.data.sketches import photo_tensor
from trainer.loop import RunOptions
from trainer.losses import foreground_l1
from trainer.recipes.bicyclegan import BicycleRecipe, BicycleTask
from trainer.recipes.bicyclegan_axes import in_order
from trainer.recipes.bicyclegan_judging import pairs_of
from trainer.recipes.fine_tune import FineTuneRecipe, Tuning, new_id, own_card

_EXAMINED = 16
"""Held-out sketches on which it is seen what each number of a look does."""
_MEASURED = 64
_PAPER = 0.9
"""A photo whose channels are all above this, of -1..1, shows no item there."""
_NEVER = (1.0, 2.0)


def tuning(recipe: FineTuneRecipe, path: Path, card: Card) -> Tuning:
    """Go on with a model of architecture `bicyclegan` on the pairs of a folder."""
    task = OwnSketches(_planned(recipe, path, card), card)

    def finish(made: Path, options: RunOptions) -> None:
        """Put the numbers of looks in order for these photos."""
        known = task.held_out.products
        sketches = pairs_of(known, min(_EXAMINED, len(known))).sketches
        in_order(made, sketches, photo_tensor(task.drawings.products.photos), recipe.spread)

    return Tuning(task, "likeness", len(task.drawings.products), finish)


def _planned(recipe: FineTuneRecipe, path: Path, card: Card) -> BicycleRecipe:
    return BicycleRecipe(
        data=recipe.data,
        packs=("",),  # the data folder is the pack
        direction=recipe.direction,
        sides=(card.side,),
        shares=(1.0,),
        network=msgspec.convert(card.config, BicycleConfig),
        drawn=recipe.drawn,
        rate=recipe.rate,
        perceptual=recipe.perceptual,
        perceptual_weight=recipe.perceptual_weight,
        adversarial=recipe.adversarial,
        ramp=recipe.ramp if recipe.adversarial else _NEVER,
        spread=recipe.spread,
        start=path,
        model_id=new_id(recipe, card),
    )


class OwnSketches(BicycleTask):
    """`bicyclegan` from a model at hand, whose card is `old`."""

    def __init__(self, recipe: BicycleRecipe, old: Card) -> None:
        super().__init__(recipe, 0, recipe.start)
        self.old = old

    @torch.no_grad()
    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out pairs, and `likeness`: what training lowers, on photos painted with
        their own looks."""
        assert isinstance(network, BicycleGan)
        known = self.held_out.products
        pairs = pairs_of(known, min(len(known), _MEASURED))
        sketches, photos = (self.fabric.to_device(part) for part in pairs)
        with self.fabric.autocast():
            painted = network.paint(network.read(sketches), network.encode(photos).mean)
        likeness = float(self._unlike(painted, photos))
        return {**super().validate(network), "likeness": likeness}

    def _unlike(self, painted: Tensor, photos: Tensor) -> Tensor:
        item = (photos.amin(1, keepdim=True) < _PAPER).float()
        total = self.recipe.l1 * foreground_l1(painted, photos, item)
        if not self.recipe.perceptual_weight:
            return total
        side = self.side // 2
        mine, theirs = (F.adaptive_avg_pool2d(t, side) / 2 + 0.5 for t in (painted, photos))
        with self.fabric.autocast():
            distance = self.perceptual.distance(mine, theirs)
        return total + self.recipe.perceptual_weight * distance

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The new model's card."""
        return own_card(super().card(command, metrics), self.old, len(self.drawings.products))
