"""The discriminator of a Deformable GAN as published: source, its pose, picture, target pose."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from engine.painters.deformable.paper_geometry import heat_maps
from engine.painters.deformable.paper_network import Down
from engine.shapes.pose import JOINTS


class PoseDiscriminator(nn.Module):
    """Is this a photo of the source's person in the target pose?

    Siarohin et al., CVPR 2018, section 3.1: the four inputs are joined, 42 channels in all. The
    published network ends in a sigmoid; this one gives logits, to be used with losses on logits.

    Args:
        channels: of the first layer, 64 as published.
    """

    def __init__(self, channels: int = 64) -> None:
        super().__init__()
        inputs = 2 * (3 + len(JOINTS))
        widths = [channels * 2**i for i in range(4)]
        blocks: list[nn.Module] = [Down(a, b) for a, b in pairwise(widths)]
        stem = nn.Conv2d(inputs, channels, 4, 2)
        self.layers = nn.Sequential(stem, *blocks, Down(widths[-1], 1, norm=False))
        for parameter in self.parameters():
            if parameter.ndim == 4:
                nn.init.xavier_uniform_(parameter)

    def forward(
        self, source: Tensor, source_joints: Tensor, picture: Tensor, target_joints: Tensor
    ) -> Tensor:
        """(B, N) logits, one a patch: 3 x 1 patches at 128 x 64, 7 x 7 at 256 x 256.

        Args:
            source, picture: (B, 3, H, W) in -1..1.
            source_joints, target_joints: (B, 18, 3) x, y and presence in pixels.
        """
        height, width = picture.shape[2:]
        poses = [heat_maps(joints, height, width) for joints in (source_joints, target_joints)]
        seen = torch.cat([source, poses[0], picture, poses[1]], 1)
        seen = seen.to(memory_format=torch.channels_last)
        return self.layers(seen).flatten(1).float()
