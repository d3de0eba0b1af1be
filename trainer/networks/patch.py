"""A small patch discriminator with spectral normalisation."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


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
