"""How the looks of objects follow their objects: copied, cut, merged, deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from engine.appearance import Appearance, PerObject


def per_object(look: Appearance | None) -> PerObject:
    """A scene's look in which single objects can have their own."""
    if isinstance(look, PerObject):
        return look
    return PerObject(look)


def copied(
    look: Appearance | None, old: int, new: Iterable[int], seen: Appearance | None
) -> Appearance | None:
    """With the look of an object for further ones.

    Args:
        seen: what it is painted with; None = nobody knows, then only a look of its own goes along.
    """
    own = (look.look_of(old) if isinstance(look, PerObject) else None) or seen
    if own is None:
        return look
    whole = per_object(look)
    for number in new:
        whole = whole.with_look(number, own)
    return whole


def forgotten(look: Appearance | None, gone: Collection[int]) -> Appearance | None:
    """Without the looks of objects that are no more."""
    if not isinstance(look, PerObject):
        return look
    kept = tuple(pair for pair in look.objects if pair[0] not in gone)
    return look if len(kept) == len(look.objects) else PerObject(look.default, kept, look.seed)
