"""A small U-Net that says of every pixel of a photo whether a line belongs there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.layers import Activated, Residual, fit, keep_variance, twice

STRIDE = 16
"""Height and width of a photo must be multiples of this."""
_PAPER = -3.0
"""Start of the last bias: most of a drawing is paper."""


@dataclass(frozen=True)
class EdgesConfig:
    """Sizes of the network and how its answer becomes lines.

    Attributes:
        channels: of the U-Net at 1/2, 1/4, 1/8 and 1/16 of the photo.
        side: longest side, in pixels, at which photos are read; smaller ones keep their size.
        threshold: strength from which a ridge is a line.
    """

    channels: tuple[int, int, int, int] = (24, 40, 56, 64)
    side: int = 256
    threshold: float = 0.4


class _Level(nn.Module):
    """One size of the decoder: what the lower size knows, and the skip."""

    def __init__(self, lower: int, channels: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(lower, channels, 1)
        self.residual = Residual(channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.residual(twice(self.widen(x)) + skip)


class EdgesNet(nn.Module):
    """Where the lines of a photo are."""

    def __init__(self, config: EdgesConfig | None = None) -> None:
        super().__init__()
        widths = (config or EdgesConfig()).channels
        self.stem = nn.Conv2d(12, widths[0], 3, 1, 1)
        self.downs = nn.ModuleList(
            nn.Sequential(Activated(a, b, 2), Residual(b)) for a, b in pairwise(widths)
        )
        self.levels = nn.ModuleList(_Level(b, a) for a, b in reversed(list(pairwise(widths))))
        self.head = Activated(widths[0], 4)
        keep_variance(self)
        with torch.no_grad():
            self.head.conv.weight.mul_(0.3)
            self.head.conv.bias.fill_(_PAPER)  # type: ignore[union-attr]

    def forward(self, photo: Tensor) -> Tensor:
        """(B, 1, H, W) logits of (B, 3, H, W) in -1..1, sides multiples of STRIDE."""
        found = [self.stem(F.pixel_unshuffle(fit(photo, self.stem.weight), 2))]
        for down in self.downs:
            found.append(down(found[-1]))
        x = found.pop()
        for level, skip in zip(self.levels, reversed(found), strict=True):
            x = level(x, skip)
        return F.pixel_shuffle(self.head(x), 2).float()
