"""The nearest-neighbour loss: likeness that forgives small shifts.

Siarohin et al., CVPR 2018, section 3.3: every position of the painted picture's features is held
against the most similar position of the target's features close by.
"""

from __future__ import annotations

import torch
from torch import Tensor


def nearest_loss(painted: Tensor, target: Tensor, area: int) -> Tensor:
    """Mean distance of each position to its nearest neighbour in the target.

    The distance is the absolute difference summed over channels. Neighbours outside the picture do
    not count. With an area of 1 it is the plain L1 loss, a mean over channels too, as published.

    One neighbour is looked at at a time, so memory does not grow with the area.

    Args:
        painted, target: (B, C, H, W) features; gradients reach both.
        area: side of the neighbourhood in positions; odd.

    Raises:
        ValueError: an even area.
    """
    if area < 1 or area % 2 == 0:
        raise ValueError(f"the neighbourhood needs an odd side, not {area}")
    if area == 1:
        return (painted - target).abs().mean()
    index = nearest_index(painted, target, area).flatten(1)[:, None]
    found = target.flatten(2).gather(2, index.expand(-1, target.shape[1], -1))
    return (painted.flatten(2) - found).abs().sum(1).mean()


@torch.no_grad()
def nearest_index(painted: Tensor, target: Tensor, area: int) -> Tensor:
    """(B, H, W) position in the target, row * W + column, of each position's nearest neighbour."""
    batch, _, height, width = painted.shape
    least = painted.new_full((batch, height, width), torch.inf, dtype=torch.float32)
    index = torch.zeros((batch, height, width), dtype=torch.long, device=painted.device)
    here = torch.arange(height * width, device=painted.device).view(height, width)
    reach = area // 2
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            (to_y, from_y), (to_x, from_x) = _overlap(down, height), _overlap(across, width)
            shifted = target[:, :, from_y, from_x]
            apart = (painted[:, :, to_y, to_x] - shifted).abs_().sum(1, dtype=torch.float32)
            before = least[:, to_y, to_x]
            nearer = apart < before
            least[:, to_y, to_x] = torch.where(nearer, apart, before)
            place = index[:, to_y, to_x]
            index[:, to_y, to_x] = torch.where(nearer, here[from_y, from_x], place)
    return index


def _overlap(shift: int, length: int) -> tuple[slice, slice]:
    """Positions that have a neighbour `shift` further on, and those neighbours."""
    low, high = max(-shift, 0), min(length - shift, length)
    high = max(high, low)
    return slice(low, high), slice(low + shift, high + shift)
