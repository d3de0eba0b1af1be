"""The published VUNet (Esser et al., CVPR 2018): a U-Net on the shape, with a look as latents.

`dec_up` reads the shape and hands skips to `dec_down`, which paints. `enc_up` and `enc_down` read
crops of the person and give the posterior's means at the two smallest scales; inside `dec_down` a
prior predicts them from the shape alone, one of four groups of pixels after the other. Both have
variance 1. Shapes, crops and pictures are in -1..1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from engine.painters.vunet.paper_layers import (
    Block,
    NormedConv,
    Up,
    from_groups,
    measuring,
    to_groups,
)
from engine.painters.vunet.paper_shape import CROPS, CropSet

LATENTS = 2
"""Scales that hold latents, the smallest ones."""


@dataclass(frozen=True)
class PaperVunetConfig:
    """Constructor arguments of the network.

    Attributes:
        size: side of the picture, a power of two.
        box_factor: crops have 1 / 2**box_factor of the side.
        bottleneck: the smallest map is 2**bottleneck cells wide.
        channels: at full size, doubled with each scale up to `cap`.
        cap: most channels.
        crops: "published": the eight; "feet": with shins, feet and a channel that says where there
            is a crop; "whole": the picture itself, for shapes without parts.
        shape_channels: 3 for the stick figure; any raster can be the shape, e.g. 1 for edges.
        prior: width of the prior's blocks; 4 x `cap` = 512 as published.
        dropout: inside residual blocks while training.
        whole: square photos are taken whole, as in training on an index; else people are framed.
    """

    size: int = 256
    box_factor: int = 2
    bottleneck: int = 2
    channels: int = 32
    cap: int = 128
    crops: CropSet = "published"
    shape_channels: int = 3
    prior: int = 512
    dropout: float = 0.0
    whole: bool = True

    def __post_init__(self) -> None:
        power = self.size > 0 and not self.size & (self.size - 1)
        if not power or self.bottleneck < 1 or self.box_factor < 0 or self.crops not in CROPS:
            raise ValueError(f"no network has size {self.size}, crops {self.crops!r}")
        if self.scales - self.box_factor < LATENTS:
            raise ValueError(f"{self.size} pixels leave no room for the latents")

    @property
    def scales(self) -> int:
        """Scales of the U-Net: 7 as published."""
        return self.size.bit_length() - self.bottleneck

    @property
    def crop_side(self) -> int:
        """Side of a crop in pixels."""
        return self.size >> self.box_factor

    @property
    def crop_channels(self) -> int:
        """Channels of all crops together."""
        return len(CROPS[self.crops]) * (4 if self.crops == "feet" else 3)

    def widths(self) -> list[int]:
        """Channels from fine to coarse."""
        return [min(self.channels << i, self.cap) for i in range(self.scales)]

    def latent_sides(self) -> list[int]:
        """Sides of the latent maps, the smallest first."""
        return [1 << (self.bottleneck + i) for i in range(LATENTS)]


class _Encoder(nn.Module):
    """1x1, then two residual blocks a scale with stride-2 convolutions between the scales."""

    def __init__(self, inputs: int, widths: list[int], dropout: float) -> None:
        super().__init__()
        self.first = NormedConv(inputs, widths[0], 1)
        self.blocks = nn.ModuleList(
            nn.ModuleList(Block(width, dropout=dropout) for _ in range(2)) for width in widths
        )
        self.downs = nn.ModuleList(NormedConv(a, b, stride=2) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> list[Tensor]:
        """The output of every block, from fine to coarse."""
        h = self.first(x)
        found: list[Tensor] = []
        for i, pair in enumerate(self.blocks):
            h = self.downs[i - 1](h) if i else h
            for block in pair:  # type: ignore[union-attr]
                h = block(h)
                found.append(h)
        return found


class _Posterior(nn.Module):
    """`enc_down`: from the coarsest features up, a mean at each scale with latents."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.first = NormedConv(width, width, 1)
        self.before = nn.ModuleList(Block(width, width, dropout) for _ in range(LATENTS))
        self.means = nn.ModuleList(NormedConv(width, width) for _ in range(LATENTS))
        self.after = nn.ModuleList(Block(width, 2 * width, dropout) for _ in range(LATENTS))
        self.ups = nn.ModuleList(Up(width, width) for _ in range(LATENTS))
        # The last way up leads here, and nothing reads it: published so, kept for the same
        # parameters.
        self.unread = Block(width, width, dropout)

    def forward(self, features: list[Tensor], noise: float) -> tuple[list[Tensor], list[Tensor]]:
        """Means, and samples with `noise` times the deviation, at each scale."""
        skips = features[::-1]
        h = self.first(skips[0])
        means, samples = [], []
        for i in range(LATENTS):
            h = self.before[i](h, skips[2 * i])
            mean = self.means[i](h)
            sample = mean + noise * torch.randn_like(mean) if noise else mean
            h = self.after[i](h, torch.cat([skips[2 * i + 1], sample], 1))
            if i < LATENTS - 1:
                h = self.ups[i](h)
            means.append(mean)
            samples.append(sample)
        return means, samples


