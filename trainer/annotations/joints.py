"""Joints of annotated people: by name, and what a correction changes of them."""

from __future__ import annotations

from collections.abc import Collection

from engine.errors import InputError
from engine.shapes.pose import CORE, JOINTS, Pose, Presence, joint_index
from trainer.annotations.items import Correction, Item, Joints, Point

DERIVED = "neck"
"""The middle of the shoulders, where a layout has no place for it."""
_STILL = 0.01
"""Pixels below which a joint did not move."""


def named(pose: Pose, holds: Collection[str]) -> tuple[Joints, tuple[str, ...]]:
    """Joints of a pose by name, and which of them are hidden.

    Args:
        holds: joints that the layout has a place for; of the others only the neck is named.
    """
    shown = [name for name in JOINTS if name in holds or (name == DERIVED and pose.has(name))]
    hidden = tuple(n for n in shown if pose.presence[joint_index(n)] == Presence.hidden)
    return {name: pose[name] for name in shown}, tuple(n for n in hidden if n in holds)


def moved(item: Item, correction: Correction, holds: Collection[str]) -> dict[str, Point | None]:
    """The joints that a correction moves, finds, or takes away (None).

    Raises:
        InputError: an unknown joint, one that the layout has no place for, or outside of the photo.
    """
    before = item.joints or {}
    changes: dict[str, Point | None] = {}
    for name, point in (correction.joints or {}).items():
        joint_index(name)
        if name not in holds:
            if point is not None and name != DERIVED:
                raise InputError(f"{item.id}: the layout has no place for {name}; leave it out.")
            continue
        was = before.get(name)
        if point is None or was is None:
            changed = point is not was
        else:
            changed = max(abs(point[0] - was[0]), abs(point[1] - was[1])) > _STILL
        if changed:
            if point is not None and not _inside(point, item.size):
                raise InputError(
                    f"{item.id}: {SPOKEN[name]} lies outside of the photo of "
                    f"{item.size[0]} x {item.size[1]} px; move it inside, or remove it."
                )
            changes[name] = point
    return changes


def _inside(point: Point, size: tuple[int, int]) -> bool:
    return 0 <= point[0] <= size[0] and 0 <= point[1] <= size[1]


def outside(item: Item) -> list[str]:
    """A sentence for each joint that lies outside of the photo."""
    there = {name: point for name, point in (item.joints or {}).items() if point is not None}
    return [
        f"{SPOKEN[name]} lies outside of the photo."
        for name, point in there.items()
        if not _inside(point, item.size)
    ]


def lacking(item: Item) -> list[str]:
    """Joints of the trunk that an item has no place of."""
    joints = item.joints or {}
    return [SPOKEN[name].lower() for name in CORE if joints.get(name) is None]


SPOKEN = {
    "nose": "Nose",
    "neck": "Neck",
    "right_shoulder": "Right shoulder",
    "right_elbow": "Right elbow",
    "right_wrist": "Right wrist",
    "left_shoulder": "Left shoulder",
    "left_elbow": "Left elbow",
    "left_wrist": "Left wrist",
    "right_hip": "Right hip",
    "right_knee": "Right knee",
    "right_ankle": "Right ankle",
    "left_hip": "Left hip",
    "left_knee": "Left knee",
    "left_ankle": "Left ankle",
    "right_eye": "Right eye",
    "left_eye": "Left eye",
    "right_ear": "Right ear",
    "left_ear": "Left ear",
}
"""Names of joints in sentences."""
