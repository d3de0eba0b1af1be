"""Fine-tuning of painters of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from torch import nn

from engine.card import Card
from engine.errors import InputError
from engine.painters.vunet.network import VunetConfig
from trainer.data.people import Mixture
from trainer.loop import RunOptions
from trainer.recipes.deformable import DeformableRecipe, DeformableTask
from trainer.recipes.fine_tune import FineTuneRecipe, Tuning, new_id, own_card
from trainer.recipes.vunet import VunetRecipe, VunetTask

_GENTLER = 0.1
"""Share of the learning rate of sketches."""
_LESS_ALIKE = 0.2
"""Share of the perceptual weight of sketches."""
_LESS_JUDGED = 0.02
"""Share of the discriminators' weight of sketches."""
_VARIANTS = 8
"""Puppets of each photo: where photos are few, poses must not be."""
_MEASURED = 12
"""Held-out people that are measured; painting them takes time from learning."""
_HELD_OUT = "There are no held-out photos; `guise prepare people` with --val 0.2 keeps some apart."


def tuning(recipe: FineTuneRecipe, path: Path, card: Card) -> Tuning:
    """Go on with a model of architecture `deformable` or `vunet` on the people of a folder.

    Raises:
        InputError: nobody is held out.
    """
    own = OwnLooks if card.architecture == "vunet" else OwnPoses
    task = own(recipe, path, card)
    return Tuning(task, "likeness", len(task.frames.samples), _as_it_is)


def _as_it_is(path: Path, options: RunOptions) -> None:
    """Painters of people need nothing once training is over."""


def _shared(recipe: FineTuneRecipe, card: Card) -> dict[str, Any]:
    """What both recipes are given."""
    data = recipe.data.absolute()
    return {
        "data": data.parent,
        "packs": (data.name,),
        "sides": (card.side,),
        "shares": (1.0,),
        "rate": _GENTLER * recipe.rate,
        "perceptual": recipe.perceptual,
        "perceptual_weight": _LESS_ALIKE * recipe.perceptual_weight,
        "adversarial": _LESS_JUDGED * recipe.adversarial,
        "model_id": new_id(recipe, card),
    }


def _measured(count: int) -> range:
    """Which held-out people are measured. InputError: there are none."""
    if not count:
        raise InputError(_HELD_OUT)
    return range(0, count, max(count // _MEASURED, 1))


class OwnPoses(DeformableTask):
    """`deformable` from the model `start`, whose card is `old`."""

    def __init__(self, recipe: FineTuneRecipe, start: Path, old: Card) -> None:
        channels = tuple(old.config["channels"])
        mixture = Mixture(variants=_VARIANTS)
        own = DeformableRecipe(channels=channels, mixture=mixture, **_shared(recipe, old))
        super().__init__(own, 0, start)
        self.old, self.measured = old, _measured(len(self.held_out.samples))

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out people, and `likeness`: what training lowers, of them together."""
        found = super().validate(network)
        unlike = self.recipe.perceptual_weight * found["perceptual"]
        return {**found, "likeness": found["foreground_l1"] + unlike}

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The new model's card."""
        return own_card(super().card(command, metrics), self.old, len(self.frames.samples))


class OwnLooks(VunetTask):
    """`vunet` from the model `start`, whose card is `old`; its prior learns along."""

    def __init__(self, recipe: FineTuneRecipe, start: Path, old: Card) -> None:
        network = msgspec.convert(old.config, VunetConfig)
        own = VunetRecipe(network=network, ramp=(-1.0, 0.0), **_shared(recipe, old))
        varied = replace(own.mixture, variants=_VARIANTS)
        super().__init__(replace(own, mixture=varied), 0, start)
        self.old, self.measured = old, _measured(len(self.held_out.samples))

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out people, and `likeness`: what training lowers, of them together."""
        found = super().validate(network)
        unlike = self.recipe.perceptual_weight * found["again_perceptual"]
        both = (found["again_l1"] + found["moved_l1"]) / 2
        return {**found, "likeness": both + unlike}

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The new model's card."""
        return own_card(super().card(command, metrics), self.old, len(self.frames.samples))
