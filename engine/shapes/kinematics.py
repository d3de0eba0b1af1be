"""What an edit does to a pose: joints dragged, with limb lengths kept or not, and groups mapped."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.inbetween import between
from engine.shapes.limbs import (
    CHAINS,
    HIPS,
    PARENT,
    Points,
    below,
    pinned,
    points,
    reached,
    turn,
)
from engine.shapes.pose import INDEX, JOINTS, MIRROR, Pose

__all__ = ["between", "dragged", "group_box", "scaled", "transformed"]

_FACE = frozenset({"nose", "right_eye", "left_eye", "right_ear", "left_ear"})
_HIPS = ("right_hip", "left_hip")
_ROOTS = frozenset({*_HIPS, "right_shoulder", "left_shoulder"})


def dragged(
    pose: Pose,
    joint: int,
    to: tuple[float, float],
    *,
    keep_lengths: bool = False,
    symmetric: bool = False,
    locked: frozenset[int] = frozenset(),
) -> Pose:
    """The pose after one joint was dragged. Drag from the pose at the gesture's start.

    Without `keep_lengths` that joint alone moves. With it the bones keep their lengths; the bones
    are those of a body, so the spine runs from the middle of the hips to the neck:

    - wrist, ankle: the limb reaches as far as it can and keeps the side to which it bends;
    - elbow, knee, nose, eye, ear: turns about its parent and turns along what hangs on it;
    - shoulder: turns about the neck and carries the arm, which keeps its directions;
    - hip: the pelvis swings about the neck and carries both legs, which keep their directions;
    - neck: the upper body leans over the hips, arms and head with it; the legs stand still.

    A missing joint is placed where it is dropped. A joint whose parent is missing moves freely and
    carries what hangs on it.

    Args:
        joint: index into JOINTS.
        to: x, y in pixels of the canvas.
        symmetric: the joint of the other side makes the same way, mirrored about the line from the
            middle of the hips to the neck; each hip then swings by itself. Nose and neck have no
            other side.
        locked: indices of joints that never move. A limb whose end is locked bends for it; an elbow
            or knee whose end is locked only chooses its side; out of reach the bones give.

    Raises:
        InputError: `joint` is no index, or `to` is not finite.
    """
    if not 0 <= joint < len(JOINTS):
        raise InputError(f"There is no joint number {joint}; a pose has {len(JOINTS)}.")
    held = frozenset(JOINTS[i] for i in locked)
    target = complex(*to)
    before = points(pose)
    moves = [(JOINTS[joint], target)]
    other = JOINTS[MIRROR[joint]]
    if symmetric and other != JOINTS[joint] and JOINTS[joint] in before and other in before:
        way = target - before[JOINTS[joint]]
        axis = _axis(before)
        moves.append((other, before[other] + axis * axis * way.conjugate()))
    at = before
    for name, place in moves:
        if name not in held:
            at = _moved(at, name, place, keep_lengths, held, len(moves) > 1)
    return _pose(pose, at)


def group_box(pose: Pose, joints: Iterable[int]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in pixels around those of the joints that are there.

    Raises:
        InputError: none of them is there.
    """
    here = pose.xy[[i for i in joints if pose.presence[i]]]
    if not len(here):
        raise InputError("None of these joints is on the photo; place one first.")
    (left, top), (right, bottom) = here.min(0), here.max(0)
    return float(left), float(top), float(right), float(bottom)


def transformed(pose: Pose, joints: Iterable[int], matrix: NDArray[np.floating]) -> Pose:
    """The pose with these joints under a (2, 3) affine map of canvas pixels; the others stay."""
    chosen = list(joints)
    xy = pose.xy.copy()
    xy[chosen] = xy[chosen] @ matrix[:, :2].T + matrix[:, 2]
    return Pose(xy, pose.presence, pose.size)


