"""How the looks of objects follow their objects: copied, cut, merged, deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.appearance import Appearance, PerObject


def per_object(look: Appearance | None) -> PerObject:
    """A scene's look in which single objects can have their own."""
    if isinstance(look, PerObject):
        return look
    return PerObject(look)


def copied(look: Appearance | None, old: int, new: Iterable[int]) -> Appearance | None:
    """With the look that an object has of its own for further ones."""
    own = look.look_of(old) if isinstance(look, PerObject) else None
    if own is None or not isinstance(look, PerObject):
        return look
    for number in new:
        look = look.with_look(number, own)
    return look


def forgotten(look: Appearance | None, gone: Collection[int]) -> Appearance | None:
    """Without the looks of objects that are no more."""
    if not isinstance(look, PerObject):
        return look
    kept = tuple(pair for pair in look.objects if pair[0] not in gone)
    return look if len(kept) == len(look.objects) else PerObject(look.default, kept, look.seed)
