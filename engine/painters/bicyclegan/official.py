"""BicycleGAN's networks as published, for checkpoints of the official code.

Sizes are fixed: the U-Net halves the picture until one pixel is left. Instance normalisation
without weights everywhere, none on the first and the innermost layer down.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import msgspec
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.card import Card
from engine.errors import ModelError, Unsupported
from engine.painters.base import Frame
from engine.painters.bicyclegan.network import Look, SketchNetwork
from engine.painters.bicyclegan.painter import BicyclePainter
from engine.runtime import Runtime
from engine.shapes.raster import canvas_frame
from engine.shapes.sketch import Sketch

_DROPPED = 4
"""First level whose layer up is followed by dropout; the innermost has none."""


@dataclass(frozen=True)
class EncoderConfig:
    """Sizes of a published encoder.

    Attributes:
        kind: residual blocks with mean pooling, or plain 4x4 convolutions.
        side: of the pictures it takes in pixels, 128 or 256.
        width: channels of its first layer (nef).
    """

    kind: Literal["resnet", "conv"] = "resnet"
    side: int = 256
    width: int = 64


@dataclass(frozen=True)
class OfficialConfig:
    """Sizes of the published networks.

    Attributes:
        inputs: channels of the sketch picture (input_nc).
        looks: numbers of a look vector (nz); 0 = pix2pix.
        width: channels of the generator's first layer (ngf).
        downs: how often the picture is halved: 7 for 128 px, 8 for 256 px.
        everywhere: whether z is given to every layer down (where_add all) or to the first only.
        bilinear: whether the way up enlarges and convolves, instead of transposed convolutions.
        encoder: None where only a generator was imported.
        dropout: share of values dropped between the innermost and the widest other layers up, in
            training only.
    """

    inputs: int = 1
    looks: int = 8
    width: int = 64
    downs: int = 8
    everywhere: bool = True
    bilinear: bool = False
    encoder: EncoderConfig | None = None
    dropout: float = 0.0

    @property
    def side(self) -> int:
        """Side of the pictures in pixels."""
        return 2**self.downs


class OfficialGenerator(nn.Module):
    """The U-Net; level 0 is the picture's own size."""

    def __init__(self, config: OfficialConfig) -> None:
        super().__init__()
        self.config = config
        widths = [config.width * min(2**level, 8) for level in range(config.downs)]
        added = [
            config.looks if config.everywhere or not level else 0 for level in range(len(widths))
        ]
        below = [config.inputs, *widths[:-1]]
        self.downs = nn.ModuleList(
            nn.Conv2d(channels + z, width, 4, 2, 1)
            for channels, z, width in zip(below, added, widths, strict=True)
        )
        outs = [3, *widths[:-1]]
        last = len(widths) - 1
        self.ups = nn.ModuleList(
            _up(width if level == last else 2 * width, out, config.bilinear)
            for level, (width, out) in enumerate(zip(widths, outs, strict=True))
        )

    def forward(self, sketch: Tensor, z: Tensor) -> Tensor:
        """(B, 3, S, S) from sketch pictures (B, inputs, S, S), all in -1..1, and z (B, looks)."""
        last = len(self.downs) - 1
        skips = [sketch]
        for level, down in enumerate(self.downs):
            x = skips[-1]
            if self.config.looks and (self.config.everywhere or not level):
                x = torch.cat([x, z[..., None, None].expand(-1, -1, *x.shape[2:]).to(x.dtype)], 1)
            x = down(F.leaky_relu(x, 0.2) if level else x)
            skips.append(x if level in (0, last) else F.instance_norm(x))
        x = skips.pop()
        for level in range(last, 0, -1):
            x = F.instance_norm(self._up(level, x))
            if _DROPPED <= level < last:
                x = F.dropout(x, self.config.dropout, self.training)
            x = torch.cat([x, self._skip(skips.pop())], 1)
        return torch.tanh(self._up(0, x).float())

    def _up(self, level: int, x: Tensor) -> Tensor:
        x = F.relu(x)
        if self.config.bilinear:
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            x = F.pad(x, (1, 1, 1, 1), "reflect")
        return self.ups[level](x)

    def _skip(self, x: Tensor) -> Tensor:
        """The published code of the input-only form activates in place what it later skips."""
        return x if self.config.everywhere else F.leaky_relu(x, 0.2)


