"""Moves of several joints at once, as the switches and the locks allow."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from engine.shapes.kinematics import dragged
from engine.shapes.limbs import below
from engine.shapes.pose import INDEX, JOINTS, LIMBS, MIRROR, Pose
from studio.editors.pose.body import BodyDocument
from studio.editors.pose.options import PoseOptions

LIMB_JOINTS: dict[str, tuple[str, ...]] = {
    "head": ("nose", "right_eye", "left_eye", "right_ear", "left_ear"),
    "trunk": ("neck", "right_shoulder", "left_shoulder", "right_hip", "left_hip"),
    "right_arm": ("right_shoulder", "right_elbow", "right_wrist"),
    "left_arm": ("left_shoulder", "left_elbow", "left_wrist"),
    "right_leg": ("right_hip", "right_knee", "right_ankle"),
    "left_leg": ("left_hip", "left_knee", "left_ankle"),
}
"""What an artist calls a limb; arms and legs start with the joint that they turn about."""

_TRUNK = frozenset(INDEX[n] for n in LIMB_JOINTS["trunk"])
_SPINE = frozenset(INDEX[n] for n in ("neck", "right_hip", "left_hip"))


def limb_of(joint: int) -> str:
    """The limb of a joint; shoulders and hips belong to arms and legs."""
    limbs = [limb for limb, joints in LIMB_JOINTS.items() if JOINTS[joint] in joints]
    return limbs[-1]


def limb_of_bone(bone: tuple[str, str]) -> str:
    """The limb of a bone of LIMBS; collar bones and flanks belong to the trunk."""
    return next(limb for limb, joints in LIMB_JOINTS.items() if set(bone) <= set(joints) | {"neck"})


def limb_joints(limb: str) -> frozenset[int]:
    """The joints of a limb by their index."""
    return frozenset(INDEX[n] for n in LIMB_JOINTS[limb])


def there(pose: Pose, joints: Iterable[int]) -> frozenset[int]:
    """Those of the joints that have a place."""
    return frozenset(i for i in joints if pose.presence[i])


def further_out(joints: Collection[int]) -> frozenset[int]:
    """The joints that hang on these ones, away from the neck."""
    found: set[int] = set()
    for a, b in LIMBS:  # inner limbs come before outer ones
        if INDEX[a] in joints or INDEX[a] in found:
            found.add(INDEX[b])
    return frozenset(found - set(joints))


def boxed(document: BodyDocument, options: PoseOptions) -> frozenset[int]:
    """What a box transform holds: the selection, or the body if fewer than two are selected."""
    pose = document.edited
    chosen = there(pose, document.selected)
    if options.keep_lengths and chosen:
        chosen |= there(pose, further_out(chosen))
    if len(chosen) < 2:
        chosen = there(pose, range(len(JOINTS)))
    return chosen - document.locked


def placed(
    pose: Pose, places: dict[int, tuple[float, float]], symmetric: bool, locked: frozenset[int]
) -> Pose:
    """The pose with joints elsewhere, each alone; if wished the other side does the same."""
    trunk_last = sorted(places, key=lambda i: i in _TRUNK)  # it holds the axis of the mirror
    for i in trunk_last:
        both = symmetric and int(MIRROR[i]) not in places
        pose = dragged(pose, i, places[i], symmetric=both, locked=locked)
    return pose


def shifted(
    pose: Pose,
    joints: frozenset[int],
    by: tuple[float, float],
    options: PoseOptions,
    locked: frozenset[int],
) -> Pose:
    """The pose with joints moved by canvas pixels; with lengths kept, what hangs on them follows.

    A group that holds neck and hips is carried as it is. Otherwise each joint that hangs on no
    other one of the group is dragged, so that its bones turn.
    """
    movable = there(pose, joints) - locked
    if not options.keep_lengths:
        return placed(pose, _targets(pose, movable, by), options.symmetric, locked)
    if there(pose, _SPINE) <= movable:
        carried = there(pose, movable | further_out(movable)) - locked
        return placed(pose, _targets(pose, carried, by), False, locked)
    hanging = {INDEX[n] for i in movable for n in below(JOINTS[i])}
    for i, to in _targets(pose, movable - hanging, by).items():
        both = options.symmetric and int(MIRROR[i]) not in movable
        pose = dragged(pose, i, to, keep_lengths=True, symmetric=both, locked=locked)
    return pose


def under(
    pose: Pose,
    joints: frozenset[int],
    matrix: NDArray[np.float64],
    symmetric: bool,
    locked: frozenset[int],
) -> Pose:
    """The pose with joints under a (2, 3) affine map of canvas pixels."""
    xy = pose.xy @ matrix[:, :2].T + matrix[:, 2]
    places = {i: (float(xy[i, 0]), float(xy[i, 1])) for i in joints - locked}
    return placed(pose, places, symmetric, locked)


def _targets(
    pose: Pose, joints: Iterable[int], by: tuple[float, float]
) -> dict[int, tuple[float, float]]:
    return {i: (pose.xy[i, 0] + by[0], pose.xy[i, 1] + by[1]) for i in sorted(joints)}
