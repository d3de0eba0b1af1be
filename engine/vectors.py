"""Looks as numbers: thrown, between two others, around one, with some of them held; no torch."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from engine.appearance import Appearance, Mix, Sampled, Vector
from engine.card import Card

FARTHEST = 3.0
"""How far a slider goes to either side; rarely is a number of a random look larger."""
OUTERMOST = 5.0
"""How far the numbers of looks that are read or sought may go: strong colours lie outside."""
IDLE = 0.01
"""A number that changes a picture less than this, as a root mean square of colours in -1..1 for a
step of 1, does nothing that a person sees: 1.3 of 255 steps."""


class Directions(NamedTuple):
    """What each number of a look does, and the directions that do most.

    Attributes:
        effects: of each number, root mean square change of colours in -1..1 for a step of 1.
        axes: unit vectors at right angles, as many as there are numbers, the strongest first.
    """

    effects: tuple[float, ...]
    axes: tuple[tuple[float, ...], ...]

    @property
    def idle(self) -> frozenset[int]:
        """The numbers that do nothing to be seen."""
        return frozenset(n for n, effect in enumerate(self.effects) if effect < IDLE)


def numbers_of(card: Card | None) -> int:
    """How many numbers a painter's looks have; 0 = it takes none."""
    if card is None or "Vector" not in card.takes:
        return 0
    told = card.config.get("looks", 0)
    return told if isinstance(told, int) else 0


def told_directions(card: Card) -> Directions | None:
    """What a model's card tells of its numbers, which training has put in order; None = nothing."""
    count = numbers_of(card)
    told = [card.metrics.get(f"effect_{n}") for n in range(1, count + 1)]
    effects = [float(each["value"]) for each in told if each]
    if not count or len(effects) < count:
        return None
    return Directions(tuple(effects), tuple(map(tuple, np.eye(count).tolist())))


def thrown(seed: int, looks: int) -> Vector:
    """A random look; the same on every computer."""
    return Vector(tuple(np.random.default_rng(seed).standard_normal(looks).tolist()))


def plain(looks: int) -> Vector:
    """The look in the middle of all others."""
    return Vector((0.0,) * looks)


def between(a: Vector, b: Vector, t: float) -> Vector:
    """The look at share `t` from `a` to `b`, along an arc: a straight line would lead through the
    middle, where looks are dull."""
    one, two = np.array(a.values), np.array(b.values)
    lengths = np.linalg.norm(one), np.linalg.norm(two)
    if min(lengths) < 1e-6:
        return Vector(tuple((one + t * (two - one)).tolist()))
    angle = np.arccos(np.clip(one @ two / (lengths[0] * lengths[1]), -1, 1))
    if min(angle, np.pi - angle) < 1e-3:  # no arc, or any of many
        return Vector(tuple((one + t * (two - one)).tolist()))
    parts = np.sin([(1 - t) * angle, t * angle]) / np.sin(angle)
    return Vector(tuple((parts[0] * one + parts[1] * two).tolist()))


def around(look: Vector, seed: int, spread: float) -> Vector:
    """A random look near another.

    Args:
        spread: standard deviation of each number; they stay within :data:`FARTHEST`.
    """
    noise = np.array(thrown(seed, len(look.values)).values)
    moved = np.array(look.values) + spread * noise
    return Vector(tuple(moved.clip(-FARTHEST, FARTHEST).tolist()))


def holding(look: Vector, before: Vector, held: Collection[int]) -> Vector:
    """A look in which the numbers that are held are still those from before."""
    pairs = enumerate(zip(look.values, before.values, strict=True))
    return Vector(tuple(old if n in held else new for n, (new, old) in pairs))


def along(look: Vector, axis: Collection[float], distance: float) -> Vector:
    """A look moved along a direction."""
    pairs = zip(look.values, axis, strict=True)
    return Vector(tuple(value + distance * step for value, step in pairs))


def within_reach(look: Vector) -> Vector:
    """A look whose numbers stay within :data:`OUTERMOST`."""
    return Vector(tuple(min(max(value, -OUTERMOST), OUTERMOST) for value in look.values))


def resolved(look: Appearance, looks: int) -> Vector | None:
    """A look as numbers, or None where only a painter can tell: the looks of photos.

    Args:
        looks: how many numbers are wanted; vectors of another length are no answer either.
    """
    match look:
        case Vector(values):
            return look if len(values) == looks else None
        case Sampled(seed):
            return thrown(seed, looks)
        case Mix(a, b, t):
            one, two = resolved(a, looks), resolved(b, looks)
            return between(one, two, t) if one and two else None
        case _:
            return None
