"""Least-squares patch discriminators that look at a picture at two sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.losses import finite
from trainer.networks.norm import InstanceNorm

_RATE = 4e-4
"""Twice the published rate: runs on a CPU have thousands of steps, not millions."""


class Patches(nn.Module):
    """Scores of overlapping patches of (B, C, H, W), instance normalised as published.

    A least-squares judge must reach 0 and 1, which spectral normalisation makes slow.
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        steps = ((width, 2 * width, 2), (2 * width, 4 * width, 2), (4 * width, 4 * width, 1))
        layers: list[nn.Module] = [nn.Conv2d(inputs, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for a, b, stride in steps:
            kernel = 4 if stride == 2 else 3
            layers += [nn.Conv2d(a, b, kernel, stride, 1), InstanceNorm(), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(4 * width, 1, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class TwoScales(nn.Module):
    """Scores of (B, C, H, W) at full and at half size, with half the width there."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.large = Patches(inputs, width)
        self.small = Patches(inputs, width // 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.large(x), self.small(F.avg_pool2d(x, 2))


class LeastSquaresJudge:
    """A discriminator with its optimiser (LSGAN: 1 real, 0 painted), summed over the two sizes.

    Args:
        inputs: channels of the picture and, if the judge sees it, the condition.
        width: channels of its first layer at full size.
    """

    def __init__(self, inputs: int, width: int) -> None:
        self.bare = TwoScales(inputs, width)

    def setup(self, fabric: Fabric) -> None:
        """Place it on the device."""
        self.fabric = fabric
        judge = self.bare.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        adam = torch.optim.Adam(judge.parameters(), lr=_RATE, betas=(0.5, 0.999))
        self.judge, self.optimiser = fabric.setup(judge, adam)

    def fool(self, painted: Tensor) -> Tensor:
        """The generator's loss for painted pictures (B, C, H, W)."""
        self.bare.requires_grad_(False)  # its own gradients are not wanted here: a third less work
        try:
            return _squares(self.judge(painted), 1.0)
        finally:
            self.bare.requires_grad_(True)

    def step(self, real: Tensor, painted: Tensor, rate: float) -> Tensor:
        """One update; `rate` scales the learning rate."""
        for group in self.optimiser.param_groups:
            group["lr"] = _RATE * rate
        loss = _squares(self.judge(real), 1.0) + _squares(self.judge(painted.detach()), 0.0)
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        if finite(loss):
            self.optimiser.step()
        return loss

    def state(self) -> dict[str, Any]:
        """Discriminator and optimiser, to resume from."""
        return {"judge": self.judge.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.judge.load_state_dict(state["judge"])
        self.optimiser.load_state_dict(state["optimiser"])


def _squares(scores: tuple[Tensor, ...], wanted: float) -> Tensor:
    return torch.stack([(score.float() - wanted).square().mean() for score in scores]).sum()
