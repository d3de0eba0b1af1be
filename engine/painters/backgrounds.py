"""What painters without alpha share: photos seen with their background, and a silhouette."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.painters.base import Frame
from engine.painters.parts import Window, part_capsules, part_frames, soft_masks
from engine.photo import Photo

_SAME_SHAPE = 0.02
"""How much a photo's proportions may differ from the network's to be taken whole."""


def whole_frame(size: tuple[int, int], share: float) -> Frame | None:
    """The square over the height of a (width, height) photo, if it is `share` times as wide."""
    width, height = size
    if abs(width / height / share - 1) > _SAME_SHAPE:
        return None
    return Frame(-float((height - width) // 2), 0.0, float(height))


def with_background(photo: Photo, frame: Frame, side: int) -> NDArray[np.uint8]:
    """(side, side, 3) the frame's square of the photo, whose edges run on outside of it."""
    left, top, length = int(frame.left), int(frame.top), int(frame.side)
    width, height = photo.size
    columns = np.arange(left, left + length).clip(0, width - 1)
    rows = np.arange(top, top + length).clip(0, height - 1)
    how = cv2.INTER_AREA if side < length else cv2.INTER_CUBIC
    window = photo.pixels[rows[:, None], columns]
    return np.asarray(cv2.resize(window, (side, side), interpolation=how), np.uint8)


def silhouette(joints: Tensor, window: Window) -> NDArray[np.uint8]:
    """(H, W) where a dressed body is; joints (1, 18, 2) complete, in the window's pixels."""
    capsules = part_capsules(joints, part_frames(joints))
    _, wide = soft_masks(capsules, window)
    return (wide.amax(1)[0] * 255).round().to(torch.uint8).cpu().numpy()
