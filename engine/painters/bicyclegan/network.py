"""A sketch to picture U-Net with a small look vector, and the encoder that reads looks.

BicycleGAN (Zhu et al., NIPS 2017) gives the vector z to the layers that read the edges, followed by
instance normalisation, which cancels most of a spatially constant input. Here z modulates the
bottleneck and every decoder level instead, nothing is normalised, and the network works at half the
picture: the edges are read once, and each further look costs the decoder alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.layers import Activated, Residual, fit, keep_variance, twice

STRIDE = 32
"""Height and width of a sketch must be multiples of this."""
ENCODED = 64
"""Side at which pictures are encoded, whatever their own."""
_WHITE = 1.8
"""Start of the last bias: most of a product photo is white."""


@dataclass(frozen=True)
class BicycleConfig:
    """Sizes of both networks.

    Attributes:
        channels: of the U-Net at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture.
        encoder: channels of the encoder at 32, 16, 8 and 4 px.
        looks: numbers in a look vector.
        hidden: width of the layers that turn z into modulations.
    """

    channels: tuple[int, int, int, int, int] = (32, 64, 112, 128, 128)
    encoder: tuple[int, int, int, int] = (32, 64, 96, 96)
    looks: int = 8
    hidden: int = 96


class Look(NamedTuple):
    """q(z | picture): means and log variances, (B, looks) each."""

    mean: Tensor
    spread: Tensor


class Modulation(nn.Module):
    """Scale and shift of every channel by the look."""

    def __init__(self, hidden: int, channels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(hidden, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, shift = self.linear(style)[..., None, None].to(x.dtype).chunk(2, 1)
        return x * (1 + 0.3 * scale) + shift


class Level(nn.Module):
    """One size of the decoder: what the lower size knows, the skip, the look."""

    def __init__(self, lower: int, channels: int, hidden: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(lower, channels, 1)
        self.modulation = Modulation(hidden, channels)
        self.residual = Residual(channels)

    def forward(self, x: Tensor, skip: Tensor, style: Tensor) -> Tensor:
        return self.residual(self.modulation(twice(self.widen(x)) + skip, style))


class Generator(nn.Module):
    """G(sketch, z): the U-Net."""

    def __init__(self, config: BicycleConfig) -> None:
        super().__init__()
        widths = config.channels
        self.stem = nn.Conv2d(4, widths[0], 3, 1, 1)
        self.downs = nn.ModuleList(
            nn.Sequential(Activated(a, b, 2), Residual(b)) for a, b in pairwise(widths)
        )
        self.style = nn.Sequential(
            nn.Linear(config.looks, config.hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(config.hidden, config.hidden),
            nn.LeakyReLU(0.2),
        )
        self.modulation = Modulation(config.hidden, widths[-1])
        self.bottom = Residual(widths[-1])
        self.levels = nn.ModuleList(
            Level(b, a, config.hidden) for a, b in reversed(list(pairwise(widths)))
        )
        self.head = Activated(widths[0], 12)
        self.finish = nn.Conv2d(4, 3, 3, 1, 1)

    def read(self, sketch: Tensor) -> list[Tensor]:
        """Features of a sketch (B, 1, H, W), largest first, then the sketch itself."""
        sketch = fit(sketch, self.stem.weight)
        found = [self.stem(F.pixel_unshuffle(sketch, 2))]
        for down in self.downs:
            found.append(down(found[-1]))
        return [*found, sketch]

    def paint(self, features: list[Tensor], z: Tensor) -> Tensor:
        """(B, 3, H, W) in -1..1 from a sketch's features and (B, looks) vectors."""
        *skips, bottom, sketch = features
        style = self.style(z.to(self.stem.weight.dtype))
        x = self.bottom(self.modulation(bottom, style))
        for level, skip in zip(self.levels, reversed(skips), strict=True):
            x = level(x, skip, style)
        coarse = F.pixel_shuffle(self.head(x), 2)
        return torch.tanh((coarse + self.finish(torch.cat([coarse, sketch], 1))).float())


class Encoder(nn.Module):
    """E(picture): where its look lies, whatever the picture's size."""

    def __init__(self, config: BicycleConfig) -> None:
        super().__init__()
        first, *_, last = config.encoder
        self.stem = nn.Conv2d(3, first, 3, 2, 1)
        self.downs = nn.ModuleList(
            nn.Sequential(Activated(a, b, 2), Residual(b)) for a, b in pairwise(config.encoder)
        )
        self.linear = nn.Linear(last, 2 * config.looks)

    def forward(self, picture: Tensor) -> Look:
        """The look of (B, 3, H, W) in -1..1."""
        small = F.adaptive_avg_pool2d(picture, ENCODED)
        x = self.stem(fit(small, self.stem.weight))
        for down in self.downs:
            x = down(x)
        pooled = F.leaky_relu(x, 0.2).mean((2, 3))
        mean, spread = self.linear(pooled).float().chunk(2, 1)
        return Look(mean, spread.clamp(-10, 4))


class SketchNetwork(nn.Module, ABC):
    """Generator and encoder as one model, as a painter of sketches uses them.

    Attributes:
        looks: numbers in a look vector.
    """

    looks: int

    @abstractmethod
    def read(self, sketch: Tensor) -> list[Tensor]:
        """Features of (B, 1, H, W) sketches, 1 = line, 0 = paper."""

    @abstractmethod
    def paint(self, features: list[Tensor], z: Tensor) -> Tensor:
        """(B, 3, H, W) in -1..1; features and look vectors (B, looks) have the same batch size."""

    @abstractmethod
    def encode(self, picture: Tensor) -> Look:
        """The looks of (B, 3, H, W) pictures in -1..1."""


class BicycleGan(SketchNetwork):
    """Our form of it; heights and widths of sketches are multiples of STRIDE."""

    def __init__(self, config: BicycleConfig | None = None) -> None:
        super().__init__()
        config = config or BicycleConfig()
        self.looks = config.looks
        self.generator = Generator(config)
        self.encoder = Encoder(config)
        keep_variance(self)
        with torch.no_grad():
            self.generator.finish.weight.mul_(0.1)
            self.generator.head.conv.weight.mul_(0.3)
            self.generator.head.conv.bias.fill_(_WHITE)  # type: ignore[union-attr]
            self.encoder.linear.weight.mul_(0.3)

    def read(self, sketch: Tensor) -> list[Tensor]:
        return self.generator.read(sketch)

    def paint(self, features: list[Tensor], z: Tensor) -> Tensor:
        return self.generator.paint(features, z)

    def encode(self, picture: Tensor) -> Look:
        return self.encoder(picture)
