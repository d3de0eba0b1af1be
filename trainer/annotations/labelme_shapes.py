"""A corrected label map as labelme's shapes: those that still hold stay as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.boxes import rows
from engine.shapes.label_paint import Stamp, polygon
from engine.shapes.labels import LabelSet
from trainer.annotations.merging import Maps
from trainer.annotations.rings import rings_of

Keys = NDArray[np.int64]
"""What a pixel is: label and object as one number."""
_LABEL = 32
"""Bits below the label in a key."""
Drawn = Sequence[tuple[int, Stamp] | None]
"""Label and pixels of each shape, None = a shape that is not read."""


@dataclass(frozen=True)
class New:
    """A shape that is drawn anew.

    Attributes:
        label: id.
        object: 0 = a surface.
        like: place of a shape in the old list whose other values it takes; None = none.
        ring: (N, 2) corners.
    """

    label: int
    object: int
    like: int | None
    ring: NDArray[np.float64]


Shape = int | New
"""The place of a shape in the old list, or a new one."""


def reshaped(drawn: Drawn, before: Maps, after: Maps, known: LabelSet) -> list[Shape]:
    """The shapes of a corrected map, in the order in which they are painted.

    Objects that changed are outlined anew, in their place, unless others only cover more of them.
    So are surfaces from which something was erased. What else was painted lies as further shapes on
    top.

    Args:
        drawn: the shapes until now.
    """
    was, now = _keys(before), _keys(after)
    inks = _inks(drawn, was)
    anew = _changed_objects(was, now, known) | _erased(was, now, known)
    shapes = list(_in_place(drawn, inks, anew, now))
    everywhere = np.full(now.shape, True)
    shapes += _outlines(sorted(anew - set(inks.values())), now, everywhere)
    wrong = _painted(shapes, drawn, inks, now.shape, known) != now
    if not wrong.any():
        return shapes
    below = {key for key in np.unique(now[wrong]).tolist() if known[key >> _LABEL].things}
    shapes = _raised(shapes, below)
    wrong = _painted(shapes, drawn, inks, now.shape, known) != now
    return shapes + _outlines(np.unique(now[wrong]).tolist(), now, wrong)


def _raised(shapes: Sequence[Shape], keys: set[int]) -> list[Shape]:
    """With the new shapes of these keys above all others."""
    up = [isinstance(one, New) and key_of(one) in keys for one in shapes]
    order = sorted(range(len(shapes)), key=up.__getitem__)
    return [shapes[n] for n in order]


def key_of(shape: New) -> int:
    """The key of a new shape's pixels."""
    return shape.label << _LABEL | shape.object


def _keys(maps: Maps) -> Keys:
    objects = np.where(maps.objects == maps.labels, 0, maps.objects).astype(np.int64)
    return maps.labels.astype(np.int64) << _LABEL | objects


def _inks(drawn: Drawn, keys: Keys) -> dict[int, int]:
    """Key of each shape by its place; those that are covered all over have none of a pixel's."""
    top = np.full(keys.shape, -1)
    for n, one in enumerate(drawn):
        if one is not None:
            top[rows(one[1].box)][one[1].mask] = n
    visible, first = np.unique(top, return_index=True)
    inks = {n: -1 - n for n, one in enumerate(drawn) if one is not None}
    return inks | {
        int(n): int(keys.flat[at]) for n, at in zip(visible, first, strict=True) if n >= 0
    }


def _changed_objects(was: Keys, now: Keys, known: LabelSet) -> set[int]:
    """Keys of things that have new pixels, or lost some to anything but other things, or all."""
    differs = was != now
    things = np.zeros(max(known.ids) + 1, bool)
    things[[label.id for label in known.labels if label.things]] = True
    gained = np.unique(now[differs & things[now >> _LABEL]])
    lost = np.unique(was[differs & things[was >> _LABEL] & ~things[now >> _LABEL]])
    gone = np.setdiff1d(was[things[was >> _LABEL]], now)
    return {*gained.tolist(), *lost.tolist(), *gone.tolist()}


def _erased(was: Keys, now: Keys, known: LabelSet) -> set[int]:
    """Keys of surfaces of which pixels are not labelled any more."""
    nothing = known.void << _LABEL
    return set(np.unique(was[(was != now) & (now == nothing)]).tolist())


def _in_place(
    drawn: Drawn, inks: dict[int, int], anew: Iterable[int], now: Keys
) -> Iterator[Shape]:
    """The old shapes, with new outlines for the keys that are drawn anew."""
    done: set[int] = set()
    left = set(anew)
    for n in range(len(drawn)):
        key = inks.get(n)
        if key not in left:
            yield n
        elif key not in done:
            done.add(key)
            yield from _outlined(key, now == key, n)


def _outlines(keys: Iterable[int], now: Keys, within: NDArray[np.bool_]) -> list[New]:
    return [one for key in keys for one in _outlined(key, (now == key) & within, None)]


def _outlined(key: int, area: NDArray[np.bool_], like: int | None) -> list[New]:
    label, number = key >> _LABEL, key & (1 << _LABEL) - 1
    return [New(label, number, like, ring) for ring in rings_of(area)]


def _painted(
    shapes: Sequence[Shape],
    drawn: Drawn,
    inks: dict[int, int],
    form: tuple[int, ...],
    known: LabelSet,
) -> Keys:
    """Keys of the pixels once all shapes are painted, each over those before it."""
    keys = np.full(form, known.void << _LABEL, np.int64)
    for shape in shapes:
        if isinstance(shape, New):
            stamp, key = _stamp(shape, form), key_of(shape)
        elif (one := drawn[shape]) is not None:
            stamp, key = one[1], inks[shape]
        else:
            continue
        keys[rows(stamp.box)][stamp.mask] = key
    return keys


def _stamp(shape: New, form: tuple[int, ...]) -> Stamp:
    return polygon((form[1], form[0]), shape.ring)


def grouped(
    shapes: Sequence[Shape], groups: Sequence[int | None], known: LabelSet
) -> dict[int, int]:
    """The group of each thing that is drawn anew in several shapes, by its key.

    Args:
        groups: those of the old shapes.
    """
    new = [one for one in shapes if isinstance(one, New) and known[one.label].things]
    own = {key_of(one): groups[one.like] for one in new if one.like is not None}
    count = Counter(map(key_of, new))
    free = iter(range(max((n for n in groups if n is not None), default=0) + 1, 2**31))
    found = {key: own.get(key) for key in sorted(count)}
    return {
        key: next(free) if group is None else group
        for key, group in found.items()
        if group is not None or count[key] > 1
    }
