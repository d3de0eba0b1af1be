"""A small U-Net that says of every pixel of a photo to which class it belongs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.layers import Activated, Residual, fit, keep_variance, twice
from engine.shapes.labels import LabelSet

STRIDE = 32
"""Height and width of a photo must be multiples of this."""


@dataclass(frozen=True)
class SegmentsConfig:
    """Sizes of the network and what its answers mean.

    Attributes:
        label_set: the labels of its maps.
        outputs: ids that it tells apart, in the order of its channels.
        channels: of the U-Net at 1/2, 1/4, 1/8, 1/16 and 1/32 of the photo.
        side: longest side, in pixels, at which photos are read.
    """

    label_set: LabelSet
    outputs: tuple[int, ...]
    channels: tuple[int, int, int, int, int] = (16, 32, 48, 72, 96)
    side: int = 256


class _Level(nn.Module):
    """One size of the decoder: what the lower size knows, and the skip."""

    def __init__(self, lower: int, channels: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(lower, channels, 1)
        self.residual = Residual(channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.residual(twice(self.widen(x)) + skip)


class SegmentsNet(nn.Module):
    """What each pixel of a photo is; the mean over the photo tells every place about the rest."""

    def __init__(self, config: SegmentsConfig) -> None:
        super().__init__()
        widths = config.channels
        self.stem = nn.Conv2d(12, widths[0], 3, 1, 1)
        self.downs = nn.ModuleList(
            nn.Sequential(Activated(a, b, 2), Residual(b)) for a, b in pairwise(widths)
        )
        self.whole = nn.Linear(widths[-1], widths[-1])
        self.bottom = Residual(widths[-1])
        self.levels = nn.ModuleList(_Level(b, a) for a, b in reversed(list(pairwise(widths))))
        self.head = Activated(widths[0], len(config.outputs))
        keep_variance(self)
        with torch.no_grad():
            self.head.conv.weight.mul_(0.3)

    def forward(self, photo: Tensor) -> Tensor:
        """(B, outputs, H / 2, W / 2) logits of (B, 3, H, W) in -1..1, sides multiples of STRIDE."""
        found = [self.stem(F.pixel_unshuffle(fit(photo, self.stem.weight), 2))]
        for down in self.downs:
            found.append(down(found[-1]))
        x = found.pop()
        x = self.bottom(x + self.whole(F.leaky_relu(x, 0.2).mean((2, 3)))[..., None, None])
        for level, skip in zip(self.levels, reversed(found), strict=True):
            x = level(x, skip)
        return self.head(x).float()
