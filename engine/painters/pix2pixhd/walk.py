"""How one pass goes through the layers of a scene network.

Instance normalisation looks at the whole picture, so one object's new look would move every pixel.
A pinned pass carries the base along as the first of its batch: normalisation statistics are those
of the whole base picture, and after every block whatever lies outside the object's mask is the base
again. So a look stays where its object is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_EPSILON = 1e-5
_BAND = 2.5e9
"""Multiplications of a convolution between two questions whether it is still wanted: a tenth of a
second of one core."""
_ROWS = 4
"""A band has so many rows at least."""
Statistics = tuple[Tensor, Tensor]
"""Mean and variance of every channel, (C,) each."""


class Walk:
    """A plain pass."""

    def normalised(self, x: Tensor) -> Tensor:
        """Instance normalisation of (B, C, H, W)."""
        if not torch.compiler.is_exporting() and len(x) == 1:  # the same, but keeps channels last
            return F.batch_norm(x, None, None, training=True)
        return F.instance_norm(x)

    def convolved(self, x: Tensor, layer: nn.Conv2d) -> Tensor:
        """A large convolution."""
        return layer(x)

    def between(self, x: Tensor) -> Tensor:
        """Called with what every block gives; what it returns goes on."""
        return x

    def rest(self) -> None:
        """Called between layers."""


class Recorded(Walk):
    """A plain pass of one picture that may be called off between blocks.

    Args:
        ask: raises to give up.

    Attributes:
        statistics: of every instance normalisation so far.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self.statistics: list[Statistics] = []

    def normalised(self, x: Tensor) -> Tensor:
        out, mean, rate = torch.native_batch_norm(x, None, None, None, None, True, 0.0, _EPSILON)
        self.statistics.append((mean.float(), rate.float().pow(-2) - _EPSILON))
        return out

    def convolved(self, x: Tensor, layer: nn.Conv2d) -> Tensor:
        return in_bands(x, layer, self._ask)

    def between(self, x: Tensor) -> Tensor:
        self._ask()
        return x

    def rest(self) -> None:
        self._ask()


class Pinned(Walk):
    """A pass over part of a picture, whose first image is the base and whose others may differ
    from it in a mask only.

    Args:
        masks: (B - 1, 1, H, W) bool at the size of the part.
        statistics: of the pass over the whole base picture.
        ask: raises to give up.
    """

    def __init__(
        self, masks: Tensor, statistics: Sequence[Statistics], ask: Callable[[], None]
    ) -> None:
        self._masks, self._ask = masks.float(), ask
        self._statistics = iter(statistics)
        self._sized: dict[tuple[int, int], Tensor] = {}

    def normalised(self, x: Tensor) -> Tensor:
        mean, variance = next(self._statistics)
        return F.batch_norm(x, mean, variance, training=False, eps=_EPSILON)

    def convolved(self, x: Tensor, layer: nn.Conv2d) -> Tensor:
        return in_bands(x, layer, self._ask)

    def between(self, x: Tensor) -> Tensor:
        self._ask()
        height, width = x.shape[-2:]
        if (height, width) not in self._sized:
            touched = F.adaptive_max_pool2d(self._masks, (height, width)) > 0
            self._sized[height, width] = touched
        return torch.cat([x[:1], torch.where(self._sized[height, width], x[1:], x[:1])])

    def rest(self) -> None:
        self._ask()


def in_bands(x: Tensor, layer: nn.Conv2d, ask: Callable[[], None]) -> Tensor:
    """A convolution of (B, C, H, W) that may be called off between bands of rows.

    Args:
        layer: without padding, in steps of one pixel; others are done at once.
        ask: raises to give up.
    """
    reach = layer.kernel_size[0] - 1
    rows, width = x.shape[-2] - reach, x.shape[-1] - reach
    row = layer.weight.numel() * width * len(x)
    band = max(int(_BAND / row), _ROWS)
    if layer.padding != (0, 0) or layer.stride != (1, 1) or band >= rows:
        return layer(x)
    kind = torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else None
    shape = (len(x), layer.out_channels, rows, width)
    out = x.new_empty(shape).contiguous(memory_format=kind or torch.contiguous_format)
    for top in range(0, rows, band):
        ask()
        part = x[..., top : top + band + reach, :]
        out[..., top : top + band, :] = layer(part)
    return out


PLAIN = Walk()
"""For training and whoever wants nothing else."""
