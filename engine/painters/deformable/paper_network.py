"""The generator of a Deformable GAN as published (Siarohin et al., CVPR 2018, section 3).

Two encoders, one for the source photo with its pose and one for the target pose; the first four
skips of the photo's encoder pass through the deformable layer; a decoder joins them. Without
deformable skips one encoder sees everything, which is the paper's baseline. Pictures are (B, 3, H,
W) in -1..1; joints are (B, 18, 3) of x, y and presence in pixels of that frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.painters.deformable.paper_geometry import heat_maps, paper_affines, paper_masks
from engine.painters.deformable.paper_layer import (
    Combining,
    Lookups,
    Sampling,
    deformed,
    look_up,
)
from engine.shapes.pose import JOINTS

_WARPED = 4
"""Levels whose skips are deformed: full size to one eighth."""
_DROPPED = 3
"""Decoder blocks with dropout."""


@dataclass(frozen=True)
class PaperConfig:
    """Constructor arguments of the generator.

    Attributes:
        height, width: of the frame; the longer side is a power of two from 64.
        channels: of the first layer, 64 as published.
        warp: deformable skips; without them it is the baseline.
        alpha: a fourth output channel; the published form has three.
        sampling: how features are read, "nearest" as published, or "bilinear".
        combining: "max" over the parts as published, or "average".
    """

    height: int = 256
    width: int = 256
    channels: int = 64
    warp: bool = True
    alpha: bool = False
    sampling: Sampling = "nearest"
    combining: Combining = "max"

    @property
    def levels(self) -> int:
        """Encoder layers; the last one is four cells long.

        Raises:
            ValueError: a size that cannot be halved down to four cells.
        """
        if not self.fits():
            raise ValueError(f"a frame of {self.width} x {self.height} pixels cannot be halved")
        return max(self.height, self.width).bit_length() - 2

    def fits(self) -> bool:
        """Whether the frame can be halved down to four cells along its longer side."""
        longer = max(self.height, self.width)
        whole = longer >= 64 and not longer & (longer - 1)
        return whole and not (self.height % (longer // 4) or self.width % (longer // 4))

    def widths(self) -> list[int]:
        """Channels of the encoder's layers."""
        return [self.channels * min(2**i, 8) for i in range(self.levels)]


