"""The look of single objects: passes pinned to the base picture, and how they are joined.

The picture is a function of labels, base look and overrides alone; the order of edits is not known
here. Every object is painted beside the base in all else; objects too near to each other for that
take different passes.
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
_REACH = 2
"""Cells of the network's smallest map that a block reads beyond each side."""


@dataclass(frozen=True)
class Change:
    """A region with a look of its own.

    Attributes:
        region: its place in `Regions.listed`.
        box: (top, left, bottom, right) of the region and its feather.
        share: (h, w) float32 in that box: 1 in the region, falling to 0 at the feather's end.
    """

    region: int
    box: tuple[int, int, int, int]
    share: NDArray[np.float32]

    @property
    def place(self) -> tuple[slice, slice]:
        """The box as rows and columns."""
        top, left, bottom, right = self.box
        return slice(top, bottom), slice(left, right)


def feather(size: tuple[int, int]) -> int:
    """Pixels that a look reaches over the edge of its object in a picture (height, width)."""
    return max(round(max(size) * FEATHER), 2)


def changes(found: Regions, numbers: Sequence[int]) -> list[Change]:
    """Where some regions may differ from the base."""
    boxes = _boxes(found.number, len(found.listed))
    return [_change(found, number, boxes[number]) for number in numbers]


def _boxes(number: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """(count, 4) top, left, bottom, right of every region."""
    boxes = np.zeros((count, 4), np.int64)
    boxes[:, :2] = max(number.shape)
    rows = np.repeat(np.arange(number.shape[0]), number.shape[1])
    columns = np.tile(np.arange(number.shape[1]), number.shape[0])
    flat = number.ravel()
    for axis, places in enumerate((rows, columns)):
        np.minimum.at(boxes[:, axis], flat, places)
        np.maximum.at(boxes[:, 2 + axis], flat, places + 1)
    return boxes


def _change(found: Regions, number: int, box: NDArray[np.int64]) -> Change:
    reach = feather(found.size)
    height, width = found.number.shape
    top, left = (max(int(value) - reach, 0) for value in box[:2])
    bottom, right = min(int(box[2]) + reach, height), min(int(box[3]) + reach, width)
    outside = (found.number[top:bottom, left:right] != number).astype(np.uint8)
    distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    share = np.clip(1 - distance / (reach + 1), 0, 1).astype(np.float32)
    return Change(number, (top, left, bottom, right), share)


def grouped(found: Sequence[Change], size: tuple[int, int], stride: int) -> list[list[Change]]:
    """Changes that do not feel each other together, in as few passes as a simple rule gives.

    Args:
        size: (height, width) of the padded picture.
        stride: of the network: a pixel of its smallest map.
    """
    groups: list[list[Change]] = []
    taken: list[NDArray[np.bool_]] = []
    for change in found:
        cells = _cells(change, size, stride)
        for group, there in zip(groups, taken, strict=True):
            if not (there & cells).any():
                group.append(change)
                there |= cells
                break
        else:
            groups.append([change])
            taken.append(cells)
    return groups


def _cells(change: Change, size: tuple[int, int], stride: int) -> NDArray[np.bool_]:
    """The network's smallest map: which of its pixels a change touches or is read beside."""
    rows, columns = np.nonzero(change.share)
    touched = np.zeros((size[0] // stride, size[1] // stride), np.uint8)
    touched[(rows + change.box[0]) // stride, (columns + change.box[1]) // stride] = 1
    return cv2.dilate(touched, np.ones((2 * _REACH + 1,) * 2, np.uint8)).astype(bool)


def mask_of(group: Sequence[Change], size: tuple[int, int]) -> NDArray[np.bool_]:
    """(H, W) where a pass may differ from the base."""
    mask = np.zeros(size, bool)
    for change in group:
        mask[change.place] |= change.share > 0
    return mask


def joined(
    base: NDArray[np.float32],
    passes: Sequence[tuple[Change, NDArray[np.float32]]],
    number: NDArray[np.int64],
) -> NDArray[np.float32]:
    """The base with every changed object out of its own pass.

    A region keeps its own pixels to itself; feathers that meet elsewhere share the place.

    Args:
        base: (H, W, 3).
        passes: every change with its pass's pixels in its box, (h, w, 3).
        number: (H, W) regions.
    """
    total, weight = np.zeros_like(base), np.zeros(base.shape[:2], np.float32)
    changed = [change.region for change, _ in passes]
    for change, pixels in passes:
        here = number[change.place]
        share = np.where(np.isin(here, changed) & (here != change.region), 0, change.share)
        total[change.place] += share[..., None] * pixels
        weight[change.place] += share
    left = 1 - np.minimum(weight, 1)
    out = base * left[..., None] + total / np.maximum(weight, 1)[..., None]
    return np.asarray(out, np.float32)
