"""EfficientNet-Lite0 without its classifier: the encoder of the person reader.

Tan & Le, "EfficientNet", ICML 2019, section 4; the Lite variant has ReLU6 and no
squeeze-and-excitation. Its published ImageNet weights fit. Normalisation is folded into one gain
and one bias per channel, so that what it computes never depends on the batch.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STEM = 32
STAGES: tuple[tuple[int, int, int, int, int], ...] = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
"""Lite0's stages: expansion, channels, blocks, stride, kernel."""


class FixedDepthwise(torch.autograd.Function):
    """Depthwise convolution with odd kernel k, padding k // 2 and weights that do not learn.

    The gradient of the input is itself a depthwise convolution with the flipped kernel (of the
    gradient spread out with zeros, if strided); written so, it runs about ten times faster on CPUs
    than the built-in backward pass.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.stride, ctx.shape = stride, x.shape
        pad = weight.shape[-1] // 2
        return F.conv2d(x, weight, bias, stride, pad, groups=weight.shape[0])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, Tensor, None]:
        (weight,), grad = ctx.saved_tensors, grads[0]
        spread = grad
        if ctx.stride > 1:
            spread = grad.new_zeros(ctx.shape[0], grad.shape[1], *ctx.shape[2:])
            spread = spread.contiguous(memory_format=torch.channels_last)
            spread[:, :, :: ctx.stride, :: ctx.stride] = grad
        pad = weight.shape[-1] // 2
        back = F.conv2d(spread, weight.flip(2, 3), None, 1, pad, groups=weight.shape[0])
        return back, None, grad.sum((0, 2, 3)), None


class Conv(nn.Module):
    """Convolution with one gain and bias per output channel and an optional ReLU6."""

    def __init__(
        self,
        inside: int,
        outside: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        act: bool = True,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outside, inside // groups, kernel, kernel))
        self.gain = nn.Parameter(torch.ones(outside))
        self.bias = nn.Parameter(torch.zeros(outside))
        self.stride, self.groups, self.act = stride, groups, act
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu" if act else "linear")

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight * self.gain[:, None, None, None]
        if self.groups > 1 and not weight.requires_grad:
            weight, bias = weight.to(x.dtype), self.bias.to(x.dtype)
            y = FixedDepthwise.apply(x, weight, bias, self.stride)
        else:
            pad = self.weight.shape[-1] // 2
            y = F.conv2d(x, weight, self.bias, self.stride, pad, groups=self.groups)
        return F.hardtanh(y, 0.0, 6.0) if self.act else y


class Inverted(nn.Module):
    """Expand, depthwise, project; with a shortcut where shapes allow it."""

    def __init__(self, inside: int, outside: int, expand: int, stride: int, kernel: int) -> None:
        super().__init__()
        wide = inside * expand
        layers = [Conv(inside, wide, 1)] if expand > 1 else []
        layers += [Conv(wide, wide, kernel, stride, wide), Conv(wide, outside, 1, act=False)]
        self.layers = nn.Sequential(*layers)
        self.shortcut = stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        y = self.layers(x)
        return x + y if self.shortcut else y


class Encoder(nn.Module):
    """EfficientNet-Lite0 without its classifier; features at 1/2, 1/4, 1/8, 1/16 and 1/32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv(3, STEM, 3, 2)
        blocks: list[nn.Module] = []
        self.taps: list[int] = []
        self.widths: list[int] = []
        inside = STEM
        for expand, outside, count, stride, kernel in STAGES:
            if stride == 2:
                self._tap(len(blocks) - 1, inside)
            for i in range(count):
                blocks.append(Inverted(inside, outside, expand, stride if i == 0 else 1, kernel))
                inside = outside
        self._tap(len(blocks) - 1, inside)
        self.blocks = nn.ModuleList(blocks)

    def _tap(self, block: int, width: int) -> None:
        self.taps.append(block)
        self.widths.append(width)

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x)
        features = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in self.taps:
                features.append(x)
        return features


def from_lite0(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The encoder's parameters out of a published EfficientNet-Lite0 state dict.

    Batch normalisation in evaluation mode is y = (x - mean) / sqrt(var + 1e-3) * gamma + beta; it
    becomes gain = gamma / sqrt(var + 1e-3) and bias = beta - mean * gain.

    Raises:
        KeyError: a tensor that the encoder needs is not there.
    """
    out: dict[str, Tensor] = {}

    def take(target: str, conv: str, norm: str) -> None:
        gain = weights[f"{norm}.weight"] * (weights[f"{norm}.running_var"] + 1e-3).rsqrt()
        out[f"encoder.{target}.weight"] = weights[f"{conv}.weight"]
        out[f"encoder.{target}.gain"] = gain
        out[f"encoder.{target}.bias"] = (
            weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
        )

    take("stem", "_conv_stem", "_bn0")
    for i in range(sum(stage[2] for stage in STAGES)):
        names = [("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")]
        if f"_blocks.{i}._expand_conv.weight" in weights:
            names.insert(0, ("_expand_conv", "_bn0"))
        for j, (conv, norm) in enumerate(names):
            take(f"blocks.{i}.layers.{j}", f"_blocks.{i}.{conv}", f"_blocks.{i}.{norm}")
    return out
