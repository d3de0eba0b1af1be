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
Frames = tuple[complex, complex, complex]
"""Unit directions in the first pose, in the last one, and in the one between."""
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
    facing: dict[str, Frames] = {}
    for name in _ORDER:
        if name not in a:
            continue
        parent = _parent(name, at)
        if parent is None:
            at[name] = a[name] + (b[name] - a[name]) * t
            continue
        frames = _frames(facing, parent)
        first, last = (a[name] - a[parent]) / frames[0], (b[name] - b[parent]) / frames[1]
        if name not in _SWINGING:
            at[name] = at[parent] + frames[2] * (first + (last - first) * t)
            continue
        length = abs(first) + (abs(last) - abs(first)) * t
        turned = _turned(frames, first, last, t)
        facing[name] = turned
        at[name] = at[parent] + turned[2] * length
    return at


def _parent(name: str, there: Points) -> str | None:
    """The nearest one above that is there."""
    above = PARENT.get(name)
    while above is not None and above not in there:
        above = PARENT.get(above)
    return above


def _frames(facing: dict[str, Frames], parent: str) -> Frames:
    """From where the angle of a bone at this joint counts: a limb's upper bone, else the spine."""
    if parent in _MIDDLES and parent in facing:
        return facing[parent]
    return facing.get("neck", (1, 1, 1))


def _turned(frames: Frames, first: complex, last: complex, t: float) -> Frames:
    """Where a bone points; a bone without length points where the other pose's does."""
    start = direction(first, direction(last))
    end = direction(last, start)
    way = cmath.rect(1, t * angle_between(start, end))
    return frames[0] * start, frames[1] * end, frames[2] * start * way
