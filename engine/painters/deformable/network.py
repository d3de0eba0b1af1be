"""The reposer that copies: a softmax over ten warped source layers and one generated layer.

A Deformable GAN (Siarohin et al., CVPR 2018) warps encoder features part by part. Here the source
itself is warped, and the last layer chooses, pixel by pixel, which warped part to copy or whether
to invent. Faces, prints and shoes survive because they are copied, and the choice found at the
network's size can drive copying at the photo's own resolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.layers import Activated, Residual, fit, twice
from engine.painters.parts import (
    PARTS,
    Window,
    face_points,
    ownership,
    part_affines,
    part_capsules,
    part_frames,
    sampling_grid,
    soft_masks,
)

STRIDE = 16
"""Columns and rows of the window must be multiples of this."""
_PARTS = len(PARTS)
_WARPED = 5 * _PARTS
_CHANNELS = _WARPED + _PARTS + 5
_ATTENTION = 128
_HEADS = 4


@dataclass(frozen=True)
class CopyConfig:
    """Channels of the U-Net at 1/2, 1/4, 1/8 and 1/16 of the frame."""

    channels: tuple[int, int, int, int] = (48, 96, 160, 224)


class Source(NamedTuple):
    """What does not depend on the target pose.

    Attributes:
        rgba: (B, 4, S, S) in 0..1, straight alpha, colours bled beyond the mask.
        joints: (B, 18, 2) complete, in pixels of the S x S frame.
        owned: (B, 10, S, S) ownership of the source pixels.
    """

    rgba: Tensor
    joints: Tensor
    owned: Tensor

    @classmethod
    def of(cls, rgba: Tensor, joints: Tensor) -> Source:
        """Compute the ownership from the joints."""
        side = rgba.shape[-1]
        capsules = part_capsules(joints, part_frames(joints))
        return cls(rgba, joints, ownership(capsules, Window(side, side)))


class Layers(NamedTuple):
    """The source warped into the target pose, on a window of the frame.

    Attributes:
        rgb: (B, 10, 3, H, W) colours of each part.
        alpha: (B, 10, H, W) its mask, limited to the part's reach.
        owned: (B, 10, H, W) how surely the pixel came from that part.
        shape: (B, 10, H, W) soft shape of the target part.
        face: (B, 5, H, W) bells at nose, eyes and ears.
    """

    rgb: Tensor
    alpha: Tensor
    owned: Tensor
    shape: Tensor
    face: Tensor


def chosen_layers(layers: Sequence[Layers], shares: Tensor) -> Layers:
    """One person out of several: each part taken from the source that owns it.

    Args:
        layers: of N sources, warped to the same pose and window.
        shares: (N, 10, H, W) that sum to 1 over the sources.
    """

    def mixed(maps: Sequence[Tensor]) -> Tensor:
        stacked = torch.stack(list(maps))
        weight = shares[:, None, :, None] if stacked.ndim == 6 else shares[:, None]
        return (stacked * weight).sum(0)

    first = layers[0]
    return Layers(
        mixed([each.rgb for each in layers]),
        mixed([each.alpha for each in layers]),
        mixed([each.owned for each in layers]),
        first.shape,
        first.face,
    )


class Painting(NamedTuple):
    """What the network decides.

    Attributes:
        rgb: (B, 3, H, W) in 0..1, straight.
        alpha: (B, 1, H, W) in 0..1.
        choice: (B, 11, H, W), sums to 1: ten layers to copy, then the generated one.
        generated: (B, 3, H, W) in 0..1.
    """

    rgb: Tensor
    alpha: Tensor
    choice: Tensor
    generated: Tensor


def warp_layers(
    source: Source, joints: Tensor, height: int, width: int, left: float, top: float = 0.0
) -> Layers:
    """Warp the ten source parts to the target joints on a height x width window of the frame.

    Args:
        joints: (B, 18, 2) complete target joints, in pixels of the source's frame.
        left, top: frame column and row of the window's first pixel.
    """
    batch, _, side, _ = source.rgba.shape
    frames = part_frames(joints)
    affines = part_affines(frames, part_frames(source.joints))
    window = Window(height, width, left, top)
    grid = sampling_grid(affines, window, side)
    stack = torch.cat(
        [source.rgba[:, None].expand(-1, _PARTS, -1, -1, -1), source.owned[:, :, None]], 2
    )
    warped = F.grid_sample(
        stack.flatten(0, 1), grid.flatten(0, 1), padding_mode="zeros", align_corners=False
    ).view(batch, _PARTS, 5, height, width)
    capsules = part_capsules(joints, frames)
    shape, reach = soft_masks(capsules, window)
    alpha = warped[:, :, 3] * reach
    face = face_points(joints, capsules, window)
    return Layers(warped[:, :, :3], alpha, warped[:, :, 4] * alpha, shape, face)


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, 1)


class _Attention(nn.Module):
    """Cross-attention from the target at 1/8 to a 16 x 16 grid of the source."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            _conv(4 + _PARTS, 32),
            Activated(32, 64, 2),
            Residual(64),
            Activated(64, _ATTENTION, 2),
            Residual(_ATTENTION),
        )
        self.query = nn.Conv2d(channels, _ATTENTION, 1)
        self.key_value = nn.Conv2d(_ATTENTION, 2 * _ATTENTION, 1)
        self.merge = nn.Conv2d(_ATTENTION, channels, 1)

    def memory(self, source: Source) -> Tensor:
        """(B, 2C, 256) keys and values; computed once a source."""
        alpha = source.rgba[:, 3:]
        seen = torch.cat([(source.rgba[:, :3] - 0.5) * alpha, alpha, source.owned * alpha], 1)
        small = F.interpolate(seen.float(), (64, 64), mode="bilinear", antialias=True)
        small = fit(small, self.query.weight)
        return self.key_value(self.encoder(small)).flatten(2)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        batch, _, height, width = x.shape
        key, value = (_heads(m) for m in memory.chunk(2, 1))
        out = F.scaled_dot_product_attention(_heads(self.query(x).flatten(2)), key, value)
        out = out.transpose(2, 3).reshape(batch, _ATTENTION, height, width)
        return x + self.merge(out)


