"""A label map to picture network with one look an object, and the encoder that reads looks.

pix2pixHD (Wang et al., CVPR 2018) reads 39 full-size channels with 7x7 filters and normalises over
the picture, so every brush stroke moves every pixel. Here labels are embedded first, the network
works at half the picture, every size of the decoder sees the labels again through its skip, and
nothing is normalised. The published networks are in :mod:`engine.painters.pix2pixhd.official`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import Unsupported
from engine.painters.layers import Activated, Residual, fit, keep_variance, twice
from engine.painters.pix2pixhd.inputs import SceneInputs, pooled
from engine.painters.pix2pixhd.walk import PLAIN, Walk

TAKES = ("PerObject", "Sampled", "Vector", "FromPhoto", "Mix")
"""Looks that painters of scenes take; for cards."""
NO_ENCODER = "This model cannot read looks from photos; import its encoder too (latest_net_E)."


class SceneNetwork(nn.Module, ABC):
    """What a painter of scenes uses.

    Attributes:
        inputs: the channels it takes.
        stride: heights and widths must be multiples of this.
    """

    inputs: SceneInputs
    stride: int

    @abstractmethod
    def paint(self, x: Tensor, walk: Walk = PLAIN) -> Tensor:
        """(B, 3, H, W) float32 in -1..1 of (B, inputs.channels, H, W)."""

    @abstractmethod
    def features(self, picture: Tensor) -> Tensor:
        """(B, F, H, W) in -1..1, the look of every pixel of pictures (B, 3, H, W) in -1..1.

        Raises:
            Unsupported: the network has no encoder.
        """

    def encode(self, picture: Tensor, objects: Tensor) -> Tensor:
        """The same, averaged over every object; objects (B, H, W) integers."""
        return pooled(self.features(picture), objects)


@dataclass(frozen=True)
class Pix2PixHdConfig:
    """Sizes of generator and encoder.

    Attributes:
        inputs: channels of the input.
        embedded: channels that labels, edges and look are mixed down to at full size.
        channels: of the U-Net at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture.
        blocks: residual blocks of the decoder at those sizes.
        encoder: channels of the encoder at 1/2, 1/4 and 1/8.
    """

    inputs: SceneInputs = SceneInputs()  # noqa: RUF009  (frozen)
    embedded: int = 16
    channels: tuple[int, int, int, int, int] = (56, 96, 144, 168, 168)
    blocks: tuple[int, int, int, int, int] = (2, 2, 2, 2, 2)
    encoder: tuple[int, int, int] = (24, 48, 64)


SMALL = Pix2PixHdConfig()
"""For two CPU cores: 5.7 M parameters, 27 GFLOP at 512 x 256."""
BASE = Pix2PixHdConfig(
    embedded=24, channels=(96, 160, 256, 352, 352), blocks=(2, 2, 3, 4, 2), encoder=(32, 64, 96)
)
"""For a GPU: 27.5 M parameters, 89 GFLOP at 512 x 256."""


class Level(nn.Module):
    """One size of the decoder: what the lower size knows, the skip, residual blocks."""

    def __init__(self, lower: int, channels: int, blocks: int) -> None:
        super().__init__()
        self.widen = nn.Conv2d(lower, channels, 1)
        self.blocks = nn.ModuleList(Residual(channels) for _ in range(blocks))

    def forward(self, x: Tensor, skip: Tensor, walk: Walk) -> Tensor:
        x = twice(self.widen(x)) + skip
        for block in self.blocks:
            x = walk.between(block(x))
        return x


class Generator(nn.Module):
    """The U-Net."""

    def __init__(self, config: Pix2PixHdConfig) -> None:
        super().__init__()
        widths, mixed = config.channels, config.embedded
        self.embed = nn.Conv2d(config.inputs.channels, mixed, 1)
        self.stem = nn.Conv2d(4 * mixed, widths[0], 3, 1, 1)
        self.downs = nn.ModuleList(
            nn.Sequential(Activated(a, b, 2), Residual(b)) for a, b in pairwise(widths)
        )
        self.bottom = nn.ModuleList(Residual(widths[-1]) for _ in range(config.blocks[-1]))
        sizes = reversed(list(zip(pairwise(widths), config.blocks[:-1], strict=True)))
        self.levels = nn.ModuleList(Level(b, a, blocks) for (a, b), blocks in sizes)
        self.head = Activated(widths[0], 12)
        self.finish = nn.Conv2d(3 + mixed, 3, 3, 1, 1)

    def forward(self, x: Tensor, walk: Walk) -> Tensor:
        mixed = self.embed(fit(x, self.embed.weight))
        skips = [walk.between(self.stem(F.pixel_unshuffle(mixed, 2)))]
        for down in self.downs:
            skips.append(walk.between(down(skips[-1])))
        y = skips.pop()
        for block in self.bottom:
            y = walk.between(block(y))
        for level in self.levels:
            y = level(y, skips.pop(), walk)
        coarse = F.pixel_shuffle(self.head(y), 2)
        fine = coarse + self.finish(torch.cat([coarse, mixed], 1))
        return torch.tanh(walk.between(fine).float())


class Encoder(nn.Module):
    """E(picture): a look a pixel, at half the picture and enlarged."""

    def __init__(self, config: Pix2PixHdConfig) -> None:
        super().__init__()
        widths = config.encoder
        self.stem = nn.Conv2d(12, widths[0], 3, 1, 1)
        self.downs = nn.ModuleList(
            nn.Sequential(Activated(a, b, 2), Residual(b)) for a, b in pairwise(widths)
        )
        self.levels = nn.ModuleList(Level(b, a, 1) for a, b in reversed(list(pairwise(widths))))
        self.head = Activated(widths[0], config.inputs.features)

    def forward(self, picture: Tensor) -> Tensor:
        skips = [self.stem(F.pixel_unshuffle(fit(picture, self.stem.weight), 2))]
        for down in self.downs:
            skips.append(down(skips[-1]))
        x = skips.pop()
        for level in self.levels:
            x = level(x, skips.pop(), PLAIN)
        return twice(torch.tanh(self.head(x).float()))


class Pix2PixHd(SceneNetwork):
    """Our form of it; heights and widths are multiples of 32."""

    stride = 32

    def __init__(self, config: Pix2PixHdConfig = SMALL) -> None:
        super().__init__()
        self.inputs = config.inputs
        self.generator = Generator(config)
        self.encoder = Encoder(config) if config.inputs.features else None
        keep_variance(self)
        with torch.no_grad():
            self.generator.finish.weight.mul_(0.1)
            self.generator.head.conv.weight.mul_(0.1)

    def paint(self, x: Tensor, walk: Walk = PLAIN) -> Tensor:
        return self.generator(x, walk)

    def features(self, picture: Tensor) -> Tensor:
        if self.encoder is None:
            raise Unsupported(NO_ENCODER)
        return self.encoder(picture)
