"""The nearest-neighbour loss of Deformable GAN: likeness that forgives small shifts.

Siarohin et al., CVPR 2018, section 3.3. Each position of the painted picture is compared with the
positions of the truth around it, and the most similar one counts.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint


def nearest_distance(painted: Tensor, truth: Tensor, area: int = 3, rows: int = 64) -> Tensor:
    """Mean over positions of the least distance to an `area` x `area` neighbourhood of the truth.

    The distance of two positions is the sum over channels of the absolute difference. With `area`
    1 the mean absolute difference is returned instead, over channels too, as published.

    Args:
        painted: (B, C, H, W) features, with gradients.
        truth: (B, C, H, W) features of the wanted picture.
        area: odd size of the neighbourhood; positions outside of the picture do not count.
        rows: rows compared at a time. Nothing but the features is kept for the way back, so this
            bounds the memory.

    Raises:
        ValueError: an even or negative `area`, or shapes that differ.
    """
    if area < 1 or area % 2 == 0:
        raise ValueError(f"the neighbourhood must be odd, not {area}")
    if painted.shape != truth.shape:
        raise ValueError(f"features differ in shape: {painted.shape} and {truth.shape}")
    if area == 1:
        return (painted - truth).abs().mean()
    total = painted.new_zeros((), dtype=torch.float32)
    margin = area // 2
    for top in range(0, painted.shape[2], rows):
        mine = painted[:, :, top : top + rows]
        first, last = top - margin, top + mine.shape[2] + margin
        around = _padded(truth, first, last, margin)
        total = total + _band(mine, around, area)
    batch, _, height, width = painted.shape
    return total / (batch * height * width)


def _padded(truth: Tensor, first: int, last: int, margin: int) -> Tensor:
    """Rows first to last with a margin at the sides; infinity outside of the picture."""
    height = truth.shape[2]
    inside = truth[:, :, max(first, 0) : min(last, height)]
    missing = (margin, margin, max(-first, 0), max(last - height, 0))
    return F.pad(inside, missing, value=torch.inf)


def _band(mine: Tensor, around: Tensor, area: int) -> Tensor:
    if not mine.requires_grad:
        return _least(mine, around, area)
    return checkpoint(_least, mine, around, area, use_reentrant=False)  # type: ignore[return-value]


def _least(mine: Tensor, around: Tensor, area: int) -> Tensor:
    """Sum over a band of the least distances."""
    height, width = mine.shape[2:]
    best: Tensor | None = None
    for row in range(area):
        for column in range(area):
            other = around[:, :, row : row + height, column : column + width]
            distance = (mine.float() - other.float()).abs().sum(1)
            best = distance if best is None else torch.minimum(best, distance)
    assert best is not None
    return best.sum()
