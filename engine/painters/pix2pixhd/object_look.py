"""The look of single objects: where each may differ from the base, and how they are joined.

The picture is a function of labels, base look and overrides alone; the order of edits is not known
here. Every object is painted by itself in a window around it, beside the same window of the base,
and adds what it changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.painters.pix2pixhd.regions import Regions

FEATHER = 1 / 96
"""How far a look reaches over the edge of its object, as a share of the picture's longer side."""
_AROUND = 32
"""Pixels that a window shows around that, at least."""


@dataclass(frozen=True)
class Window:
    """Where a region with a look of its own is painted.

    Attributes:
        region: its place in `Regions.listed`.
        place: rows and columns of the window, multiples of the network's stride.
        share: (h, w) float32 in it: 1 in the region, falling to 0 where its feather ends.
    """

    region: int
    place: tuple[slice, slice]
    share: NDArray[np.float32]


def feather(size: tuple[int, int]) -> int:
    """Pixels that a look reaches over the edge of its object in a picture (height, width)."""
    return max(round(max(size) * FEATHER), 2)


def window(found: Regions, region: int, stride: int) -> Window:
    """The window of a region."""
    mask = (found.number == region).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(mask)
    reach = feather(found.size)
    around = reach + _AROUND
    place = (
        _span(top - around, top + height + around, mask.shape[0], stride),
        _span(left - around, left + width + around, mask.shape[1], stride),
    )
    distance = cv2.distanceTransform(1 - mask[place], cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    share = np.clip(1 - distance / (reach + 1), 0, 1).astype(np.float32)
    return Window(region, place, share)


def _span(first: int, last: int, length: int, stride: int) -> slice:
    """From `first` to `last` in whole steps, at least two of them, within the picture."""
    start = max(first // stride, 0) * stride
    stop = min(-(-last // stride) * stride, length)
    start = max(min(start, stop - 2 * stride), 0)
    return slice(start, max(stop, start + 2 * stride))


def joined(
    base: NDArray[np.float32],
    changes: Sequence[tuple[Window, NDArray[np.float32]]],
    number: NDArray[np.int64],
) -> NDArray[np.float32]:
    """The base with what every object's own look changes.

    A region with a look of its own keeps its pixels to itself; feathers that meet elsewhere share
    the place.

    Args:
        base: (H, W, 3).
        changes: every window with the difference of its pass from the base, (h, w, 3).
        number: (H, W) regions.
    """
    total, weight = np.zeros_like(base), np.zeros(base.shape[:2], np.float32)
    owners = np.zeros(int(number.max()) + 1, bool)
    owners[[there.region for there, _ in changes]] = True
    for there, difference in changes:
        here = number[there.place]
        share = np.where(owners[here] & (here != there.region), np.float32(0), there.share)
        total[there.place] += share[..., None] * difference
        weight[there.place] += share
    return np.asarray(base + total / np.maximum(weight, 1)[..., None], np.float32)
