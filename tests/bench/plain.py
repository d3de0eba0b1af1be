"""What published codes have in common: fp32, NCHW, and a VGG that reads both pictures."""

from __future__ import annotations

import argparse
import copy
import os
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tests.bench.bicyclegan import in_turns
from trainer.networks.perceptual import Perceptual


class PlainVgg(nn.Module):
    """The VGG of a perceptual loss, computed in NCHW."""

    def __init__(self, perceptual: Perceptual) -> None:
        super().__init__()
        trunk: Any = copy.deepcopy(perceptual.trunk)
        self.trunk = trunk.to(memory_format=torch.contiguous_format)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """Features of (B, 3, H, W) RGB in 0..1, one tensor a tap."""
        trunk: Any = self.trunk
        found = []
        x = rgb.flip(1) * 255 if trunk._bgr else rgb
        x = (x - trunk.mean) / trunk.std
        for name, conv in zip(trunk.names, trunk.convs, strict=True):
            if name.endswith("_1") and name != "relu1_1":
                x = F.max_pool2d(x, 2, 2, ceil_mode=True)
            x = F.relu(conv(x))
            if name in trunk.taps:
                found.append(x)
        return found


def options(about: str | None) -> argparse.ArgumentParser:
    """Options that every bench of a training has."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--data", required=True, help="folder of the data")
    parser.add_argument("--perceptual", required=True, help="VGG-19, or HED's VGG-16: a file")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--busy", action="store_true", help="processor instead of wall seconds")
    return parser


def compared(what: str, ways: list[Callable[[], object]], args: argparse.Namespace) -> None:
    """Time the published order, ours in fp32 and ours in bf16 in turns, and print."""
    seconds, gains = in_turns(ways, args)
    clock = "processor" if args.busy else "wall"
    print(f"{what}, {args.threads} thread(s), load {os.getloadavg()[0]:.1f}, {clock} time")
    names = ("published order, fp32", "ours, fp32", "ours, bf16")
    for name, time, gain in zip(names, seconds, [1.0, *gains], strict=True):
        print(f"{name:<24} {time:7.2f} s a step, gain {gain:.2f}")