def _heads(flat: Tensor) -> Tensor:
    """(B, C, N) -> (B, heads, N, C / heads)."""
    return flat.unflatten(1, (_HEADS, -1)).transpose(2, 3)


class CopyGenerator(nn.Module):
    """U-Net over the warped layers; runs at half the frame and below, so that CPUs can follow."""

    def __init__(self, config: CopyConfig | None = None) -> None:
        super().__init__()
        c2, c4, c8, c16 = (config or CopyConfig()).channels
        self.stem = nn.Conv2d(_CHANNELS, c2, 4, 2, 1)
        self.down2 = Residual(c2)
        self.down4 = nn.Sequential(Activated(c2, c4, 2), Residual(c4))
        self.down8 = nn.Sequential(Activated(c4, c8, 2), Residual(c8))
        self.down16 = nn.Sequential(Activated(c8, c16, 2), Residual(c16), Residual(c16))
        self.attention = _Attention(c8)
        self.up8 = nn.Sequential(Activated(c16 + c8, c8), Residual(c8))
        self.up4 = nn.Sequential(Activated(c8 + c4, c4), Residual(c4))
        self.up2 = nn.Sequential(Activated(c4 + c2, c2), Residual(c2))
        self.head = Activated(c2, 4 * (_PARTS + 5))
        with torch.no_grad():
            self.head.conv.weight.mul_(0.2)
        bias = [0.0, 0.5, 0.7, 0.7, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0]
        self.layer_bias = nn.Parameter(torch.tensor(bias))
        self.puppet_gain = nn.Parameter(torch.tensor([4.0, 4.0]))

    def memory(self, source: Source) -> Tensor:
        """The part of the work that is done once a source: keys and values of the attention."""
        return self.attention.memory(source)

    def forward(self, layers: Layers, source: Source | Tensor) -> Painting:
        """Choose, invent and cut out.

        Args:
            layers: the warped source; height and width must be multiples of 16.
            source: the source, or what :meth:`memory` made of it.
        """
        memory = self.memory(source) if isinstance(source, Source) else source
        values = self._unet(layers, memory)
        generated = torch.sigmoid(values[:, 11:14])
        cover = layers.owned.amax(1, keepdim=True)
        alpha = torch.sigmoid(values[:, 14:] + 6 * (cover - 0.4))
        choice = (values[:, :11] + self._puppet(layers)).softmax(1)
        copied = (choice[:, :_PARTS, None] * layers.rgb).sum(1)
        return Painting(copied + choice[:, _PARTS:] * generated, alpha, choice, generated)

    def _puppet(self, layers: Layers) -> Tensor:
        """Logits of a cut-out puppet, so that training starts from one and only repairs it."""
        own, both = layers.owned, layers.owned * layers.shape
        gain, bias = self.puppet_gain.float(), self.layer_bias.float()
        copy = gain[0] * both + gain[1] * own - 8 * (1 - layers.alpha)
        return F.pad(copy, (0, 0, 0, 0, 0, 1)) + bias[:, None, None]

    def _unet(self, layers: Layers, memory: Tensor) -> Tensor:
        seen = ((layers.rgb - 0.5) * layers.alpha[:, :, None]).flatten(1, 2)
        x = torch.cat([seen, layers.alpha, layers.owned, layers.shape, layers.face], 1)
        x = fit(x, self.stem.weight)
        h2 = self.down2(self.stem(x))
        h4 = self.down4(h2)
        h8 = self.down8(h4)
        h16 = self.down16(h8)
        h8 = self.attention(h8, memory)
        h = self.up8(torch.cat([twice(h16), h8], 1))
        h = self.up4(torch.cat([twice(h), h4], 1))
        h = self.up2(torch.cat([twice(h), h2], 1))
        return F.pixel_shuffle(self.head(h), 2).float()
