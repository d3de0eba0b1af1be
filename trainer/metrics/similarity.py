"""Structural similarity as the pose transfer papers count it, with the range fixed at 255."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError

PROTOCOL = "SSIM, gaussian window of sigma 1.5 (11 px), range 255, mean over RGB"
_BORDER = 5
"""Half the 11 px window: closer to the edge it would look outside the picture."""


class Box(NamedTuple):
    """Rows top..bottom and columns left..right of a picture, ends excluded."""

    left: int
    top: int
    right: int
    bottom: int

    def of(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The part of (H, W, ...) inside the box."""
        return pixels[self.top : self.bottom, self.left : self.right]


def ssim_map(
    first: NDArray[np.uint8], second: NDArray[np.uint8], span: float = 255.0
) -> NDArray[np.float64]:
    """(H, W) similarity of two (H, W, 3) pictures around every pixel, 1 = the same.

    Wang et al. 2004, equation 13, with K1 = 0.01 and K2 = 0.03; borders are reflected.

    Args:
        span: range of the values; the protocol's is 255.

    Raises:
        InputError: the sizes differ, or a side is shorter than the window.
    """
    if first.shape != second.shape:
        sizes = " and ".join(f"{p.shape[1]} x {p.shape[0]}" for p in (first, second))
        raise InputError(f"Pictures of {sizes} pixels cannot be compared; give both one size.")
    if min(first.shape[:2]) <= 2 * _BORDER:
        raise InputError(f"SSIM needs pictures of {2 * _BORDER + 1} pixels or more a side.")
    a, b = first.astype(np.float64), second.astype(np.float64)
    mean_a, mean_b = _local(a), _local(b)
    spread = _local(a * a) - mean_a**2 + _local(b * b) - mean_b**2
    both = _local(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    light = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    return (light * (2 * both + c2) / (spread + c2)).mean(2)


def _local(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean around every pixel, weighed by the window."""
    side = 2 * _BORDER + 1
    seen = cv2.GaussianBlur(values, (side, side), 1.5, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(seen, np.float64)


def ssim(first: NDArray[np.uint8], second: NDArray[np.uint8], box: Box | None = None) -> float:
    """Mean similarity inside the box, or of the picture but for the 5 px at its edge."""
    there = ssim_map(first, second)
    if box is not None:
        return float(there[box.top : box.bottom, box.left : box.right].mean())
    return float(there[_BORDER:-_BORDER, _BORDER:-_BORDER].mean())


def ssim_own_range(painted: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """As the code of pose-gan has it: the range is that of the painted picture, not 255."""
    span = max(float(painted.max()) - float(painted.min()), 1.0)
    return float(ssim_map(painted, truth, span)[_BORDER:-_BORDER, _BORDER:-_BORDER].mean())


def masked_ssim(
    first: NDArray[np.uint8], second: NDArray[np.uint8], mask: NDArray[np.bool_]
) -> float:
    """Similarity of both pictures multiplied by the (H, W) mask (pose-gan's mask-SSIM)."""
    return ssim(first * mask[..., None], second * mask[..., None])
