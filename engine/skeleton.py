"""A pose drawn as lines and joints on a transparent canvas."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.picture import Picture
from engine.shapes.pose import INDEX, JOINTS, LIMBS, Pose, Presence

Bytes = NDArray[np.uint8]

_RIGHT, _LEFT, _MIDDLE = (224, 72, 72), (64, 128, 232), (150, 150, 150)
_BITS = 4
"""Of a fixed point position that lie below a pixel."""


def drawn_skeleton(pose: Pose, longest: int | None = None) -> Picture:
    """The skeleton of a pose, RGBA: the person's right side is red, the left side blue.

    Args:
        longest: longest side in pixels; None = the pose's own canvas.

    Returns:
        Bones between joints that are there; hidden joints are drawn hollow.
    """
    if longest is not None:
        scale = longest / max(pose.size)
        width, height = (max(1, round(side * scale)) for side in pose.size)
        pose = pose.resized((width, height))
    width, height = pose.size
    colours, alpha = np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.uint8)
    thick = max(2, round(min(pose.size) / 120))
    for a, b in LIMBS:
        if pose.has(a, b):
            _line(colours, alpha, pose, (a, b), thick)
    for name in JOINTS:
        if pose.has(name):
            _dot(colours, alpha, pose, name, thick)
    return Picture(np.dstack([colours, alpha]))


def _line(colours: Bytes, alpha: Bytes, pose: Pose, bone: tuple[str, str], thick: int) -> None:
    ends = [_fixed(pose, name) for name in bone]
    # Colours are drawn wider than the soft edge, so that straight alpha has a colour everywhere.
    cv2.line(colours, ends[0], ends[1], _colour(bone[1]), thick + 4, cv2.LINE_8, _BITS)
    cv2.line(alpha, ends[0], ends[1], 255, thick, cv2.LINE_AA, _BITS)


def _dot(colours: Bytes, alpha: Bytes, pose: Pose, name: str, thick: int) -> None:
    at, radius = _fixed(pose, name), round(thick * 1.6) << _BITS
    cv2.circle(colours, at, radius + (3 << _BITS), _colour(name), -1, cv2.LINE_8, _BITS)
    cv2.circle(alpha, at, radius, 255, -1, cv2.LINE_AA, _BITS)
    if pose.presence[INDEX[name]] == Presence.hidden:
        cv2.circle(alpha, at, radius // 2, 0, -1, cv2.LINE_AA, _BITS)


def _fixed(pose: Pose, name: str) -> tuple[int, int]:
    """OpenCV counts from pixel centres."""
    x, y = np.rint((pose.xy[INDEX[name]] - 0.5) * 2**_BITS).clip(-(2**20), 2**20).astype(int)
    return int(x), int(y)


def _colour(name: str) -> tuple[int, int, int]:
    if name.startswith("right"):
        return _RIGHT
    return _LEFT if name.startswith("left") else _MIDDLE
