"""Agreement of two poses: PCKh, with the head as a share of the torso."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.shapes.pose import CORE, INDEX, JOINTS, Pose, Presence

HEAD = 0.45
"""Length of the head over that of the torso (middle of the shoulders to middle of the hips)."""
COUNTED: tuple[str, ...] = tuple(name for name in JOINTS if name != "neck")
"""The neck is no joint of its own: it is the middle of the shoulders."""
PROTOCOL = f"PCKh@0.5, head = {HEAD} x torso length, {len(COUNTED)} joints, pooled over people"


@dataclass(frozen=True)
class Agreement:
    """How many joints were asked for and how many lie where they should.

    Attributes:
        right, asked: (18,) bool in the order of JOINTS.
    """

    right: NDArray[np.bool_]
    asked: NDArray[np.bool_]


def head_length(pose: Pose) -> float | None:
    """Length of the head in pixels, or None without shoulders and hips."""
    if not pose.has(*CORE):
        return None
    at = {name: pose.xy[INDEX[name]] for name in CORE}
    shoulders = at["right_shoulder"] + at["left_shoulder"]
    return HEAD * float(np.linalg.norm(shoulders - at["right_hip"] - at["left_hip"])) / 2


def agreement(found: Pose | None, asked: Pose, least: Presence, share: float = 0.5) -> Agreement:
    """Which asked joints were found within `share` of a head.

    Args:
        found: what a judge saw on the same canvas; None = it saw nobody.
        asked: where the joints should be.
        least: joints of a lower presence than this are not counted.
    """
    head = head_length(asked)
    counted = np.isin(JOINTS, COUNTED)
    wanted = counted & (asked.presence >= least) & (asked.presence > 0)
    if head is None:
        return Agreement(np.zeros(18, bool), np.zeros(18, bool))
    if found is None:
        return Agreement(np.zeros(18, bool), wanted)
    near = np.linalg.norm(found.xy - asked.xy, axis=1) <= share * head
    return Agreement(near & wanted & (found.presence > 0), wanted)


def pckh(agreements: list[Agreement], *names: str) -> float:
    """Share of right joints over all people; only the named joints if some are named."""
    of = np.isin(JOINTS, names) if names else np.ones(18, bool)
    right = sum(int((a.right & of).sum()) for a in agreements)
    return right / max(sum(int((a.asked & of).sum()) for a in agreements), 1)


def shares(agreements: Sequence[Agreement], names: Sequence[str]) -> dict[str, float]:
    """PCKh of each person on their own, by name; people without a joint that counts are left out.

    Their plain mean weighs people alike; the pooled figure weighs joints alike.
    """
    pairs = zip(names, agreements, strict=True)
    return {name: float(a.right.sum() / a.asked.sum()) for name, a in pairs if a.asked.any()}


GROUPS: dict[str, tuple[str, ...]] = {
    "face": ("nose", "right_eye", "left_eye", "right_ear", "left_ear"),
    "shoulders and hips": CORE,
    "arms": ("right_elbow", "right_wrist", "left_elbow", "left_wrist"),
    "legs": ("right_knee", "right_ankle", "left_knee", "left_ankle"),
}


def by_group(agreements: list[Agreement]) -> dict[str, float]:
    """PCKh of each group of joints."""
    return {group: pckh(agreements, *names) for group, names in GROUPS.items()}
