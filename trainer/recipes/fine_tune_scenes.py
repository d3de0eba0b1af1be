"""Fine-tuning of painters of scenes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from engine.card import Card
from engine.errors import InputError
from engine.painters.pix2pixhd.network import Pix2PixHdConfig
from trainer.data.scenes import find_scenes
from trainer.loop import RunOptions
from trainer.recipes.fine_tune import FineTuneRecipe, Tuning, new_id, own_card
from trainer.recipes.pix2pixhd import Pix2PixHdRecipe, Pix2PixHdTask

_STRICTER = 4.0
"""Times the perceptual weight of sketches."""
_GENTLER = 0.6
"""Share of the learning rate of sketches."""


def tuning(recipe: FineTuneRecipe, path: Path, card: Card) -> Tuning:
    """Go on with a model of architecture `pix2pixhd` on the scenes of a folder.

    Raises:
        InputError: the folder's labels are not those that the model paints.
    """
    planned = _planned(recipe, path, card)
    classes = find_scenes(recipe.data, "train").classes
    if classes != planned.network.inputs.labels:
        raise InputError(
            f"{card.id} paints {planned.network.inputs.labels} classes and {recipe.data} has "
            f"{classes}; label your photos with the classes of {card.id}."
        )
    task = OwnScenes(planned, card, path)

    def finish(made: Path, options: RunOptions) -> None:
        """Find the looks of every class in these photos."""
        OwnScenes(planned, card, made).keep_looks(made, options)

    return Tuning(task, "l1", len(task.folder), finish)


def _planned(recipe: FineTuneRecipe, path: Path, card: Card) -> Pix2PixHdRecipe:
    return Pix2PixHdRecipe(
        data=recipe.data,
        sizes=(recipe.size,),
        shares=(1.0,),
        network=msgspec.convert(card.config, Pix2PixHdConfig),
        varied=recipe.varied,
        rate=_GENTLER * recipe.rate,
        judge_scales=(2,),
        unjudged=0 if recipe.adversarial else 1,
        adversarial=recipe.adversarial,
        perceptual=recipe.perceptual,
        perceptual_weight=_STRICTER * recipe.perceptual_weight,
        colour=0.0,
        side=card.side,
        model_id=new_id(recipe, card),
    )


class OwnScenes(Pix2PixHdTask):
    """`pix2pixhd` from the model `start`; `old` is the card of the one that is tuned."""

    def __init__(self, recipe: Pix2PixHdRecipe, old: Card, start: Path) -> None:
        super().__init__(recipe, 0, start)
        self.old = old

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The new model's card."""
        return own_card(super().card(command, metrics), self.old, len(self.folder))
