"""BicycleGAN's discriminators as published: two networks, at the full size and at half of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.losses import finite
from trainer.networks.norm import InstanceNorm

BETAS = (0.5, 0.999)


class PublishedPatches(nn.Module):
    """Scores of overlapping patches of 70 x 70 of (B, C, H, W)."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(inputs, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for a, b in pairwise((width, 2 * width, 4 * width, 8 * width)):
            stride = 1 if b == 8 * width else 2
            layers += [nn.Conv2d(a, b, 4, stride, 1), InstanceNorm(), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(8 * width, 1, 4, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class TwoPatches(nn.Module):
    """Scores at full and at half size, with half the width there."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.large = PublishedPatches(inputs, width)
        self.small = PublishedPatches(inputs, width // 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        half = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
        return self.large(x), self.small(half)


class Verdict(NamedTuple):
    """What a step of a discriminator gives the generator.

    Attributes:
        gradient: of the loss of not fooling it, to the painted pictures (B, 3, H, W).
        fool, judge: that loss, and the discriminator's own.
    """

    gradient: Tensor
    fool: Tensor
    judge: Tensor


class PublishedJudge:
    """A discriminator with its optimiser: LSGAN, 1 real, 0 painted, summed over the two sizes.

    The published order runs it on painted pictures twice a step, once for the generator's loss and
    once, unchanged, for its own. Here it runs once; the generator is handed the gradient.

    Args:
        inputs: channels of the picture and, if it sees it, the sketch.
        width: channels of its first layer at full size (ndf).
        rate: learning rate.
    """

    def __init__(self, inputs: int, width: int, rate: float) -> None:
        self.bare = TwoPatches(inputs, width)
        self.rate = rate

    def setup(self, fabric: Fabric) -> None:
        """Place it on the device."""
        self.fabric = fabric
        judge = self.bare.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        adam = torch.optim.Adam(judge.parameters(), lr=self.rate, betas=BETAS, fused=True)
        self.judge, self.optimiser = fabric.setup(judge, adam)

    def step(
        self, painted: Tensor, real: Tensor, conditions: tuple[Tensor, Tensor] | None, rate: float
    ) -> Verdict:
        """One update.

        Args:
            painted, real: pictures (B, 3, H, W); only their values count.
            conditions: sketches (B, C, H, W) of both, if it sees them.
            rate: factor on the learning rate.
        """
        leaf = painted.detach().requires_grad_()
        pictures = torch.cat([leaf, real])
        if conditions is not None:
            pictures = torch.cat([pictures, torch.cat(conditions)], 1)
        scores = [score.float().split([len(leaf), len(real)]) for score in self.judge(pictures)]
        fool = torch.stack([(fake - 1).square().mean() for fake, _ in scores]).sum()
        self.fabric.backward(fool, inputs=[leaf], retain_graph=True)
        assert leaf.grad is not None
        judge = torch.stack(
            [fake.square().mean() + (true - 1).square().mean() for fake, true in scores]
        ).sum()
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * rate
        self.optimiser.zero_grad()
        self.fabric.backward(judge, inputs=list(self.bare.parameters()))
        if finite(judge):
            self.optimiser.step()
        return Verdict(leaf.grad, fool.detach(), judge.detach())

    def state(self) -> dict[str, Any]:
        """Discriminator and optimiser, to resume from."""
        return {"judge": self.judge.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.judge.load_state_dict(state["judge"])
        self.optimiser.load_state_dict(state["optimiser"])
