"""Poses between two poses: limbs swing along arcs, the trunk turns and foreshortens."""

from __future__ import annotations

import cmath

import numpy as np

from engine.errors import InputError
from engine.shapes.limbs import (
    CHAINS,
    HIPS,
    PARENT,
    Points,
    angle_between,
    direction,
    middle_of_hips,
    points,
)
from engine.shapes.pose import INDEX, JOINTS, Pose, Presence

_SWINGING = frozenset(
    {"neck", "nose"}
    | {f"{s}_{n}" for s in ("right", "left") for n in ("elbow", "wrist", "knee", "ankle")}
)
"""Bones that keep their length while they turn; the others, that a turning trunk or head
foreshortens, move in straight lines as seen from the spine."""
_ORDER = tuple(dict.fromkeys((HIPS, "neck", *PARENT)))
"""The spine first, for it turns all others."""
_MIDDLES = frozenset(chain[1] for chain in CHAINS)


def between(a: Pose, b: Pose, t: float) -> Pose:
    """The pose on the way from a to b; t = 0 gives a and t = 1 gives b, exactly.

    The middle of the hips moves in a straight line. The spine, the head and the limbs swing: their
    lengths change evenly and so do their angles, the shorter way round, each measured from the bone
    it hangs on. Shoulders, hips, eyes and ears move evenly as seen from the spine.

    A joint that only one of the two has rides on its parent, and is there while that pose is the
    nearer one; half way counts as b. A joint of both is seen where both say so, else as in the
    nearer pose.

    Raises:
        InputError: two canvases, or t outside 0..1.
    """
    if a.size != b.size:
        raise InputError("Both poses must lie on canvases of one size; fit one to the other first.")
    if not 0 <= t <= 1:
        raise InputError("The place between two poses is a number from 0 to 1.")
    if t in (0, 1):
        return b if t else a
    at = _between(*_filled(points(a), points(b)), t)
    nearer = (b if t >= 0.5 else a).presence
    both = (a.presence == Presence.seen) & (b.presence == Presence.seen)
    presence = np.where(both, Presence.seen, nearer).astype(np.uint8)
    xy = np.zeros((len(JOINTS), 2))
    for name in at.keys() & INDEX.keys():
        xy[INDEX[name]] = at[name].real, at[name].imag
    return Pose(xy, presence, a.size)


def _filled(a: Points, b: Points) -> tuple[Points, Points]:
    """Both with the joints of either: what one lacks lies in it as it does in the other."""
    common = (a.keys() & b.keys()) - {HIPS}
    shift = sum(b[n] - a[n] for n in common) / len(common) if common else 0
    whole = {n: z - shift for n, z in b.items()} | a, {n: z + shift for n, z in a.items()} | b
    return whole[0] | middle_of_hips(whole[0]), whole[1] | middle_of_hips(whole[1])


def _between(a: Points, b: Points, t: float) -> Points:
    at: Points = {}
    for name in _ORDER:
        if name not in a:
            continue
        parent = _parent(name, at)
        if parent is None:
            at[name] = a[name] + (b[name] - a[name]) * t
            continue
        first, last, here = (_frame(pose, name, parent) for pose in (a, b, at))
        bones = [(pose[name] - pose[parent]) / frame for pose, frame in ((a, first), (b, last))]
        way = _swung if name in _SWINGING else _straight
        at[name] = at[parent] + here * way(bones[0], bones[1], t)
    return at


def _parent(name: str, there: Points) -> str | None:
    """The nearest one above that is there."""
    above = PARENT.get(name)
    while above is not None and above not in there:
        above = PARENT.get(above)
    return above


def _frame(at: Points, name: str, parent: str) -> complex:
    """Unit direction from which the angle of the bone from `parent` to `name` counts."""
    if name == "neck" or not (HIPS in at and "neck" in at):
        return 1
    spine = direction(at["neck"] - at[HIPS])
    above = PARENT.get(parent)
    if parent in _MIDDLES and above in at:
        return direction(at[parent] - at[above], spine)
    return spine


def _straight(a: complex, b: complex, t: float) -> complex:
    return a + (b - a) * t


def _swung(a: complex, b: complex, t: float) -> complex:
    """Length and angle change evenly; the zero vector points where the other one does."""
    start = direction(a, direction(b))
    length = abs(a) + (abs(b) - abs(a)) * t
    return length * start * cmath.rect(1, t * angle_between(start, b))
