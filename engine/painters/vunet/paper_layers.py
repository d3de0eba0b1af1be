"""Layers of the published VUNet: weight normalisation started from data, and what is made of it.

Salimans and Kingma, NIPS 2016: every convolution has a direction, a length and a bias per output
channel; one pass on a real batch sets length and bias so that each channel starts with mean 0 and
deviation 1. The original ran on TensorFlow, whose stride-2 padding is at the bottom and right only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class NormedConv(nn.Module):
    """A convolution y = g * (x * V / |V|) + b that can start from data.

    Args:
        inputs, outputs: channels.
        size: of the kernel, 1 or 3.
        stride: 1, or 2 with TensorFlow's padding.
    """

    def __init__(self, inputs: int, outputs: int, size: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.v = nn.Parameter(torch.randn(outputs, inputs, size, size) * 0.05)
        self.g = nn.Parameter(torch.ones(outputs))
        self.b = nn.Parameter(torch.zeros(outputs))
        self.stride = stride
        self.measuring = False
        self.weight: Tensor | None
        self.register_buffer("weight", None, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        if self.measuring:
            self._start_from(x)
        weight = self._product() if self.weight is None else self.weight
        return self._convolved(x, weight, self.b)

    @torch.no_grad()
    def settle(self) -> None:
        """Compute the weight once, for painting; there is no training after this."""
        self.weight = self._product()
        self.v = nn.Parameter(self.v.new_empty(0), requires_grad=False)

    def _product(self) -> Tensor:
        return self.v * (self.g / self._length())[:, None, None, None]

    def _length(self) -> Tensor:
        return self.v.flatten(1).norm(dim=1).clamp_min(1e-12)

    def _convolved(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.stride == 2:
            return F.conv2d(F.pad(x, (0, 1, 0, 1)), weight, bias, 2)
        return F.conv2d(x, weight, bias, 1, weight.shape[-1] // 2)

    @torch.no_grad()
    def _start_from(self, x: Tensor) -> None:
        """g = 1 / deviation and b = -mean / deviation; a channel that never changes keeps g = 1."""
        made = self._convolved(x, self.v / self._length()[:, None, None, None], None).float()
        variance, mean = torch.var_mean(made, (0, 2, 3), correction=0)
        scale = torch.where(variance > 1e-12, variance.clamp_min(1e-12).rsqrt(), 1.0)
        self.g.copy_(scale)
        self.b.copy_(-mean * scale)


@contextmanager
def measuring(network: nn.Module) -> Iterator[None]:
    """Inside, every convolution that runs first sets its length and bias from what it sees."""
    convs = [module for module in network.modules() if isinstance(module, NormedConv)]
    for conv in convs:
        conv.measuring = True
    try:
        yield
    finally:
        for conv in convs:
            conv.measuring = False


class Block(nn.Module):
    """x + conv(ELU([x, 1x1(ELU(a))])): one 3x3 convolution, and a skip `a` if there is one.

    Args:
        channels: of x.
        skip: channels of the skip, 0 = none.
        dropout: before the convolution.
    """

    def __init__(self, channels: int, skip: int = 0, dropout: float = 0.0) -> None:
        super().__init__()
        self.skip = NormedConv(skip, channels, 1) if skip else None
        self.conv = NormedConv(channels * (2 if skip else 1), channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        inner = x
        if self.skip is not None and skip is not None:
            inner = torch.cat([x, self.skip(F.elu(skip))], 1)
        return x + self.conv(self.dropout(F.elu(inner)))


class Up(nn.Module):
    """A 3x3 convolution to four times the channels, laid out as 2x2 pixels."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = NormedConv(inputs, 4 * outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.conv(x), 2)


def to_groups(x: Tensor) -> list[Tensor]:
    """(B, C, H, W) as four (B, C, H/2, W/2): the pixels of each 2x2 cell, row by row."""
    return list(F.pixel_unshuffle(x, 2).unflatten(1, (x.shape[1], 4)).unbind(2))


def from_groups(groups: list[Tensor]) -> Tensor:
    """The inverse of :func:`to_groups`."""
    return F.pixel_shuffle(torch.stack(groups, 2).flatten(1, 2), 2)
