"""The mask that pose-gan draws around a skeleton for its mask-SSIM."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.shapes.pose import INDEX, LIMBS, Pose, Presence

RADIUS = 4.0
"""Half the width of a limb and the radius of a joint's disc, in pixels."""
_CLOSING = np.ones((5, 5), np.uint8)
OUTLINE: tuple[tuple[str, str], ...] = (
    ("neck", "right_ear"),
    ("neck", "left_ear"),
    ("right_ear", "left_ear"),
    ("right_shoulder", "right_hip"),
    ("left_shoulder", "left_hip"),
    ("right_hip", "left_hip"),
)
"""Lines beside OpenPose's limbs that close the torso and the head."""
PROTOCOL = (
    "mask from the target's joints: limbs of half-width 4 px (OpenPose's limbs, sides of the "
    "torso, hips, neck to ears, ears), discs of 4 px at the joints, closing with a 5 x 5 square"
)


def pose_mask(pose: Pose) -> NDArray[np.bool_]:
    """(H, W) True where limbs and joints are; missing joints and their limbs are left out.

    A pixel counts if its centre lies in a limb's rectangle or closer than 4 px to a joint.
    """
    width, height = pose.size
    y, x = np.indices((height, width)).astype(np.float64) + 0.5
    drawn = np.zeros((height, width), bool)
    there = pose.presence != Presence.missing
    for a, b in (*LIMBS, *OUTLINE):
        i, j = INDEX[a], INDEX[b]
        if there[i] and there[j]:
            drawn |= _rectangle(x, y, pose.xy[i], pose.xy[j])
    for px, py in pose.xy[there]:
        drawn |= (x - px) ** 2 + (y - py) ** 2 < RADIUS**2
    closed = cv2.morphologyEx(drawn.astype(np.uint8), cv2.MORPH_CLOSE, _CLOSING)
    return closed > 0


def _rectangle(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> NDArray[np.bool_]:
    length = float(np.linalg.norm(end - start))
    if length < 1e-9:
        return np.zeros(x.shape, bool)
    ux, uy = (end - start) / length
    along = (x - start[0]) * ux + (y - start[1]) * uy
    across = (y - start[1]) * ux - (x - start[0]) * uy
    return (along >= 0) & (along <= length) & (np.abs(across) <= RADIUS)