class GroupPrior(nn.Module):
    """p(z | shape) at one scale: four groups of pixels, each seeing the ones before it.

    Args:
        channels: of the features and of the latent.
        width: of the blocks; 4 x channels as published, else a 1x1 convolution leads to it.
    """

    def __init__(self, channels: int, width: int, dropout: float) -> None:
        super().__init__()
        self.block = Block(channels, dropout=dropout)
        narrow = width != 4 * channels
        self.fit = NormedConv(4 * channels, width, 1) if narrow else nn.Identity()
        self.means = nn.ModuleList(NormedConv(width, channels) for _ in range(4))
        self.feeds = nn.ModuleList(Block(width, channels, dropout) for _ in range(3))

    def forward(
        self, h: Tensor, known: Tensor | None, noise: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Means, and what was fed back.

        Args:
            h: (B, C, H, W) features of the shape.
            known: (B, C, H, W) the posterior's sample, fed back while training; None = the prior's
                own samples are.
            noise: (B, C, H, W) standard normal for those samples.
        """
        h = self.fit(torch.cat(to_groups(self.block(h)), 1))
        given = to_groups(known) if known is not None else None
        shaken = to_groups(noise) if noise is not None else None
        means: list[Tensor] = []
        fed: list[Tensor] = []
        for i in range(4):
            means.append(self.means[i](h))
            if given is not None:
                fed.append(given[i])
            else:
                fed.append(means[i] + shaken[i].to(means[i]) if shaken else means[i])
            if i < 3:
                h = self.feeds[i](h, fed[i])
        return from_groups(means), from_groups(fed)


class _Decoder(nn.Module):
    """`dec_down`: paints from the shape's skips and the latents; holds the prior."""

    def __init__(self, widths: list[int], config: PaperVunetConfig) -> None:
        super().__init__()
        self.first = NormedConv(widths[0], widths[0], 1)
        drop = config.dropout
        self.blocks = nn.ModuleList(
            nn.ModuleList(Block(width, width, drop) for _ in range(2)) for width in widths
        )
        self.ups = nn.ModuleList(Up(a, b) for a, b in pairwise(widths))
        low = widths[:LATENTS]
        self.joins = nn.ModuleList(NormedConv(2 * width, width, 1) for width in low)
        self.priors = nn.ModuleList(GroupPrior(width, config.prior, drop) for width in low)
        self.last = NormedConv(widths[-1], 3)

    def scale(self, i: int, h: Tensor, skips: list[Tensor]) -> Tensor:
        """The features of scale `i` before its latent."""
        h = self.ups[i - 1](h) if i else self.first(h)
        return self.blocks[i][0](h, skips[2 * i])  # type: ignore[index]

    def joined(self, i: int, h: Tensor, skips: list[Tensor], latent: Tensor | None) -> Tensor:
        """The rest of scale `i`, with its latent if it has one."""
        if latent is not None:
            h = self.joins[i](torch.cat([h, latent.to(h.dtype)], 1))
        return self.blocks[i][1](h, skips[2 * i + 1])  # type: ignore[index]


class Reconstruction(NamedTuple):
    """What training needs.

    Attributes:
        picture: (B, 3, S, S) float32, not bounded.
        posterior, prior: means at each latent scale, the smallest first.
    """

    picture: Tensor
    posterior: list[Tensor]
    prior: list[Tensor]


class PaperVunet(nn.Module):
    """Shape and crops to a picture; see the module's first lines."""

    def __init__(self, config: PaperVunetConfig | None = None) -> None:
        super().__init__()
        self.config = config or PaperVunetConfig()
        widths, drop = self.config.widths(), self.config.dropout
        inputs = self.config.crop_channels
        self.dec_up = _Encoder(self.config.shape_channels, widths, drop)
        self.enc_up = _Encoder(inputs, widths[self.config.box_factor :], drop)
        self.enc_down = _Posterior(widths[-1], drop)
        self.dec_down = _Decoder(widths[::-1], self.config)

    @torch.no_grad()
    def start_from(self, shape: Tensor, crops: Tensor) -> None:
        """Set every layer's length and bias on one real batch, layer by layer in one pass."""
        with measuring(self):
            self(shape, crops)

    def forward(self, shape: Tensor, crops: Tensor) -> Reconstruction:
        """Paint a picture again from its shape and a sample of its look.

        Args:
            shape: (B, shape_channels, S, S).
            crops: (B, crop_channels, S >> box_factor, S >> box_factor).
        """
        means, samples = self.enc_down(self.enc_up(self._fit(crops)), 1.0)
        picture, prior = self._decoded(shape, samples)
        return Reconstruction(picture, [m.float() for m in means], [p.float() for p in prior])

    def encode(self, crops: Tensor) -> list[Tensor]:
        """The look of crops: the posterior's means at each scale."""
        means, _ = self.enc_down(self.enc_up(self._fit(crops)), 0.0)
        return [mean.float() for mean in means]

    def reconstruct(self, shape: Tensor, crops: Tensor) -> Tensor:
        """(B, 3, S, S): the picture again, from the posterior's means."""
        return self.paint(shape, self.encode(crops))

    def transfer(self, crops: Tensor, shape: Tensor) -> Tensor:
        """(B, 3, S, S): the look of one picture in the shape of another."""
        return self.paint(shape, self.encode(crops))

    def sample(self, shape: Tensor, seeds: Sequence[int]) -> list[Tensor]:
        """Looks that the prior invents for shapes, one seed each; the same on every device."""
        latents: list[Tensor] = []
        noise = self._noise(seeds)
        skips, h = self._skips(shape)
        for i in range(LATENTS):
            h = self.dec_down.scale(i, h, skips)
            _, latent = self.dec_down.priors[i](h, None, noise[i].to(h.device))
            h = self.dec_down.joined(i, h, skips, latent)
            latents.append(latent.float())
        return latents

    def paint(self, shape: Tensor, look: Sequence[Tensor]) -> Tensor:
        """(B, 3, S, S) float32: a look in a shape; the prior is not asked."""
        skips, h = self._skips(shape)
        for i in range(self.config.scales):
            h = self.dec_down.scale(i, h, skips)
            h = self.dec_down.joined(i, h, skips, look[i] if i < LATENTS else None)
        return self.dec_down.last(h).float()

    def _decoded(self, shape: Tensor, samples: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        prior: list[Tensor] = []
        skips, h = self._skips(shape)
        for i in range(self.config.scales):
            h = self.dec_down.scale(i, h, skips)
            if i < LATENTS:
                prior.append(self.dec_down.priors[i](h, samples[i])[0])
            h = self.dec_down.joined(i, h, skips, samples[i] if i < LATENTS else None)
        return self.dec_down.last(h).float(), prior

    def _skips(self, shape: Tensor) -> tuple[list[Tensor], Tensor]:
        """Features of the shape from coarse to fine, and where the decoder starts."""
        skips = self.dec_up(self._fit(shape))[::-1]
        return skips, skips[0]

    def _fit(self, x: Tensor) -> Tensor:
        weight = self.dec_up.first.v
        return x.to(weight.dtype, memory_format=torch.channels_last)

    def _noise(self, seeds: Sequence[int]) -> list[Tensor]:
        drawn = []
        for seed in seeds:
            dice = torch.Generator().manual_seed(seed)
            sides, width = self.config.latent_sides(), self.config.widths()[-1]
            drawn.append([torch.randn(width, s, s, generator=dice) for s in sides])
        return [torch.stack(scale) for scale in zip(*drawn, strict=True)]


def divergences(found: Reconstruction) -> list[Tensor]:
    """KL(q | p) at each latent scale, in nats a picture; both have variance 1."""
    pairs = zip(found.posterior, found.prior, strict=True)
    return [0.5 * (q - p).square().flatten(1).sum(1).mean() for q, p in pairs]
