"""Copying at any resolution: the network's choice drives warps of the photo itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.painters.base import Stop, Stopped

Floats = NDArray[np.float32]
_NEGLIGIBLE = 0.04
"""A layer whose share stays below this is not copied at all."""
_CRISP = 1.5
"""Contrast of the enlarged mask's edge."""


@dataclass(frozen=True)
class Choice:
    """The network's decision on a window of its frame.

    Attributes:
        layers: (N + 1, H, W) shares that sum to 1: N layers to copy, then the generated one.
        alpha: (H, W) in 0..1.
        generated: (H, W, 3) in 0..1.
        left, top: the window's corner in the frame.
        side: the frame's side at the network's size.
    """

    layers: Floats
    alpha: Floats
    generated: Floats
    left: int
    top: int
    side: int


def copy_at(
    choice: Choice,
    affines: Floats,
    sources: Sequence[NDArray[np.uint8]],
    stop: Stop,
    fine: bool = True,
) -> NDArray[np.uint8]:
    """Paint the choice at the resolution of the cut-out.

    Args:
        affines: (N, 2, 3) target -> source at the network's size, continuous coordinates.
        sources: N times (S, S, 3), the bled colours of the cut-out that a layer copies from.
        fine: cubic instead of linear interpolation, which would blur a photo at its own size.

    Returns:
        (S, S, 4) uint8 straight alpha.

    Raises:
        Stopped: `stop` said so between two parts.
    """
    side = sources[0].shape[0]
    scale = side / choice.side
    window = _Window.of(choice, scale)
    colour = np.zeros((window.height, window.width, 3), np.float32)
    weight = np.zeros((window.height, window.width), np.float32)
    how = cv2.INTER_CUBIC if fine else cv2.INTER_LINEAR
    for share, affine, source in zip(choice.layers[:-1], affines, sources, strict=True):
        if stop():
            raise Stopped
        region = _region(share)
        if region is not None:
            _add(colour, weight, share, region, window, _at_scale(affine, scale), source, how)
    share = _resized(choice.layers[-1], window)
    invented = _resized(choice.generated, window)
    colour += np.asarray(cv2.multiply(invented, cv2.merge([share] * 3), scale=255))
    weight = np.maximum(weight + share, 1e-3)
    alpha = _resized(choice.alpha, window)
    if scale > 1:
        alpha = (alpha - 0.5) * _CRISP + 0.5  # enlarging would leave a foggy edge
    out = np.zeros((side, side, 4), np.uint8)
    inside = out[window.top : window.top + window.height, window.left : window.left + window.width]
    inside[..., :3] = cv2.divide(colour, cv2.merge([weight] * 3), dtype=cv2.CV_8U)
    inside[..., 3] = np.rint(np.clip(alpha, 0, 1) * 255)
    return out


@dataclass(frozen=True)
class _Window:
    """The choice's window on the frame at the painted size."""

    left: int
    top: int
    width: int
    height: int

    @classmethod
    def of(cls, choice: Choice, scale: float) -> _Window:
        rows, columns = choice.alpha.shape
        left, top = round(choice.left * scale), round(choice.top * scale)
        right, bottom = (choice.left + columns) * scale, (choice.top + rows) * scale
        return cls(left, top, round(right) - left, round(bottom) - top)


def _resized(values: Floats, window: _Window) -> Floats:
    size = (window.width, window.height)
    how = cv2.INTER_AREA if window.height < values.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, size, interpolation=how), np.float32)


def _add(
    colour: Floats,
    weight: Floats,
    share: Floats,
    region: tuple[slice, slice],
    window: _Window,
    affine: NDArray[np.float64],
    source: NDArray[np.uint8],
    how: int,
) -> None:
    """Copy one part, inside the box in which it is used, weighted by its share."""
    down, across = (n / m for n, m in zip((window.height, window.width), share.shape, strict=True))
    top, bottom = round(region[0].start * down), round(region[0].stop * down)
    left, right = round(region[1].start * across), round(region[1].stop * across)
    matrix = affine.copy()
    # Into the box, and from corner-based coordinates to OpenCV's pixel centres.
    matrix[:, 2] += affine[:, :2] @ (window.left + left + 0.5, window.top + top + 0.5) - 0.5
    size = (right - left, bottom - top)
    flags = how | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(source, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    box = np.s_[top:bottom, left:right]
    amount = _enlarged(share, region, size)
    part = cv2.multiply(pixels, cv2.merge([amount] * 3), dtype=cv2.CV_32F)
    cv2.add(colour[box], part, dst=colour[box])
    cv2.add(weight[box], amount, dst=weight[box])


def _enlarged(share: Floats, region: tuple[slice, slice], size: tuple[int, int]) -> Floats:
    how = cv2.INTER_AREA if size[1] < region[0].stop - region[0].start else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(share[region], size, interpolation=how), np.float32)


def _region(share: Floats) -> tuple[slice, slice] | None:
    """Rows and columns, at the network's size, in which a layer is used at all."""
    rows = np.nonzero((share > _NEGLIGIBLE).any(1))[0]
    if not len(rows):
        return None
    columns = np.nonzero((share > _NEGLIGIBLE).any(0))[0]
    height, width = share.shape
    return (
        slice(max(rows[0] - 1, 0), min(rows[-1] + 2, height)),
        slice(max(columns[0] - 1, 0), min(columns[-1] + 2, width)),
    )


def _at_scale(affine: Floats, scale: float) -> NDArray[np.float64]:
    """The same map between larger frames; only the offset grows."""
    return affine.astype(np.float64) * np.array([[1, 1, scale]])
