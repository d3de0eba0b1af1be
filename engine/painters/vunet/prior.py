"""p(look | pose): a small rectified flow over the codes of the body parts.

VUNet's prior is autoregressive over four groups of one global code, with unit variance; it is two
thirds of the published network. Codes that stay with their parts are few tokens, so a small
transformer can turn noise into them instead (Liu et al., ICLR 2023): the parts of one sampled
person fit together, and samples lie where real people lie rather than around their mean.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STEPS = 24
"""Euler steps of a sample."""
_SHIFT = 8.0
"""Codes of one person agree: their common directions are some twenty times wider than the noise and
are decided while it seems to cover everything, so most steps are spent there (Esser et al., ICML
2024, section 5.3.2)."""
_HEADS = 4
_LATEST = 0.05
"""The last stretch of the path, where dividing by the time left would explode."""
POSE = 37
"""Numbers that tell of a pose."""


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.merge = nn.Linear(width, width)
        self.think = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor, known: Tensor) -> Tensor:
        q, k, v = (_heads(t) for t in self.qkv(self.before(x)).chunk(3, -1))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=known[:, None, None, :])
        x = x + self.merge(mixed.transpose(1, 2).flatten(2))
        return x + self.think(self.after(x))


def _heads(x: Tensor) -> Tensor:
    """(B, N, C) -> (B, heads, N, C / heads)."""
    return x.unflatten(-1, (_HEADS, -1)).transpose(1, 2)


class LookPrior(nn.Module):
    """Predicts the clean codes from noisy ones; codes are (B, parts, coarse + fine).

    Args:
        parts: number of parts.
        coarse, fine: numbers in both codes of a part.
        width, depth: of the transformer.
        about: numbers that tell of the shape.
    """

    def __init__(
        self, parts: int, coarse: int, fine: int, width: int, depth: int, about: int = POSE
    ) -> None:
        super().__init__()
        self.sizes = (coarse, fine)
        self.part = nn.Parameter(torch.randn(parts, width) * 0.1)
        self.inside = nn.Linear(coarse + fine, width)
        self.about = nn.Sequential(nn.Linear(about + 32, width), nn.SiLU(), nn.Linear(width, width))
        self.blocks = nn.ModuleList(_Block(width) for _ in range(depth))
        self.outside = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, coarse + fine))
        self.spread: Tensor
        self.register_buffer("spread", torch.ones(2))

    def forward(self, noisy: Tensor, time: Tensor, pose: Tensor, known: Tensor) -> Tensor:
        """Clean codes in units of their spread.

        Args:
            noisy: (B, parts, coarse + fine) between noise (time 0) and codes (time 1).
            time: (B,).
            pose: (B, about).
            known: (B, parts) bool: which parts there are.
        """
        about = self.about(torch.cat([pose, _waves(time)], 1).to(noisy.dtype))
        x = self.inside(noisy) + self.part + about[:, None]
        for block in self.blocks:
            x = block(x, known)
        return self.outside(x)

    def joined(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Both codes in units of their spread, as one (B, parts, coarse + fine)."""
        return torch.cat([coarse / self.spread[0], fine.flatten(2) / self.spread[1]], -1)

    @torch.no_grad()
    def measure(self, coarse: Tensor, fine: Tensor, known: Tensor) -> None:
        """Follow the spread (root mean square) of the codes while they are being learnt."""
        now = torch.stack([c.flatten(2)[known].square().mean().sqrt() for c in (coarse, fine)])
        self.spread.lerp_(now.clamp(min=1e-3).to(self.spread.dtype), 0.1)

    def loss(self, codes: Tensor, pose: Tensor, known: Tensor, repeats: int) -> Tensor:
        """Rectified flow: mean squared error of the velocity, at `repeats` noise levels each.

        Args:
            codes: (B, parts, coarse + fine) from :meth:`joined`.
        """
        codes, pose, known = (t.repeat_interleave(repeats, 0) for t in (codes, pose, known))
        time = _shifted(torch.sigmoid(torch.randn(len(codes), device=codes.device)))
        noise = torch.randn_like(codes)
        share = time[:, None, None]
        guess = self(torch.lerp(noise, codes, share), time, pose, known).float()
        error = (guess - codes) / (1 - share).clamp(min=_LATEST)
        return error.square()[known].mean()

    @torch.no_grad()
    def sample(self, pose: Tensor, seeds: list[int]) -> tuple[Tensor, Tensor]:
        """Codes for one pose each.

        Args:
            pose: (B, about).
            seeds: B dice throws; the noise is made on the CPU, so that devices agree.

        Returns:
            (B, parts, coarse) and (B, parts, fine).
        """
        size = (len(self.part), sum(self.sizes))
        noise = [torch.randn(size, generator=torch.Generator().manual_seed(s)) for s in seeds]
        x = torch.stack(noise).to(pose.device)
        known = torch.ones(x.shape[:2], dtype=torch.bool, device=pose.device)
        dtype = self.inside.weight.dtype
        times = _shifted(torch.linspace(0, 1, STEPS + 1)).tolist()
        for now, then in pairwise(times):
            time = torch.full((len(x),), now, device=pose.device)
            guess = self(x.to(dtype), time, pose, known).float()
            x = x + (guess - x) * ((then - now) / (1 - now))
        coarse, fine = x.split(self.sizes, -1)
        return coarse * self.spread[0], fine * self.spread[1]


def _shifted(time: Tensor) -> Tensor:
    """Times in 0..1, moved towards the noise."""
    return time / (time + _SHIFT * (1 - time))


def _waves(time: Tensor) -> Tensor:
    """(B, 32) sines and cosines of a time in 0..1."""
    rate = torch.exp(torch.arange(16, device=time.device) * (math.log(1000) / 16))
    angle = time[:, None] * rate
    return torch.cat([angle.sin(), angle.cos()], 1)
