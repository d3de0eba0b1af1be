"""How one pass goes through the layers of a scene network.

Instance normalisation looks at the whole picture, so one object's new look would move every pixel.
A pinned pass carries the base picture along as the first of its batch: normalisation statistics are
its own, and after every block whatever lies outside an object's mask is the base again. So a look
stays where its object is, and objects that are far enough apart do not feel each other.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F


class Walk:
    """A plain pass."""

    def normalised(self, x: Tensor) -> Tensor:
        """Instance normalisation of (B, C, H, W)."""
        if len(x) == 1:  # the same, but keeps channels last
            return F.batch_norm(x, None, None, training=True)
        return F.instance_norm(x)

    def between(self, x: Tensor) -> Tensor:
        """Called with what every block gives; what it returns goes on."""
        return x


class Asked(Walk):
    """A plain pass that may be called off between blocks.

    Args:
        ask: raises to give up.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        self.ask = ask

    def between(self, x: Tensor) -> Tensor:
        self.ask()
        return x


class Pinned(Asked):
    """A pass whose first image is the base and whose others may differ from it in a mask only.

    Args:
        masks: (B - 1, 1, H, W) bool at the size of the picture.
        ask: raises to give up.
    """

    def __init__(self, masks: Tensor, ask: Callable[[], None]) -> None:
        super().__init__(ask)
        self._masks = masks.float()
        self._sized: dict[tuple[int, int], Tensor] = {}

    def normalised(self, x: Tensor) -> Tensor:
        base = x[:1].float()
        variance, mean = torch.var_mean(base, (0, 2, 3), correction=0)
        return F.batch_norm(x, mean.to(x.dtype), variance.to(x.dtype), training=False)

    def between(self, x: Tensor) -> Tensor:
        self.ask()
        height, width = x.shape[-2:]
        if (height, width) not in self._sized:
            touched = F.adaptive_max_pool2d(self._masks, (height, width)) > 0
            self._sized[height, width] = touched
        return torch.cat([x[:1], torch.where(self._sized[height, width], x[1:], x[:1])])


PLAIN = Walk()
"""For training and whoever wants nothing else."""
