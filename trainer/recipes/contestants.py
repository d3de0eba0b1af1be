"""A recipe that is compared with others for the same time: what it is and how it is trained."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.metrics.features import find_weights
from trainer.task import Task


@dataclass(frozen=True)
class Contestant:
    """A method of a group.

    Attributes:
        name: for people; its folder's name, too, in lower case with dashes.
        recipe: name among the recipes of `guise train`.
        preset: preset of that recipe.
        values: what differs from the preset.
        batch: images a step.
        below: folder of the recipe's data, below the one that holds the packs.
        options: what differs from the run's options.
        encoder: option of the recipe that takes EfficientNet-Lite0's published weights, which it
            then starts from; empty = it does not.
    """

    name: str
    recipe: str
    preset: str
    values: Mapping[str, Any] = field(default_factory=dict)
    batch: int = 16
    below: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    encoder: str = ""

    @property
    def folder(self) -> str:
        """Its folder below the group's."""
        return self.name.lower().replace(" + ", "-").replace(" ", "-")

    def built(self, data: Path) -> Any:
        """The recipe on the packs below `data`. MissingJudge: no file for `encoder`."""
        module, about = self._module()
        published = {self.encoder: find_weights(None)} if self.encoder else {}
        values = {**module.PRESETS[self.preset], **self.values, **published}
        return getattr(module, about.recipe)(data=data / self.below, **values)

    def train(self) -> Callable[..., Path]:
        """Trains the recipe; returns the model's path."""
        module, about = self._module()
        return getattr(module, about.train)

    def task(self, recipe: Any) -> Task:
        """The recipe's first stage: to see what an image costs, and to measure models with."""
        module, about = self._module()
        made = getattr(module, about.recipe.removesuffix("Recipe") + "Task")
        staged = "stage" in inspect.signature(made).parameters
        return made(recipe, 0, None) if staged else made(recipe)

    def _module(self) -> tuple[Any, Any]:
        from trainer.commands.train import RECIPES

        about = RECIPES[self.recipe]
        return importlib.import_module(about.module), about
