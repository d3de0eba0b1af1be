"""How the looks of objects follow their objects: copied, cut, merged, deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from engine.appearance import Appearance, PerObject
from engine.shapes.labels import LabelMap

SeenLook = Callable[[int, int], Appearance | None]
"""What an object of a label is painted with, by its label and id, whether it is there yet or not;
None = only the painter knows."""


def per_object(look: Appearance | None) -> PerObject:
    """A scene's look in which single objects can have their own."""
    if isinstance(look, PerObject):
        return look
    return PerObject(look)


def copied(
    look: Appearance | None, label: int, old: int, new: Iterable[int], seen: SeenLook
) -> Appearance | None:
    """With the look of an object for further ones of its label, so that they look like it.

    A look that is thrown for each object, or that a photo has for each, becomes that of the old
    one; where further objects look like it anyway, nothing is added.
    """
    whole, shown = per_object(look), seen(label, old)
    own = whole.look_of(old) if shown is None else shown
    differing = [n for n in new if whole.look_of(old) is not None or seen(label, n) != shown]
    if own is None or not differing:
        return look
    for number in differing:
        whole = whole.with_look(number, own)
    return whole


def forgotten(look: Appearance | None, gone: Collection[int]) -> Appearance | None:
    """Without the looks of objects that are no more."""
    if not isinstance(look, PerObject):
        return look
    kept = tuple(pair for pair in look.objects if pair[0] not in gone)
    return look if len(kept) == len(look.objects) else PerObject(look.default, kept, look.seed)


def own_objects(look: Appearance | None) -> frozenset[int]:
    """Ids of the objects that have a look of their own."""
    found = look.objects if isinstance(look, PerObject) else ()
    return frozenset(thing for thing, _ in found if thing > 0)


def without_objects(look: Appearance | None) -> Appearance | None:
    """The look of the scene and of its labels, for another map."""
    return forgotten(look, own_objects(look))


def fitting(look: Appearance | None, scene: LabelMap) -> Appearance | None:
    """Without the looks of objects that a map does not have: their ids may be given anew."""
    own = own_objects(look)
    return forgotten(look, own - scene.instances.keys()) if own else look
