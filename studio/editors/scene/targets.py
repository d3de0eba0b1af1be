"""Whose look is meant: an object's, that of all objects of a label, or the whole scene's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from engine.appearance import Appearance, PerObject, Sampled, Vector
from engine.scene_looks import class_key, dice
from studio.editors.scene.looks import per_object


class Scope(Enum):
    """How far a look reaches."""

    thing = "object"
    label = "label"
    scene = "scene"


@dataclass(frozen=True)
class Target:
    """What a look is for.

    Attributes:
        number: the object's id, or the label's; 0 for the scene.
    """

    scope: Scope
    number: int = 0

    @property
    def key(self) -> int:
        """What stands for it in a `PerObject`."""
        return class_key(self.number) if self.scope is Scope.label else self.number


def own_look(look: Appearance | None, target: Target) -> Appearance | None:
    """The look that was chosen for a target; None = none was."""
    whole = per_object(look)
    if target.scope is not Scope.scene:
        return whole.look_of(target.key)
    return Sampled(whole.seed) if whole.default is None else whole.default


def with_own(look: Appearance | None, target: Target, own: Appearance | None) -> PerObject:
    """The scene's look with another one for a target; None takes it away."""
    whole = per_object(look)
    if target.scope is not Scope.scene:
        return whole.with_look(target.key, own)
    match own:
        case None:
            return PerObject(None, whole.objects)
        case Sampled(seed):
            return PerObject(None, whole.objects, seed)
        case PerObject(default, _, seed):
            return PerObject(default, whole.objects, seed)
        case _:
            return PerObject(own, whole.objects, whole.seed)


def seen_look(
    look: Appearance | None, offered: Mapping[int, tuple[Vector, ...]], label: int, thing: int
) -> Appearance | None:
    """The look that an object is painted with, as it can be given to others.

    Args:
        offered: the looks of labels that the painter has.

    Returns:
        None where it cannot be told without the painter.
    """
    whole = per_object(look)
    own = whole.look_of(thing) or whole.look_of(class_key(label)) or whole.default
    looks = offered.get(label, ())
    match own:
        case None if looks:
            return looks[dice(whole.seed, label, thing) % len(looks)]
        case Sampled(seed) if looks:
            return looks[dice(seed, label, thing) % len(looks)]
        case Sampled():
            return None
        case _:
            return own
