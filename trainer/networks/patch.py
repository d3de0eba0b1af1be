"""A small patch discriminator with spectral normalisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from trainer.losses import finite, hinge_discriminator
from trainer.ranks import weight_of

_RATE = 4e-4


class PatchDiscriminator(nn.Module):
    """Judges patches of (B, C, H, W) at 1/8 resolution; returns (B, 1, H / 8, W / 8) logits.

    Args:
        inputs: channels of picture and condition together.
        width: channels of the first layer.
    """

    def __init__(self, inputs: int, width: int = 32) -> None:
        super().__init__()
        widths = (inputs, width, 2 * width, 4 * width)
        layers: list[nn.Module] = []
        for a, b in pairwise(widths):
            layers += [spectral_norm(nn.Conv2d(a, b, 4, 2, 1)), nn.LeakyReLU(0.2)]
        last = 4 * width
        layers += [spectral_norm(nn.Conv2d(last, last, 3, 1, 1)), nn.LeakyReLU(0.2)]
        layers += [spectral_norm(nn.Conv2d(last, 1, 3, 1, 1))]
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


class Adversary:
    """A patch discriminator with its optimiser; a weight of 0 leaves it out.

    Args:
        inputs: channels of picture and condition together.
        weight: of the generator's loss.
    """

    def __init__(self, inputs: int, weight: float) -> None:
        self.inputs, self.weight = inputs, weight

    def setup(self, fabric: Fabric) -> None:
        """Place it on the device."""
        if self.weight:
            judge = PatchDiscriminator(self.inputs).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            adam = torch.optim.Adam(judge.parameters(), lr=_RATE, betas=(0.5, 0.9))
            self.fabric = fabric
            self.judge, self.optimiser = fabric.setup(judge, adam)

    def fool(self, fake: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
        """The generator's loss for painted pictures (B, 3, H, W) with their conditions."""
        self.judge.requires_grad_(False)  # its own gradients are not wanted here
        try:
            with self.fabric.autocast():
                each = [self.judge(torch.cat(pair, 1)).float().mean() for pair in fake]
        finally:
            self.judge.requires_grad_(True)
        return -self.weight * torch.stack(each).sum()

    def step(
        self, truth: Tensor, maps: Tensor, fake: Sequence[tuple[Tensor, Tensor]], rate: float
    ) -> Tensor:
        """One update with real pictures and painted ones; `rate` scales the learning rate."""
        for group in self.optimiser.param_groups:
            group["lr"] = _RATE * rate
        pictures = torch.cat([picture.detach() for picture, _ in fake])
        conditions = torch.cat([condition for _, condition in fake])
        with self.fabric.autocast():
            real_score = self.judge(torch.cat([truth, maps], 1)).float()
            fake_score = self.judge(torch.cat([pictures, conditions], 1)).float()
        loss = hinge_discriminator(real_score, fake_score, weight_of(self.fabric, len(truth)))
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        if finite(loss):
            self.optimiser.step()
        return loss

    def state(self) -> dict[str, Any]:
        """Discriminator and optimiser, to resume from."""
        if not self.weight:
            return {}
        return {"judge": self.judge.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        for name, part in state.items():
            getattr(self, name).load_state_dict(part)
