"""What a training does before it starts: the quick check of its folder, which may refuse it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from engine.errors import InputError
from trainer.data.check import Asked, check
from trainer.data.fitting import TAKES
from trainer.data.layouts import layout_of
from trainer.data.people_folders import INDEX_P
from trainer.data.products import Direction

_OWN_DOOR = {"deformable-paper": ("posegan",), "vunet-paper": ("index",)}
"""Recipes that open a folder in these layouts themselves, without packs."""
_EACH = {"edges": ("sizes",), "perception": ("shares",)}
"""Options that have a value for each pack."""


def opened(name: str, recipe: Any) -> Any:
    """The recipe with its folder checked: one that is a set itself is its only pack.

    Args:
        name: of the recipe in `guise train`.
        recipe: its options; `data` is the folder, `packs` or `pack` name sets below it.

    Raises:
        InputError: the folder cannot be trained on; the sentence of `guise check`.
    """
    data = Path(recipe.data)
    if not data.is_dir():
        raise InputError(f"There is no folder {data}; name your photos with --data.")
    if name not in TAKES or str(getattr(recipe, "index", INDEX_P)) != INDEX_P:
        return recipe
    packs = [pack for pack in _packs(recipe) if pack and (data / pack).is_dir()]
    for folder in [data / pack for pack in packs] or [data]:
        _refuse(name, recipe, folder)
    layout = layout_of(data)
    if packs or layout is None or layout.id in _OWN_DOOR.get(name, ()):
        return recipe
    return _alone(name, recipe, data.absolute())


def _packs(recipe: Any) -> tuple[str, ...]:
    """The sets below the folder that a recipe reads."""
    return (recipe.pack,) if hasattr(recipe, "pack") else getattr(recipe, "packs", ())


def _refuse(name: str, recipe: Any, folder: Path) -> None:
    direction: Direction = getattr(recipe, "direction", "AtoB")
    found = check(Asked(folder, name, direction, getattr(recipe, "classes", None), "quick"))
    if not found.usable:
        raise InputError(found.reason)


def _alone(name: str, recipe: Any, data: Path) -> Any:
    """The recipe with the folder as the only pack of the one above, so that cards name it."""
    if _packs(recipe) in ((), ("",)):
        return recipe
    changed: dict[str, Any] = {"data": data.parent, "packs": (data.name,)}
    if getattr(recipe, "sketches", ""):
        drawn = data / recipe.sketches
        changed["sketches"] = str(drawn) if drawn.is_dir() else ""
    for each in _EACH.get(name, ()):
        changed[each] = getattr(recipe, each)[:1]
    return dataclasses.replace(recipe, **changed)
