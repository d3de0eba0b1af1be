"""The discriminator of a Deformable GAN (Siarohin et al., CVPR 2018, section 3.1)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.painters.deformable.paper_network import Down
from engine.shapes.pose import JOINTS

INPUTS = 2 * (3 + len(JOINTS))
"""Channels: source photo, its heat maps, real or painted picture, target heat maps."""


class PoseDiscriminator(nn.Module):
    """Judges patches of a picture beside the source photo and both poses.

    (B, 42, H, W) to (B, 1, h, w) logits: 3 x 1 of them for 128 x 64 pixels, 7 x 7 for 256 x 256.

    Args:
        channels: of the first layer, 64 as published (2.80 million parameters).
    """

    def __init__(self, channels: int = 64) -> None:
        super().__init__()
        widths = [channels * 2**i for i in range(4)]
        blocks = [Down(a, b) for a, b in pairwise(widths)]
        self.layers = nn.Sequential(
            nn.Conv2d(INPUTS, channels, 4, 2), *blocks, Down(widths[-1], 1, norm=False)
        )
        for parameter in self.parameters():
            if parameter.ndim == 4:
                nn.init.xavier_uniform_(parameter)

    def forward(self, source: Tensor, source_maps: Tensor, picture: Tensor, maps: Tensor) -> Tensor:
        return self.layers(torch.cat([source, source_maps, picture, maps], 1))