class WholeNorm(nn.Module):
    """One mean and deviation over all channels and cells of a sample, one gain and one bias.

    The paper's code used keras-contrib's InstanceNormalization with its default axis, which is
    this; the published parameter counts confirm it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(()))
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x.float(), (1, 2, 3), correction=0, keepdim=True)
        scale = self.gain.float() / ((variance + 1e-12).sqrt() + 1e-3)
        return (x * scale + (self.bias.float() - mean * scale)).to(x.dtype)


class Down(nn.Module):
    """Leaky ReLU, 4x4 convolution with stride 2, normalisation."""

    def __init__(self, inputs: int, outputs: int, norm: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False)
        self.norm = WholeNorm() if norm else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(F.leaky_relu(x, 0.2)))


class _Up(nn.Module):
    def __init__(self, inputs: int, outputs: int, dropout: bool) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False)
        self.norm = WholeNorm()
        self.dropout = nn.Dropout(0.5 if dropout else 0.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.norm(self.conv(F.relu(x))))


class _Encoder(nn.Module):
    def __init__(self, inputs: int, widths: list[int]) -> None:
        super().__init__()
        self.stem = nn.Conv2d(inputs, widths[0], 3, 1, 1)
        last = len(widths) - 1
        self.blocks = nn.ModuleList(
            Down(widths[i - 1], widths[i], norm=i < last) for i in range(1, len(widths))
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        layers = [self.stem(x)]
        for block in self.blocks:
            layers.append(block(layers[-1]))
        return layers


class _Decoder(nn.Module):
    """From the deepest skip up; each block sees what came before and the next skip."""

    def __init__(self, skips: list[int], widths: list[int], outputs: int) -> None:
        super().__init__()
        made = [0, *widths[:0:-1]]
        self.blocks = nn.ModuleList(
            _Up(made[i] + skips[-1 - i], made[i + 1], i < _DROPPED) for i in range(len(made) - 1)
        )
        self.head = nn.Conv2d(made[-1] + skips[0], outputs, 3, 1, 1)

    def forward(self, skips: list[Tensor]) -> Tensor:
        x = skips[-1]
        for block, skip in zip(self.blocks, skips[-2::-1], strict=True):
            x = torch.cat([block(x), skip], 1)
        return torch.tanh(self.head(F.relu(x)))


class Encoded(NamedTuple):
    """A source photo read once, for many target poses.

    Attributes:
        picture: (B, 3, H, W) in -1..1.
        joints: (B, 18, 3) source pose.
        layers: features of the photo's encoder, from fine to coarse; none in the baseline.
    """

    picture: Tensor
    joints: Tensor
    layers: list[Tensor]


class PaperGenerator(nn.Module):
    """Source photo, source pose and target pose to the picture of the person in the target pose."""

    def __init__(self, config: PaperConfig | None = None) -> None:
        super().__init__()
        self.config = config or PaperConfig()
        widths, joints = self.config.widths(), len(JOINTS)
        if self.config.warp:
            self.photo_encoder = _Encoder(3 + joints, widths)
            self.pose_encoder = _Encoder(joints, widths)
        else:
            self.photo_encoder = _Encoder(3 + 2 * joints, widths)
        skips = [2 * w for w in widths] if self.config.warp else widths
        self.decoder = _Decoder(skips, widths, 4 if self.config.alpha else 3)
        for parameter in self.parameters():
            if parameter.ndim == 4:
                nn.init.xavier_uniform_(parameter)

    def forward(self, picture: Tensor, source: Tensor, target: Tensor) -> Tensor:
        """(B, 3 or 4, H, W) float32 in -1..1; the fourth channel is alpha."""
        return self.paint(self.encode(picture, source), target)

    def encode(self, picture: Tensor, source: Tensor) -> Encoded:
        """The part of the work that does not depend on the target pose."""
        layers = []
        if self.config.warp:
            layers = self.photo_encoder(self._input(picture, self._maps(source)))
        return Encoded(picture, source, layers)

    def paint(self, encoded: Encoded, target: Tensor) -> Tensor:
        """(B, 3 or 4, H, W) float32 in -1..1 for (B, 18, 3) target joints."""
        aim = self._maps(target)
        if self.config.warp:
            moved = self._deformed(encoded, target)
            poses = self.pose_encoder(self._input(aim))
            skips = [torch.cat(pair, 1) for pair in zip(moved, poses, strict=True)]
        else:
            seen = self._input(encoded.picture, self._maps(encoded.joints), aim)
            skips = self.photo_encoder(seen)
        return self.decoder(skips).float()

    def _maps(self, joints: Tensor) -> Tensor:
        return heat_maps(joints, self.config.height, self.config.width)

    def _input(self, *maps: Tensor) -> Tensor:
        weight = self.decoder.head.weight
        return torch.cat(maps, 1).to(weight.dtype, memory_format=torch.channels_last)

    def _deformed(self, encoded: Encoded, target: Tensor) -> list[Tensor]:
        layers = list(encoded.layers)
        with torch.autocast(target.device.type, enabled=False):
            affines = paper_affines(target.float(), encoded.joints.float())
        for level in range(min(_WARPED, len(layers))):
            lookups = self._lookups(affines, target, layers[level], 2**level)
            layers[level] = deformed(layers[level], lookups, self.config.combining)
        return layers

    def _lookups(self, affines: Tensor, target: Tensor, layer: Tensor, scale: int) -> Lookups:
        masks = paper_masks(target, layer.shape[2], layer.shape[3], scale)
        return look_up(affines, masks, scale, self.config.sampling)