def scaled(pose: Pose, factor: float, about: tuple[float, float]) -> Pose:
    """The whole body larger or smaller; the point `about` in canvas pixels stays.

    Raises:
        InputError: the factor is not a positive number.
    """
    if not 0 < factor < float("inf"):
        raise InputError("A body can be scaled by positive factors only.")
    x, y = about
    matrix = np.array([[factor, 0, x - factor * x], [0, factor, y - factor * y]])
    return transformed(pose, range(len(JOINTS)), matrix)


def _axis(at: Points) -> complex:
    """Unit direction of the body's own axis; upright where hips or neck are missing."""
    spine = at["neck"] - at[HIPS] if HIPS in at and "neck" in at else 0
    return spine / abs(spine) if abs(spine) > 1e-9 else -1j


def _moved(
    at: Points, name: str, to: complex, keep: bool, held: frozenset[str], alone: bool
) -> Points:
    """All positions after one drag; `alone` = a hip swings without the other one."""
    if not keep or name not in at:
        return at | {name: to}
    limb = next((c for c in CHAINS if name in c[1:] and all(n in at for n in c)), None)
    if limb and name == limb[2] and limb[1] not in held:
        root, middle, end = (at[n] for n in limb)
        ends = reached(root, middle, end, to, _centre(at))
        return at | dict(zip(limb[1:], ends, strict=True))
    if limb and name == limb[1] and limb[2] in held:
        return at | {name: _nearer_side(at[limb[0]], at[name], at[limb[2]], to)}
    carried = _carried(at, name, to)
    if name in _HIPS and not alone and "neck" in at:
        other = _HIPS[name == _HIPS[0]]
        if other in at:
            rotation = turn(at["neck"], at[name], to)
            carried |= _carried(at, other, at["neck"] + rotation * (at[other] - at["neck"]))
    return at | _settled(at, carried, held)


def _carried(at: Points, name: str, to: complex) -> Points:
    """The joint turned about what it hangs on, and all that hangs on it."""
    pivot = _pivot(at, name)
    hanging = [n for n in below(name) if n in at]
    if pivot is None:
        return {n: at[n] + to - at[name] for n in (name, *hanging)}
    rotation = turn(pivot, at[name], to)
    place = pivot + rotation * (at[name] - pivot)
    if name in _ROOTS:
        return {name: place} | {n: at[n] + place - at[name] for n in hanging}
    return {n: pivot + rotation * (at[n] - pivot) for n in (name, *hanging)}


def _pivot(at: Points, name: str) -> complex | None:
    """What a joint turns about; what is missing in a face is skipped."""
    parent = "neck" if name in _HIPS else PARENT[name]
    while parent not in at and parent in _FACE:
        parent = PARENT[parent]
    return at.get(parent)


def _settled(at: Points, moved: Points, held: frozenset[str]) -> Points:
    """The moved joints without the locked ones and what hangs on these; limbs bent to fit."""
    still = {n for n in moved if n in held}
    still |= {n for lock in still for n in below(lock)}
    out = {n: place for n, place in moved.items() if n not in still}
    for root, middle, end in CHAINS:
        if end in still and root in out and middle in out:
            out[middle] = pinned(at[root], at[middle], at[end], out[root], _centre(at))
    return out


def _nearer_side(root: complex, middle: complex, end: complex, to: complex) -> complex:
    """The middle, or its mirror image on the other side of the limb, whichever is nearer."""
    line = end - root
    if abs(line) < 1e-9:
        return root + turn(root, middle, to) * (middle - root)
    across = root + line * ((middle - root) / line).conjugate()
    return min(middle, across, key=lambda place: abs(place - to))


def _centre(at: Points) -> complex:
    trunk = [at[n] for n in ("neck", HIPS) if n in at]
    return sum(trunk) / len(trunk) if trunk else 0


def _pose(pose: Pose, at: Points) -> Pose:
    """The pose with the joints at these places; missing ones among them become seen."""
    return pose.moved(**{n: (z.real, z.imag) for n, z in at.items() if n in INDEX})
