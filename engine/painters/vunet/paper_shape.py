"""What the published VUNet sees of a person: a stick figure, and crops of the body's parts.

Esser et al., CVPR 2018, sections 3.2 and 3.3. Poses are on the canvas of the picture; joints that
are missing stay missing. The published eight crops end at the knees, so shoes never transfer; the
set "feet" adds shins and feet.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.pose import CORE, Pose

Bytes = NDArray[np.uint8]
Quad = NDArray[np.float64]
CropSet = Literal["published", "feet", "whole"]

_PUBLISHED = (
    "torso",
    "head",
    "left_upper_arm",
    "left_forearm",
    "right_upper_arm",
    "right_forearm",
    "left_thigh",
    "right_thigh",
)
CROPS: dict[CropSet, tuple[str, ...]] = {
    "published": _PUBLISHED,
    "feet": (*_PUBLISHED, "left_shin", "right_shin", "left_foot", "right_foot"),
    "whole": ("whole",),
}
"""Names of the crops of each set, in order."""
_CHAIN = ("ankle", "knee", "hip", "shoulder", "elbow", "wrist")
_LIMBS = {
    "upper_arm": ("shoulder", "elbow"),
    "forearm": ("elbow", "wrist"),
    "thigh": ("hip", "knee"),
    "shin": ("knee", "ankle"),
}
_SLIM = 0.25
"""Half the width of a limb's crop over its length."""
_HEEL, _TOES = 0.15, 0.35
"""A foot's square reaches from so far above the ankle to so far below, in shin lengths."""
_UNIT = np.array([(0, 0), (0, 1), (1, 1), (1, 0)], np.float32)


def stickman(pose: Pose) -> Bytes:
    """(H, W, 3) uint8: the right side in channel 0, the left in 1, the torso in 2.

    Raises:
        InputError: shoulders or hips are missing.
    """
    if not pose.has(*CORE):
        raise InputError("A stick figure needs both shoulders and both hips; place them first.")
    width, height = pose.size
    right, left, torso = (np.zeros((height, width), np.uint8) for _ in range(3))
    corners = [_at(pose, n) for n in ("left_hip", "left_shoulder", "right_shoulder", "right_hip")]
    cv2.fillPoly(torso, [np.floor(corners).astype(np.int32)], (255,))
    for side, layer in (("right", right), ("left", left)):
        for a, b in pairwise(f"{side}_{joint}" for joint in _CHAIN):
            if pose.has(a, b):
                _line(layer, _at(pose, a), _at(pose, b), 255)
    if pose.has("nose"):
        for layer in (right, left):
            _line(layer, _neck(pose), _at(pose, "nose"), 127)
    if pose.has("nose", "right_eye", "left_eye"):
        for side, layer in (("right", right), ("left", left)):
            _line(layer, _at(pose, "nose"), _at(pose, f"{side}_eye"), 255)
    return np.dstack([right, left, torso])


def _line(layer: Bytes, start: Quad, end: Quad, ink: int) -> None:
    (x0, y0), (x1, y1) = (np.floor(p).astype(int).tolist() for p in (start, end))
    cv2.line(layer, (x0, y0), (x1, y1), (ink,), max(3 * layer.shape[1] // 128, 1))


def _at(pose: Pose, name: str) -> Quad:
    return np.array(pose[name], np.float64)


def _neck(pose: Pose) -> Quad:
    return (_at(pose, "left_shoulder") + _at(pose, "right_shoulder")) / 2


def part_quad(pose: Pose, name: str) -> Quad | None:
    """The four corners of a crop on the picture, in the order (0,0), (0,1), (1,1), (1,0) of its
    unit square; None if its joints are missing or it has no extent."""
    quad = _quad(pose, name)
    return quad if quad is not None and _area(quad) > 1 else None


def _quad(pose: Pose, name: str) -> Quad | None:
    if name == "whole":
        return _UNIT.astype(float) * pose.size
    if name == "torso":
        corners = ("left_shoulder", "left_hip", "right_hip", "right_shoulder")
        return np.stack([_at(pose, c) for c in corners]) if pose.has(*corners) else None
    if name == "head":
        return _head(pose)
    side, part = name.split("_", 1)
    if part == "foot":
        return _foot(pose, side)
    a, b = (f"{side}_{joint}" for joint in _LIMBS[part])
    if not pose.has(a):
        return None
    start = _at(pose, a)
    if pose.has(b):
        return _along(start, _at(pose, b), _SLIM)
    if part == "thigh":  # straight down to the last row
        return _along(start, np.array([start[0], pose.size[1]]), _SLIM)
    return None


def _head(pose: Pose) -> Quad | None:
    """A square from the neck past the nose; without a nose one that stands on the shoulders."""
    if not pose.has("left_shoulder", "right_shoulder"):
        return None
    left, right, neck = _at(pose, "left_shoulder"), _at(pose, "right_shoulder"), _neck(pose)
    if pose.has("nose"):
        return _along(neck, neck + 2 * (_at(pose, "nose") - neck), 0.5)
    across = right - left
    up = np.array([across[1], -across[0]])
    up = -up if up[1] > 0 else up
    return np.stack([left, left + up, right + up, right])


def _foot(pose: Pose, side: str) -> Quad | None:
    if not pose.has(f"{side}_knee", f"{side}_ankle"):
        return None
    ankle = _at(pose, f"{side}_ankle")
    shin = ankle - _at(pose, f"{side}_knee")
    return _along(ankle - _HEEL * shin, ankle + _TOES * shin, 0.5)


def _along(start: Quad, end: Quad, half: float) -> Quad:
    """A rectangle along a segment, `half` segment lengths to either side of it."""
    run = end - start
    normal = half * np.array([-run[1], run[0]])
    return np.stack([start + normal, end + normal, end - normal, start - normal])


def _area(quad: Quad) -> float:
    return abs(float(cv2.contourArea(quad.astype(np.float32))))


def part_crops(pixels: Bytes, pose: Pose, names: tuple[str, ...], side: int) -> tuple[Bytes, Bytes]:
    """The crops of a picture, each warped to a square; the picture's edge runs on outside of it.

    Args:
        pixels: (H, W, 3) uint8, as large as the pose's canvas.
        names: of the crops.
        side: of each crop in pixels.

    Returns:
        (K, side, side, 3) uint8, and (K,) uint8: 1 where there is a crop; the others hold zeros.
    """
    crops = np.zeros((len(names), side, side, 3), np.uint8)
    there = np.zeros(len(names), np.uint8)
    for i, name in enumerate(names):
        quad = part_quad(pose, name)
        if quad is not None:
            crops[i], there[i] = _warped(pixels, quad, side), 1
    return crops, there


def _warped(pixels: Bytes, quad: Quad, side: int) -> Bytes:
    """OpenCV counts from the middle of the first pixel, we from its corner."""
    source, target = (quad - 0.5).astype(np.float32), _UNIT * side - np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(source, target)
    made = cv2.warpPerspective(pixels, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(made, np.uint8)
