"""A label map to picture U-Net for small machines: it works at half the picture, unnormalised.

pix2pixHD (Wang et al., CVPR 2018) normalises every layer over the whole picture, so one object's
look moves all others and a flat label region washes out. Here nothing is normalised; instead every
size of the decoder is modulated by the labels, boundaries and features found there, in the manner
of SPADE (Park et al., CVPR 2019). The inputs are those of the published generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.layers import Activated, Residual, fit, keep_variance, twice

STRIDE = 32
"""Height and width of a label map must be multiples of this."""
_EMBEDDED = 8
"""Channels that labels, boundaries and features are mixed to at full size."""
_FINE = 16
"""Channels at full size before the last convolution."""


@dataclass(frozen=True)
class CompactConfig:
    """Sizes of generator and encoder.

    Attributes:
        classes: of the label set; 0 = the input is an RGB picture.
        boundaries: whether a channel marks the boundaries of objects.
        features: numbers in an object's look; 0 = there is no encoder.
        channels: of the U-Net at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture.
        encoder: channels of the encoder at 1/2 and 1/4.
        modulated: whether the decoder sees the labels at every size; without, a plain U-Net as
            in pix2pix (Isola et al., CVPR 2017).
    """

    classes: int = 35
    boundaries: bool = True
    features: int = 3
    channels: tuple[int, int, int, int, int] = (40, 80, 128, 176, 192)
    encoder: tuple[int, int] = (16, 32)
    modulated: bool = True

    @property
    def shape_channels(self) -> int:
        """Channels of the condition without features: one-hot labels (or RGB) and boundaries."""
        return (self.classes or 3) + self.boundaries


class Modulation(nn.Module):
    """Scale and shift of every channel, place by place, by what is there."""

    def __init__(self, inputs: int, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, 2 * channels, 1)

    def forward(self, x: Tensor, there: Tensor) -> Tensor:
        scale, shift = self.conv(there).chunk(2, 1)
        return x * (1 + 0.3 * scale) + 0.5 * shift


class Level(nn.Module):
    """One size of the decoder: what the lower size knows, the skip, what is there."""

    def __init__(self, lower: int, channels: int, inputs: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(lower, channels, 1)
        self.modulation = Modulation(inputs, channels) if inputs else None
        self.residual = Residual(channels)

    def forward(self, x: Tensor, skip: Tensor, there: Tensor) -> Tensor:
        x = twice(self.widen(x)) + skip
        return self.residual(self.modulation(x, there) if self.modulation else x)


class CompactGenerator(nn.Module):
    """G(condition): pictures from labels, boundaries and features."""

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        widths = config.channels
        inputs = config.shape_channels + config.features
        self.embed = nn.Conv2d(inputs, _EMBEDDED, 1)
        self.stem = nn.Conv2d(4 * _EMBEDDED, widths[0], 3, 1, 1)
        self.first = Residual(widths[0])
        self.downs = nn.ModuleList(
            nn.Sequential(Activated(a, b, 2), Residual(b)) for a, b in pairwise(widths)
        )
        self.bottom = Residual(widths[-1])
        there = inputs if config.modulated else 0
        self.levels = nn.ModuleList(Level(b, a, there) for a, b in reversed(list(pairwise(widths))))
        self.head = Activated(widths[0], 4 * _FINE)
        self.finish = Activated(_FINE + _EMBEDDED, 3)

    def forward(self, condition: Tensor) -> Tensor:
        """(B, 3, H, W) in -1..1 from (B, C, H, W): one-hot labels, boundaries, features."""
        condition = fit(condition, self.stem.weight)
        embedded = self.embed(condition)
        there = [F.avg_pool2d(condition, 2)]
        skips = [self.first(self.stem(F.pixel_unshuffle(embedded, 2)))]
        for down in self.downs:
            skips.append(down(skips[-1]))
            there.append(F.avg_pool2d(there[-1], 2))
        x = self.bottom(skips[-1])
        for level, skip, local in zip(self.levels, skips[-2::-1], there[-2::-1], strict=True):
            x = level(x, skip, local)
        fine = F.pixel_shuffle(self.head(x), 2)
        return torch.tanh(self.finish(torch.cat([fine, embedded], 1)).float())


class CompactEncoder(nn.Module):
    """E(picture): numbers for every pixel; the mean over an object is its look.

    It starts as the colour itself, so that the generator finds its input worth reading from the
    first step, and learns what to add.
    """

    def __init__(self, config: CompactConfig) -> None:
        super().__init__()
        first, second = config.encoder
        self.stem = nn.Conv2d(12, first, 3, 1, 1)
        self.down = Activated(first, second, 2)
        self.residual = Residual(second)
        self.last = Activated(second, config.features)

    def forward(self, picture: Tensor) -> Tensor:
        """(B, F, H, W) in -1..1 from (B, 3, H, W) in -1..1; H and W multiples of 4."""
        x = self.stem(F.pixel_unshuffle(fit(picture, self.stem.weight), 2))
        learned = self.last(self.residual(self.down(x))).float()
        found = F.interpolate(learned, scale_factor=4, mode="nearest")
        shared = min(found.shape[1], 3)
        colour = F.pad(picture[:, :shared].float(), (0, 0, 0, 0, 0, found.shape[1] - shared))
        return torch.tanh(found + colour)


class Compact(nn.Module):
    """Generator and encoder as one model."""

    def __init__(self, config: CompactConfig | None = None) -> None:
        super().__init__()
        self.config = config or CompactConfig()
        self.generator = CompactGenerator(self.config)
        self.encoder = CompactEncoder(self.config) if self.config.features else None
        keep_variance(self)
        with torch.no_grad():
            self.generator.finish.conv.weight.mul_(0.3)
            for level in self.generator.levels:
                if level.modulation:
                    level.modulation.conv.weight.mul_(0.5)
            if self.encoder:
                self.encoder.last.conv.weight.mul_(0.05)

    def paint(self, condition: Tensor) -> Tensor:
        """See :class:`CompactGenerator`."""
        return self.generator(condition)

    def encode(self, picture: Tensor) -> Tensor:
        """See :class:`CompactEncoder`; only with features."""
        assert self.encoder is not None
        return self.encoder(picture)
