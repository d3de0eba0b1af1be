"""Twelve body parts as upright crops: the ten of the part frames, and the feet.

VUNet normalises the look by part crops (Esser et al., CVPR 2018, section 3.3), but has none for
shins and feet, so shoes never transfer. Here every part has one, and a crop remembers which of its
pixels are its own. The same frames paste codes back into a target pose.

Joints are (B, 18, 2), complete, in pixels of the frame; left parts are mirrored, so that inner and
outer sides agree.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.painters.parts import (
    CALVES,
    FOOT,
    REGIONS,
    WITH_FEET,
    PartFrames,
    Window,
    beyond_ankles,
    ownership,
    part_capsules,
    part_frames,
    soft_masks,
)

CROPS = WITH_FEET
_BOXES: tuple[tuple[float, float, float, float], ...] = (
    (-0.25, 1.45, -1.10, 1.10),
    (-0.12, 0.13, -0.125, 0.125),
    *[(-0.20, 1.15, -0.088, 0.088)] * 2,
    *[(-0.10, 1.65, -0.080, 0.080)] * 2,
    *[(-0.15, 1.10, -0.128, 0.128)] * 2,
    *[(-0.10, 1.05, -0.100, 0.100)] * 2,
    *[(-0.40, 1.00, -0.120, 0.120)] * 2,
)
"""From, to along the part and from, to across it, in the axes of its frame."""
_MIRRORED = [name.startswith("left") for name in CROPS]
_LAYERS = tuple(name.endswith("arm") for name in CROPS)
"""Arms are pasted on a layer of their own: what they cover stays known."""
_SEEN = 0.02
"""A crop with less of its own part than this shows nothing of it."""


class CropFrames(NamedTuple):
    """The unit square of each crop on the frame: corner + s * along + t * across.

    Attributes:
        corner, along, across: (B, 12, 2) pixels.
    """

    corner: Tensor
    along: Tensor
    across: Tensor


def crop_frames(frames: PartFrames) -> CropFrames:
    """The crops of a pose."""
    down = frames.along[:, CALVES]
    ankle = frames.origin[:, CALVES] + down
    length = down.norm(dim=-1, keepdim=True) + 1e-6
    foot = down / length * (FOOT * frames.height[:, None, None])
    origin = torch.cat([frames.origin, ankle], 1)
    along = torch.cat([frames.along, foot], 1)
    across = torch.cat([frames.across, frames.across[:, CALVES]], 1)
    u0, u1, v0, v1 = origin.new_tensor(_BOXES).T[:, None, :, None]
    flip = origin.new_tensor(_MIRRORED)[None, :, None] > 0
    start, end = torch.where(flip, v1, v0), torch.where(flip, v0, v1)
    corner = origin + u0 * along + start * across
    return CropFrames(corner, (u1 - u0) * along, (end - start) * across)


def crop_grid(crops: CropFrames, cells: int, side: int) -> Tensor:
    """(B, 12, cells, cells, 2) positions for grid_sample in a side x side frame."""
    at = (torch.arange(cells, device=crops.corner.device, dtype=torch.float32) + 0.5) / cells
    along = at[:, None, None] * crops.along[:, :, None, None]
    across = at[None, :, None] * crops.across[:, :, None, None]
    return (crops.corner[:, :, None, None] + along + across) * (2 / side) - 1


def take_crops(rgba: Tensor, joints: Tensor, cells: int) -> tuple[Tensor, Tensor]:
    """The crops of a person, and which of them show their part.

    Args:
        rgba: (B, 4, S, S) in 0..1, straight alpha.
        joints: (B, 18, 2) complete, in pixels of the frame.
        cells: side of a crop.

    Returns:
        (B, 12, 5, cells, cells): colour around 0 where opaque, alpha, ownership; and (B, 12) bool.
    """
    side = rgba.shape[-1]
    frames = part_frames(joints)
    owned = ownership(part_capsules(joints, frames), Window(side, side))
    alpha = rgba[:, 3:]
    seen = torch.cat([(rgba[:, :3] - 0.5) * alpha, alpha], 1)
    grid = crop_grid(crop_frames(frames), cells, side)
    count = len(CROPS)
    stack = torch.cat(
        [
            seen[:, None].expand(-1, count, -1, -1, -1),
            torch.cat([owned, owned[:, CALVES]], 1)[:, :, None],
        ],
        2,
    )
    crops = F.grid_sample(stack.flatten(0, 1), grid.flatten(0, 1), align_corners=False)
    crops = crops.unflatten(0, (-1, count))
    return crops, (crops[:, :, 3] * crops[:, :, 4]).mean((-2, -1)) > _SEEN


class Places(NamedTuple):
    """Where the crops of a target pose lie on a window.

    Attributes:
        grid: (B, 12, H, W, 2) positions for grid_sample in each crop.
        weight: (B, 12, H, W) share of each crop on its layer, fading beyond the part's reach.
    """

    grid: Tensor
    weight: Tensor


def places(joints: Tensor, window: Window) -> Places:
    """Where codes are pasted for a pose.

    Args:
        joints: (B, 18, 2) complete, in pixels that the window counts in.
    """
    frames = part_frames(joints)
    capsules = part_capsules(joints, frames)
    crops = crop_frames(frames)
    offset = window.grid(joints) - crops.corner[:, :, None, None]
    s = _coordinate(offset, crops.along, crops.across)
    t = _coordinate(offset, crops.across, crops.along)
    _, wide = soft_masks(capsules, window)
    owned = ownership(capsules, window)
    foot = beyond_ankles(frames, window)
    shares = torch.cat([owned, owned[:, CALVES] * foot], 1)
    shares[:, CALVES] = owned[:, CALVES] * (1 - foot)
    arms = shares.new_tensor(_LAYERS)[None, :, None, None] > 0
    for layer in (arms, ~arms):
        total = (shares * layer).sum(1, keepdim=True) + 1e-4
        shares = torch.where(layer, shares / total, shares)
    reach = torch.cat([wide, wide[:, CALVES]], 1)
    return Places(torch.stack([t, s], -1) * 2 - 1, shares * reach)


def _coordinate(offset: Tensor, axis: Tensor, other: Tensor) -> Tensor:
    """(B, 12, H, W) coordinate along `axis` of points at `offset` (Cramer's rule)."""
    other, axis = other[:, :, None, None], axis[:, :, None, None]
    area = axis[..., 0] * other[..., 1] - axis[..., 1] * other[..., 0]
    return (offset[..., 0] * other[..., 1] - offset[..., 1] * other[..., 0]) / area


def paste(features: Tensor, at: Places) -> Tensor:
    """(B, 2C, H, W): features (B, 12, C, h, w) laid into a pose, body and arms on two layers."""
    warped = F.grid_sample(
        features.flatten(0, 1), at.grid.flatten(0, 1), padding_mode="border", align_corners=False
    ).unflatten(0, features.shape[:2])
    weighted = warped * at.weight[:, :, None]
    arms = list(REGIONS["arms"])
    body = [i for i in range(len(CROPS)) if i not in arms]
    return torch.cat([weighted[:, body].sum(1), weighted[:, arms].sum(1)], 1)
