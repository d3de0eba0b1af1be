"""The network of the person reader: a picture in, a heatmap per joint and a mask out.

The decoder has plain 3x3 convolutions, which CPUs run faster in bf16 than depthwise ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.perception.lite0 import Conv, Encoder

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
"""ImageNet's colour statistics, for RGB in 0..1."""

MULTIPLE = 32
"""Both sides of the input are multiples of this."""

HEAT_STRIDE = 4
MASK_STRIDE = 2


@dataclass(frozen=True)
class PersonNetConfig:
    """Sizes of the network; the encoder is fixed.

    Attributes:
        decoder: channels at 1/16, 1/8, 1/4 and 1/2 of the input.
        side: side of the square input it was trained on, in pixels.
        joints: number of heatmaps.
    """

    decoder: list[int] = field(default_factory=lambda: [128, 96, 64, 32])
    side: int = 192
    joints: int = 18


class PersonNetOutput(NamedTuple):
    """What the network says about N pictures of H x W pixels.

    Attributes:
        heat: (N, 18, H/4, W/4) logits; a softmax over the map is where the joint is.
        presence: (N, 18) logits: the joint can be placed within the picture.
        mask: (N, 1, H/2, W/2) logits: belongs to the person.
    """

    heat: Tensor
    presence: Tensor
    mask: Tensor


class Rise(nn.Module):
    """Doubles the resolution and adds the encoder's feature of that size."""

    def __init__(self, inside: int, skip: int, outside: int) -> None:
        super().__init__()
        self.deep = Conv(inside, outside, 1, act=False)
        self.side = Conv(skip, outside, 1, act=False)
        self.mix = Conv(outside, outside, 3)
        self.refine = Conv(outside, outside, 3, act=False)

    def forward(self, deep: Tensor, skip: Tensor) -> Tensor:
        up = F.interpolate(self.deep(deep), scale_factor=2.0, mode="bilinear", align_corners=False)
        x = F.relu(up + self.side(skip))
        return F.relu(x + self.refine(self.mix(x)))


class PersonNet(nn.Module):
    """Where the joints of the central person are, and which pixels are theirs."""

    def __init__(self, config: PersonNetConfig) -> None:
        super().__init__()
        self.encoder = Encoder()
        widths, decoder = self.encoder.widths, config.decoder
        deep = [widths[4], *decoder[:-1]]
        self.rises = nn.ModuleList(
            Rise(deep[i], widths[3 - i], decoder[i]) for i in range(len(decoder))
        )
        self.heat = Conv(decoder[2], config.joints, 3, act=False)
        self.presence = nn.Linear(widths[4] + decoder[0], config.joints)
        self.mask = Conv(decoder[3], 1, 3, act=False)

    def forward(self, picture: Tensor) -> PersonNetOutput:
        """(N, 3, H, W) RGB in 0..1, sides multiples of 32 -> maps; see :class:`PersonNetOutput`."""
        mean, std = (picture.new_tensor(values)[:, None, None] for values in (MEAN, STD))
        features = self.encoder((picture - mean) / std)
        x = deepest = features[-1]
        levels = []
        for rise, skip in zip(self.rises, reversed(features[:-1]), strict=True):
            x = rise(x, skip)
            levels.append(x)
        pooled = torch.cat([deepest.mean((2, 3)), levels[0].amax((2, 3))], 1)
        return PersonNetOutput(self.heat(levels[2]), self.presence(pooled), self.mask(levels[3]))
