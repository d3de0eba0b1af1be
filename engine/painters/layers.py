"""Building blocks of the networks that run at half the frame, without normalisation layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Activated(nn.Module):
    """Leaky ReLU, then a 3x3 convolution."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.leaky_relu(x, 0.2))


class Residual(nn.Module):
    """Two activated convolutions beside the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Activated(channels, channels)
        self.second = Activated(channels, channels)
        with torch.no_grad():
            self.second.conv.weight.mul_(0.3)  # no normalisation layers: start near the identity

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(self.first(x))


def keep_variance(module: nn.Module) -> None:
    """He initialisation of every convolution and linear layer, so that activity neither dies nor
    grows with depth; residual branches keep their reduced start."""
    for name, layer in module.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, a=0.2, nonlinearity="leaky_relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
            if name.endswith("second.conv"):
                with torch.no_grad():
                    layer.weight.mul_(0.3)


def fit(x: Tensor, weight: Tensor) -> Tensor:
    """The layout and dtype in which the layers compute."""
    return x.to(weight.dtype, memory_format=torch.channels_last)


def twice(x: Tensor) -> Tensor:
    """Twice the height and width."""
    return F.interpolate(x, scale_factor=2, mode="nearest")
