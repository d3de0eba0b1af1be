"""Whose look is meant: an object's, that of all objects of a label, or the whole scene's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np

from engine.appearance import Appearance, FromPhoto, Mix, PerObject, Sampled, Vector
from engine.photo import Mask
from engine.scene_looks import class_key, dice
from engine.shapes.labels import LabelMap
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
        thing: its id; it need not be on the map.

    Returns:
        None where it cannot be told without the painter.
    """
    whole = per_object(look)
    own = whole.look_of(thing) or whole.look_of(class_key(label))
    for source in (own, whole.default):
        if source is not None and _shows(source, label):
            return _told(source, offered, label, thing)
    return _told(Sampled(whole.seed), offered, label, thing)


def _shows(look: Appearance, label: int) -> bool:
    """Whether a look says anything about a label."""
    match look:
        case FromPhoto(shape=LabelMap() as shape, mask=None):
            return label in shape.areas
        case Mix(a, b, _):
            return _shows(a, label) and _shows(b, label)
        case _:
            return True


def _told(
    look: Appearance, offered: Mapping[int, tuple[Vector, ...]], label: int, thing: int
) -> Appearance | None:
    """A look for one object: what differs from object to object is said by that object's own."""
    match look:
        case Sampled(seed):
            looks = offered.get(label, ())
            return looks[dice(seed, label, thing) % len(looks)] if looks else None
        case FromPhoto(photo, LabelMap() as shape, None):
            return FromPhoto(photo, mask=_part(shape, label, thing))
        case Mix(a, b, t):
            one, two = (_told(part, offered, label, thing) for part in (a, b))
            return None if one is None or two is None else Mix(one, two, t)
        case _:
            return look


def _part(shape: LabelMap, label: int, thing: int) -> Mask:
    """What lends an object its look: the one with its id, else all of its label."""
    alike = shape.labels == label
    same = alike & (shape.objects == thing)
    return Mask(np.where(same if thing and same.any() else alike, 255, 0).astype(np.uint8))