def _up(inputs: int, outputs: int, bilinear: bool) -> nn.Module:
    if bilinear:
        return nn.Conv2d(inputs, outputs, 3)
    return nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)


class _Block(nn.Module):
    """Residual block of the encoder, at half the size afterwards."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, inputs, 3, 1, 1)
        self.second = nn.Conv2d(inputs, outputs, 3, 1, 1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(F.leaky_relu(F.instance_norm(x), 0.2))
        y = self.second(F.leaky_relu(F.instance_norm(y), 0.2))
        return F.avg_pool2d(y, 2) + self.shortcut(F.avg_pool2d(x, 2))


class _Plain(nn.Module):
    """4x4 convolution of the encoder, at half the size afterwards."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.instance_norm(self.first(F.leaky_relu(x, 0.2)))


class OfficialEncoder(nn.Module):
    """E(picture), whose last map is 8 x 8."""

    def __init__(self, config: EncoderConfig, looks: int) -> None:
        super().__init__()
        steps = range(config.side.bit_length() - 4)
        grows = steps if config.kind == "resnet" else (2**step - 1 for step in steps)
        widths = [config.width * min(grow + 1, 4) for grow in grows]
        block = _Block if config.kind == "resnet" else _Plain
        self.stem = nn.Conv2d(3, widths[0], 4, 2, 1)
        self.blocks = nn.ModuleList(block(a, b) for a, b in pairwise(widths))
        self.mean = nn.Linear(widths[-1], looks)
        self.spread = nn.Linear(widths[-1], looks)

    def forward(self, picture: Tensor) -> Look:
        """The look of (B, 3, side, side) in -1..1."""
        x = self.stem(picture)
        for block in self.blocks:
            x = block(x)
        pooled = F.leaky_relu(x, 0.2).mean((2, 3))
        return Look(self.mean(pooled), self.spread(pooled))


class OfficialGan(SketchNetwork):
    """Both networks behind the interface that painters use."""

    def __init__(self, config: OfficialConfig) -> None:
        super().__init__()
        self.config, self.looks = config, config.looks
        self.generator = OfficialGenerator(config)
        self.encoder = OfficialEncoder(config.encoder, config.looks) if config.encoder else None

    def read(self, sketch: Tensor) -> list[Tensor]:
        """The picture (B, inputs, S, S) in -1..1: black lines on white."""
        picture = (1 - 2 * sketch).expand(-1, self.config.inputs, -1, -1)
        return [picture.to(next(self.generator.parameters()).dtype)]

    def paint(self, features: list[Tensor], z: Tensor) -> Tensor:
        return self.generator(features[0], z)

    def encode(self, picture: Tensor) -> Look:
        """The looks of pictures in -1..1. Raises Unsupported where there is no encoder."""
        if self.encoder is None or self.config.encoder is None:
            raise Unsupported(
                "This model cannot read looks from photos; import its encoder too (latest_net_E)."
            )
        side = self.config.encoder.side
        if picture.shape[2:] != (side, side):
            picture = F.interpolate(picture, (side, side), mode="bilinear", antialias=True)
        look = self.encoder(picture.to(self.encoder.stem.weight.dtype))
        return Look(look.mean.float(), look.spread.float())


class OfficialPainter(BicyclePainter):
    """Published networks see the whole canvas, as they would in the published program."""

    def frame_of(self, sketch: Sketch) -> Frame:
        return canvas_frame(sketch.size)


def load(card: Card, tensors: dict[str, Tensor], runtime: Runtime) -> BicyclePainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    try:
        network = OfficialGan(msgspec.convert(card.config, OfficialConfig))
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError, msgspec.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    return OfficialPainter(card, network, runtime)
