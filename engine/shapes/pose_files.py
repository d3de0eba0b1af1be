"""Poses in the formats that others speak: OpenPose JSON and COCO's 17 key points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.errors import InputError
from engine.shapes.pose import INDEX, Pose, Presence

COCO17: tuple[str, ...] = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
_TO_18 = np.array([INDEX[name] for name in COCO17])


def from_coco17(keypoints: Sequence[float], size: tuple[int, int]) -> Pose:
    """A pose from COCO's flat x, y, v list; the neck is the middle of the shoulders if both exist.

    Raises:
        InputError: not 51 finite numbers, or v outside 0..2.
    """
    if len(keypoints) != 51:
        raise InputError(f"COCO key points are 51 numbers, this list has {len(keypoints)}.")
    table = np.array(keypoints, dtype=np.float64).reshape(17, 3)
    if not np.isfinite(table).all() or not np.isin(table[:, 2], (0, 1, 2)).all():
        raise InputError("COCO key points must be finite, with v one of 0, 1 and 2.")
    xy, presence = np.zeros((18, 2)), np.zeros(18, np.uint8)
    xy[_TO_18], presence[_TO_18] = table[:, :2], table[:, 2]
    right, left, neck = (INDEX[n] for n in ("right_shoulder", "left_shoulder", "neck"))
    if presence[right] and presence[left]:
        xy[neck] = (xy[right] + xy[left]) / 2
        presence[neck] = min(presence[right], presence[left])
    return Pose(xy, presence, size)


def to_coco17(pose: Pose) -> list[float]:
    """COCO's flat x, y, v list of 51 numbers; the neck is left out."""
    flat: list[float] = []
    for i in _TO_18:
        v = int(pose.presence[i])
        flat += [*map(float, pose.xy[i]), v] if v != Presence.missing else [0.0, 0.0, 0]
    return flat
