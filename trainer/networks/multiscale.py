"""pix2pixHD's discriminators: one patch discriminator a size, whose features are compared too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional as F

from trainer.losses import finite
from trainer.networks.norm import InstanceNorm

Seen = list[list[Tensor]]
"""Of every size, the largest first: features of all layers; the last one is the score."""


class PatchLayers(nn.Module):
    """Scores of overlapping patches of (B, C, H, W), with the features of every layer.

    Wang et al., CVPR 2018, appendix; `widest` caps the channels (8 times the first as published).
    """

    def __init__(self, inputs: int, width: int, layers: int, widest: int) -> None:
        super().__init__()
        blocks = [nn.Sequential(nn.Conv2d(inputs, width, 4, 2, 2), nn.LeakyReLU(0.2))]
        channels = width
        for index in range(1, layers + 1):
            outputs = min(2 * channels, widest * width)
            conv = nn.Conv2d(channels, outputs, 4, 2 if index < layers else 1, 2)
            blocks.append(nn.Sequential(conv, InstanceNorm(), nn.LeakyReLU(0.2)))
            channels = outputs
        blocks.append(nn.Sequential(nn.Conv2d(channels, 1, 4, 1, 2)))
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor) -> list[Tensor]:
        found = []
        for block in self.blocks:
            x = block(x)
            found.append(x)
        return found


class MultiScale(nn.Module):
    """The same discriminator at the full size, at half of it, and so on."""

    def __init__(self, inputs: int, width: int, scales: int, layers: int, widest: int) -> None:
        super().__init__()
        self.scales = nn.ModuleList(
            PatchLayers(inputs, width, layers, widest) for _ in range(scales)
        )

    def forward(self, *parts: Tensor) -> Seen:
        """Features of pictures whose channels may come in parts (B, C, H, W): a part that needs no
        gradient is then made smaller without one."""
        found = []
        for index, scale in enumerate(self.scales):
            if index:
                parts = tuple(F.avg_pool2d(p, 3, 2, 1, count_include_pad=False) for p in parts)
            found.append(scale(parts[0] if len(parts) == 1 else torch.cat(parts, 1)))
        return found


class Verdict(NamedTuple):
    """What a step of the discriminators gives the generator.

    Attributes:
        gradient: of the generator's losses to the painted pictures (B, 3, H, W).
        fool, features: those losses, weighted, for the statistics.
        judge: the discriminators' own loss.
    """

    gradient: Tensor
    fool: Tensor
    features: Tensor
    judge: Tensor


class Judges:
    """Discriminators at several sizes with their optimiser: LSGAN and feature matching.

    The official order runs them three times a step: painted and real for their own loss, painted
    again for the generator's. Here they run once; the generator receives the gradient.

    Args:
        inputs: channels of shape and picture together.
        width: channels of the first layer.
        scales: sizes (num_D).
        rate: learning rate.
        layers: strided layers (n_layers_D).
        widest: most channels of a layer, as a multiple of `width`.
    """

    def __init__(
        self, inputs: int, width: int, scales: int, rate: float, layers: int = 3, widest: int = 8
    ) -> None:
        self.bare = MultiScale(inputs, width, scales, layers, widest)
        self.rate = rate

    def setup(self, fabric: Fabric) -> None:
        """Place them on the device."""
        self.fabric = fabric
        judge = self.bare.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        adam = torch.optim.Adam(judge.parameters(), lr=self.rate, betas=(0.5, 0.999), fused=True)
        self.judge, self.optimiser = fabric.setup(judge, adam)

    def step(
        self,
        shape: Tensor,
        painted: Tensor,
        real: Tensor,
        weights: tuple[float, float],
        rate: float,
    ) -> Verdict:
        """One update.

        Args:
            shape: condition of both pictures (B, C, H, W).
            painted, real: pictures (B, 3, H, W).
            weights: of fooling and of feature matching, in the generator's loss.
            rate: factor on the learning rate.
        """
        leaf = painted.detach().requires_grad_()
        seen = self.judge(torch.cat([shape, shape]), torch.cat([leaf, real]))
        scores = [scale[-1].float().chunk(2) for scale in seen]
        fool = weights[0] * _summed([(fake - 1).square().mean() for fake, _ in scores])
        features = weights[1] * matching(seen)
        self.fabric.backward(fool + features, inputs=[leaf], retain_graph=True)
        assert leaf.grad is not None
        judge = 0.5 * _summed(
            [fake.square().mean() + (true - 1).square().mean() for fake, true in scores]
        )
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * rate
        self.optimiser.zero_grad()
        self.fabric.backward(judge, inputs=list(self.bare.parameters()))
        if finite(judge):
            self.optimiser.step()
        return Verdict(leaf.grad, fool.detach(), features.detach(), judge.detach())

    def state(self) -> dict[str, Any]:
        """Discriminators and optimiser, to resume from."""
        return {"judge": self.judge.state_dict(), "optimiser": self.optimiser.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.judge.load_state_dict(state["judge"])
        self.optimiser.load_state_dict(state["optimiser"])


def matching(seen: Seen) -> Tensor:
    """Mean absolute difference between features of painted (first half of the batch) and real
    pictures (second half) over layers, averaged over sizes; the real ones get no gradient."""
    differences = []
    for scale in seen:
        for layer in scale[:-1]:
            fake, true = layer.float().chunk(2)
            differences.append((fake - true.detach()).abs().mean())
    return _summed(differences) / len(seen)


def _summed(values: list[Tensor]) -> Tensor:
    return torch.stack(values).sum()
