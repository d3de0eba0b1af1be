"""What may stand behind a person: colours from around the hole, texture from beside it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.framing import bled

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


def filled(rgb: NDArray[np.uint8], hole: Mask) -> NDArray[np.uint8]:
    """The image with a hole filled in.

    Coarse colours flow in from the hole's rim (push-pull); fine texture, which would come out
    smeared that way, is taken from the image beside the hole, shifted sideways or up and down.

    Args:
        rgb: (H, W, 3) uint8.
        hole: (H, W) True where the image is not to be seen.
    """
    if not hole.any() or hole.all():
        return rgb
    smooth = bled(rgb, np.where(hole, 0, 255).astype(np.uint8)).astype(np.float32)
    sigma = max(max(hole.shape) / 120, 1.5)
    texture = rgb - cv2.GaussianBlur(smooth, (0, 0), sigma)
    base = cv2.GaussianBlur(smooth, (0, 0), sigma)
    borrowed = _borrowed(np.asarray(texture, np.float32), hole)
    return np.where(hole[..., None], np.clip(base + borrowed, 0, 255), rgb).astype(np.uint8)


def _borrowed(texture: Floats, hole: Mask) -> Floats:
    """Texture for every pixel of the hole, from the nearest shift that finds some there."""
    out, open_ = np.zeros_like(texture), hole.copy()
    for dy, dx in _shifts(hole):
        source, seen = _shifted(texture, dy, dx), ~_shifted(hole, dy, dx, outside=True)
        take = open_ & seen
        out[take] = source[take]
        open_ &= ~take
        if not open_.any():
            break
    return out


def _shifts(hole: Mask) -> list[tuple[int, int]]:
    """Sideways first, since walls, streets and horizons run that way; then up and down."""
    ys, xs = np.nonzero(hole)
    wide, tall = int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1
    steps = (0.4, 0.7, 1.05, 1.5, 2.2, 3.0)
    sideways = [(0, sign * round(s * wide)) for s in steps for sign in (1, -1)]
    return sideways + [(sign * round(s * tall), 0) for s in steps for sign in (-1, 1)]


def _shifted(values: NDArray, dy: int, dx: int, outside: bool | float = 0.0) -> NDArray:
    """values[y + dy, x + dx] at (y, x); `outside` where that lies beyond the image."""
    out = np.full_like(values, outside)
    height, width = values.shape[:2]
    if abs(dy) >= height or abs(dx) >= width:
        return out
    ys, xs = slice(max(-dy, 0), height - max(dy, 0)), slice(max(-dx, 0), width - max(dx, 0))
    out[ys, xs] = values[ys.start + dy : ys.stop + dy, xs.start + dx : xs.stop + dx]
    return out
