"""The person frame and the cut-out: what a people painter sees of a photo."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.painters.base import Frame
from engine.photo import Mask, Photo
from engine.pixels import bounds
from engine.shapes.body import body_height, completed
from engine.shapes.pose import Pose

PERSON_SHARE = 0.75
"""Standing height of the person over the frame's side."""
_ROOM = 0.92
"""Largest share of the frame that the mask may span."""
_LIFT = 0.10
"""The frame sits this much of the height higher than the person, so that raised hands fit."""
_FEET_ROOM = 0.06
"""What stays free below, as a share of the height."""


def person_frame(pose: Pose, mask: Mask | None = None) -> Frame:
    """The square, on whole photo pixels, in which the person is painted.

    Args:
        pose: the source pose on the photo's canvas; shoulders and hips must be there.
        mask: the person's pixels; without it the joints alone place the frame.

    Raises:
        InputError: shoulders or hips missing, or a body without extent.
    """
    height = body_height(pose)
    if height < 8:
        raise InputError("The person is too small: all joints lie within a few pixels.")
    low, high = _extent(pose, mask, height)
    side = int(np.ceil(max(height / PERSON_SHARE, (high - low).max() / _ROOM)))
    centre = (low + high) / 2
    below = (side - (high - low)[1]) / 2
    centre[1] -= np.clip(below - _FEET_ROOM * height, 0, _LIFT * height)
    left, top = np.round(centre - side / 2).astype(int)
    return Frame(float(left), float(top), float(side))


def _extent(
    pose: Pose, mask: Mask | None, height: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if mask is not None:
        marked = cv2.threshold(mask.pixels, 127, 255, cv2.THRESH_BINARY)[1]
        left, top, right, bottom = bounds(np.asarray(marked, np.uint8))
        if right:
            return np.array([left, top], float), np.array([right, bottom], float)
    joints = completed(pose).xy
    margin = 0.06 * height
    return joints.min(0) - margin, joints.max(0) + margin


def frame_window(pixels: NDArray[np.uint8], frame: Frame) -> NDArray[np.uint8]:
    """The frame's square of an image; what lies outside the image is black (or 0)."""
    left, top, side = int(frame.left), int(frame.top), int(frame.side)
    out = np.zeros((side, side, *pixels.shape[2:]), np.uint8)
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    if x0 < x1 and y0 < y1:
        out[y0 - top : y1 - top, x0 - left : x1 - left] = pixels[y0:y1, x0:x1]
    return out


def cut_out(photo: Photo, mask: Mask, frame: Frame, side: int) -> NDArray[np.uint8]:
    """The person alone in the frame.

    Colours run on beyond the mask's edge (straight alpha, bled), so that warping a part never drags
    in the old background; premultiplied input gives white fringes at joints (recipes.md).

    Returns:
        (side, side, 4) uint8 RGBA, straight alpha.
    """
    rgb = _resized(frame_window(photo.pixels, frame), side)
    alpha = _resized(frame_window(mask.pixels, frame), side)
    return np.dstack([bled(rgb, alpha), alpha])


def _resized(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    if pixels.shape[0] == side:
        return pixels
    how = cv2.INTER_AREA if side < pixels.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(pixels, (side, side), interpolation=how).astype(np.uint8)


def bled(rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours of the opaque inside spread over everything else (push-pull pyramid).

    Args:
        rgb: (H, W, 3) uint8.
        alpha: (H, W) uint8; the outermost pixel of the inside mixes with the background and is
            replaced too.
    """
    inside = (alpha > 200).astype(np.uint8)
    firm = cv2.erode(inside, np.ones((3, 3), np.uint8))
    weight = (firm if firm.any() else inside).astype(np.float32)
    if not weight.any():
        return rgb
    spread = _pull(rgb.astype(np.float32) * weight[..., None], weight)
    filled = np.where(weight[..., None] > 0, rgb, np.clip(spread, 0, 255))
    return np.rint(filled).astype(np.uint8)


def _pull(coloured: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weighted colours -> colours everywhere, from fine to coarse and back."""
    height, width = weight.shape
    here = coloured / np.maximum(weight, 1e-6)[..., None]
    if min(height, width) <= 2:
        total = max(float(weight.sum()), 1e-6)
        mean = coloured.sum((0, 1), dtype=np.float64) / total
        return np.where(weight[..., None] > 0, here, mean.astype(np.float32))
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse = _pull(
        np.asarray(cv2.resize(coloured, half, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32),
    )
    up = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    share = np.clip(weight * 4, 0, 1)[..., None]  # a quarter-covered coarse cell is trusted fully
    return np.asarray(here * share + up * (1 - share), np.float32)
