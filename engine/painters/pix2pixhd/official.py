"""pix2pixHD's networks as published; parameters carry the names of the official checkpoints.

Wang et al., CVPR 2018, section 3. Reflection pads on 7x7 filters and residual blocks, zero pads on
strided and transposed convolutions, one normalisation after every convolution but the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from engine.errors import Unsupported
from engine.painters.layers import fit
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.network import NO_ENCODER, SceneNetwork
from engine.painters.pix2pixhd.walk import PLAIN, Walk

PAPER = "pix2pixhd-paper"
"""Architecture of published networks on cards."""
NormKind = Literal["instance", "batch"]


@dataclass(frozen=True)
class EncoderConfig:
    """Sizes of a published encoder.

    Attributes:
        pictures: channels of the pictures it reads.
        width: channels of its first layer (nef).
        downs: how often the picture is halved (n_downsample_E).
        norm: instance normalisation, or batch normalisation with stored statistics.
    """

    pictures: int = 3
    width: int = 16
    downs: int = 4
    norm: NormKind = "instance"


@dataclass(frozen=True)
class OfficialConfig:
    """Sizes of the published networks.

    Attributes:
        inputs: channels of the input.
        outputs: channels of the picture (output_nc).
        width: channels of the generator's first layer (ngf): of G1, or of the last enhancer.
        downs: how often G1 halves its input (n_downsample_global).
        blocks: residual blocks of G1 (n_blocks_global).
        enhancers: local enhancers (n_local_enhancers); 0 = G1 alone (netG global).
        local_blocks: residual blocks of each enhancer (n_blocks_local).
        norm: instance normalisation, or batch normalisation with stored statistics.
        encoder: None where only a generator was imported.
    """

    inputs: SceneInputs = SceneInputs(unlabelled=False)  # noqa: RUF009  (frozen)
    outputs: int = 3
    width: int = 64
    downs: int = 4
    blocks: int = 9
    enhancers: int = 0
    local_blocks: int = 3
    norm: NormKind = "instance"
    encoder: EncoderConfig | None = None


PAPER_GLOBAL = OfficialConfig(encoder=EncoderConfig())
"""Stage 1 of the paper, 1024 x 512."""
PAPER_LOCAL = OfficialConfig(width=32, enhancers=1, encoder=EncoderConfig())
"""Stage 2, 2048 x 1024."""


class InstanceNorm(nn.Module):
    """Normalisation over the picture, as the walk wants it."""

    def forward(self, x: Tensor, walk: Walk = PLAIN) -> Tensor:
        return walk.normalised(x)


class BatchNorm(nn.BatchNorm2d):
    """Stored statistics: the walk has no say."""

    def forward(self, input: Tensor, walk: Walk = PLAIN) -> Tensor:
        return super().forward(input)


Norm = InstanceNorm | BatchNorm


def _norm(kind: NormKind, channels: int) -> Norm:
    return BatchNorm(channels) if kind == "batch" else InstanceNorm()


class ResnetBlock(nn.Module):
    """Two 3x3 convolutions beside the identity; nothing after the sum."""

    def __init__(self, channels: int, norm: NormKind) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            _norm(norm, channels),
            nn.ReLU(inplace=True),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            _norm(norm, channels),
        )

    def forward(self, x: Tensor, walk: Walk = PLAIN) -> Tensor:
        return walk.between(x + _through(self.conv_block, x, walk))


def _through(layers: nn.Sequential, x: Tensor, walk: Walk) -> Tensor:
    """A sequence whose normalisations and blocks follow the walk; it rests after every ReLU."""
    for layer in layers:
        walk.rest()
        if isinstance(layer, Norm | ResnetBlock):
            x = layer(x, walk)
        elif isinstance(layer, nn.Conv2d):
            x = walk.convolved(x, layer)
        else:
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                x = walk.between(x)
    return x


def _seven(inputs: int, outputs: int) -> list[nn.Module]:
    return [nn.ReflectionPad2d(3), nn.Conv2d(inputs, outputs, 7)]


def _stem(inputs: int, outputs: int, norm: NormKind) -> list[nn.Module]:
    return [*_seven(inputs, outputs), _norm(norm, outputs), nn.ReLU(inplace=True)]


def _down(channels: int, norm: NormKind) -> list[nn.Module]:
    layer = nn.Conv2d(channels, 2 * channels, 3, 2, 1)
    return [layer, _norm(norm, 2 * channels), nn.ReLU(inplace=True)]


def _up(channels: int, norm: NormKind) -> list[nn.Module]:
    layer = nn.ConvTranspose2d(channels, channels // 2, 3, 2, 1, 1)
    return [layer, _norm(norm, channels // 2), nn.ReLU(inplace=True)]


def _hourglass(
    inputs: int, outputs: int, width: int, downs: int, blocks: int, norm: NormKind
) -> list[nn.Module]:
    """Down, residual blocks, up, and a picture: G1 and E."""
    widths = [width * 2**level for level in range(downs + 1)]
    layers = _stem(inputs, width, norm)
    for channels in widths[:-1]:
        layers += _down(channels, norm)
    layers += [ResnetBlock(widths[-1], norm) for _ in range(blocks)]
    for channels in reversed(widths[1:]):
        layers += _up(channels, norm)
    return [*layers, *_seven(width, outputs), nn.Tanh()]


class OfficialGenerator(nn.Module):
    """G1, or G1 without its last layer inside one or more local enhancers.

    `model` is G1; enhancer n, counted from the coarsest, is `model{n}_1` (down) and `model{n}_2`.
    """

    def __init__(self, config: OfficialConfig) -> None:
        super().__init__()
        self.enhancers = config.enhancers
        inputs, norm = config.inputs.channels, config.norm
        width = config.width * 2**config.enhancers
        whole = _hourglass(inputs, config.outputs, width, config.downs, config.blocks, norm)
        self.model = nn.Sequential(*(whole[:-3] if config.enhancers else whole))
        for n in range(1, config.enhancers + 1):
            width //= 2
            down = [*_stem(inputs, width, norm), *_down(width, norm)]
            up = [ResnetBlock(2 * width, norm) for _ in range(config.local_blocks)]
            up += _up(2 * width, norm)
            if n == config.enhancers:
                up += [*_seven(width, config.outputs), nn.Tanh()]
            self.add_module(f"model{n}_1", nn.Sequential(*down))
            self.add_module(f"model{n}_2", nn.Sequential(*up))

    def enhancer(self, n: int) -> tuple[nn.Sequential, nn.Sequential]:
        """Its way down and its way up; n from 1, the coarsest."""
        down, up = self.get_submodule(f"model{n}_1"), self.get_submodule(f"model{n}_2")
        return cast(nn.Sequential, down), cast(nn.Sequential, up)

    def forward(self, x: Tensor, walk: Walk = PLAIN) -> Tensor:
        """(B, outputs, H, W) in -1..1 of (B, inputs, H, W)."""
        sizes = [x]
        for _ in range(self.enhancers):
            sizes.append(F.avg_pool2d(sizes[-1], 3, 2, 1, count_include_pad=False))
        y = _through(self.model, sizes.pop(), walk)
        for n in range(1, self.enhancers + 1):
            down, up = self.enhancer(n)
            y = _through(up, _through(down, sizes.pop(), walk) + y, walk)
        return y


class OfficialEncoder(nn.Module):
    """E: a look a pixel."""

    def __init__(self, config: EncoderConfig, features: int) -> None:
        super().__init__()
        layers = _hourglass(config.pictures, features, config.width, config.downs, 0, config.norm)
        self.model = nn.Sequential(*layers)

    def forward(self, picture: Tensor) -> Tensor:
        """(B, features, H, W) in -1..1 of pictures (B, pictures, H, W) in -1..1."""
        return _through(self.model, picture, PLAIN)


class OfficialHd(SceneNetwork):
    """Both networks behind the interface that painters use."""

    def __init__(self, config: OfficialConfig = PAPER_GLOBAL) -> None:
        super().__init__()
        self.inputs = config.inputs
        self.stride = 2 ** max(config.downs + config.enhancers, _encoder_downs(config))
        self.generator = OfficialGenerator(config)
        read = config.encoder
        self.encoder = OfficialEncoder(read, config.inputs.features) if read else None
        self.apply(_published_start)

    def paint(self, x: Tensor, walk: Walk = PLAIN) -> Tensor:
        return self.generator(fit(x, next(self.generator.parameters())), walk).float()

    def features(self, picture: Tensor) -> Tensor:
        if self.encoder is None:
            raise Unsupported(NO_ENCODER)
        return self.encoder(fit(picture, next(self.encoder.parameters()))).float()


def assembled(config: OfficialConfig, tensors: Mapping[str, Tensor]) -> OfficialHd:
    """The networks with these weights, without a random start. Raises RuntimeError if they do not
    fit."""
    with torch.device("meta"):
        network = OfficialHd(config)
    network.load_state_dict(tensors, assign=True)
    return network


def folded(network: OfficialHd) -> OfficialHd:
    """The network, evaluated only, with batch normalisations made part of the filters before them:
    faster, and closer to the original in half precision."""
    network.eval()
    chains = [module for module in network.modules() if isinstance(module, nn.Sequential)]
    for chain in chains:
        for place, (layer, norm) in enumerate(pairwise(list(chain))):
            if isinstance(norm, BatchNorm) and isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                turned = isinstance(layer, nn.ConvTranspose2d)
                chain[place] = fuse_conv_bn_eval(layer, norm, transpose=turned)
                chain[place + 1] = nn.Identity()
    return network


def _encoder_downs(config: OfficialConfig) -> int:
    return config.encoder.downs if config.encoder else 0


def _published_start(layer: nn.Module) -> None:
    """N(0, 0.02) for every filter, N(1, 0.02) for scales."""
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(layer.weight, 0, 0.02)
    if isinstance(layer, BatchNorm):
        nn.init.normal_(layer.weight, 1, 0.02)
        nn.init.zeros_(layer.bias)
