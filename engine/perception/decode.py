"""From the network's maps to joints and a mask."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

REACH = 3
"""Cells around a heatmap's peak that decide its position between the cells."""


def peaks(heat: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positions and certainty of the joints of one picture.

    Args:
        heat: (J, h, w) logits; the softmax over a map is the probability of each cell.

    Returns:
        (J, 2) x, y in continuous cells (cell i covers [i, i + 1)): the mean position within
        REACH cells of the most probable one; and (J,) the probability gathered there, 0..1.
    """
    joints, height, width = heat.shape
    odds = heat.float().flatten(1).softmax(1).view(joints, height, width).double().cpu().numpy()
    best = odds.reshape(joints, -1).argmax(1)
    column, row = best % width, best // width
    xs, ys = np.arange(width) + 0.5, np.arange(height) + 0.5
    near_x = np.abs(np.arange(width) - column[:, None]) <= REACH
    near_y = np.abs(np.arange(height) - row[:, None]) <= REACH
    local = odds * near_y[:, :, None] * near_x[:, None, :]
    mass = local.sum((1, 2))
    x, y = (local.sum(1) * xs).sum(1) / mass, (local.sum(2) * ys).sum(1) / mass
    return np.stack([x, y], 1), mass


def main_component(mask: NDArray[np.float32], xy: NDArray[np.float64]) -> NDArray[np.float32]:
    """The mask (h, w) 0..1 without pieces that hold none of the joints `xy` (n, 2) and are small.

    A piece stays if a joint lies in it or if it is at least a tenth of the largest one.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 0.5).astype(np.uint8))
    if count <= 2:
        return mask
    area = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
    area[0] = 0
    cells = np.floor(xy).astype(int)
    inside = ((cells >= 0) & (cells < (mask.shape[1], mask.shape[0]))).all(1)
    held = labels[cells[inside, 1], cells[inside, 0]]
    joints = np.bincount(held, minlength=count)[:count]
    best = int(np.argmax(np.where(area > 0, joints * area.max() + area, 0)))
    keep = (joints > 0) | (area >= 0.1 * area[best])
    keep[0] = True
    return np.where(keep[labels], mask, 0).astype(np.float32)


def large_pieces(mask: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The connected pieces of at least 0.3 of the largest one's area, if they are two or three."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 0.5).astype(np.uint8))
    area = stats[1:, cv2.CC_STAT_AREA]
    large = [i for i in range(1, count) if area[i - 1] >= 0.3 * area.max()]
    if not 2 <= len(large) <= 3:
        return []
    return [np.where(labels == i, mask, 0).astype(np.float32) for i in large]


def guided(
    mask: NDArray[np.float32], guide: NDArray[np.uint8], radius: int, softness: float
) -> NDArray[np.float32]:
    """The mask (h, w) 0..1 drawn to the edges of the guide (h, w, 3), still 0..1.

    Guided filter (He, Sun & Tang, ECCV 2010, section 3.4): in each window of 2 radius + 1 pixels
    the mask becomes a linear function of the guide's colour; `softness` is its epsilon.
    """
    size = (2 * radius + 1, 2 * radius + 1)
    colour = guide.astype(np.float32) / 255

    def mean(x: NDArray[np.floating]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(x.astype(np.float32, copy=False), size), np.float32)

    centre, level = mean(colour), mean(mask)
    shared = mean(colour * mask[..., None]) - centre * level[..., None]
    spread = np.empty((*mask.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            product = mean(colour[..., i] * colour[..., j]) - centre[..., i] * centre[..., j]
            spread[..., i, j] = spread[..., j, i] = product
    spread += softness * np.eye(3, dtype=np.float32)
    slope = np.linalg.solve(spread, shared[..., None])[..., 0]
    base = level - (slope * centre).sum(-1)
    out = (mean(slope) * colour).sum(-1) + mean(base)
    return np.clip(out, 0, 1).astype(np.float32)
