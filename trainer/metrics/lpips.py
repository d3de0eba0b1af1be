"""LPIPS with AlexNet: a learnt distance of two pictures (Zhang et al., CVPR 2018)."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import InputError
from trainer.metrics.classifiers import fill, read_weights, sha256

ID = "lpips-alex"
Pixels = NDArray[np.uint8]
_FEATURES = "features."
_TAPS = (1, 4, 7, 9, 11)
"""The five ReLUs of AlexNet's features."""
_HEADS = tuple(f"lin{n}.model.1.weight" for n in range(5))
_SHIFT = torch.tensor([-0.030, -0.088, -0.188])[:, None, None]
_SCALE = torch.tensor([0.458, 0.448, 0.450])[:, None, None]


class Lpips:
    """The frozen network.

    Args:
        trunk: torchvision's AlexNet weights.
        heads: linear heads; None = those of version 0.1 that come with torchmetrics.
        version: "0.1", or "0.0", which does not bring its input to ImageNet's scale.

    Attributes:
        about: for reports.

    Raises:
        InputError: a file is missing or holds something else.
    """

    def __init__(self, trunk: Path, heads: Path | None, version: str) -> None:
        from torchvision.models import alexnet

        if heads is None and version != "0.1":
            raise InputError("Name the heads of LPIPS 0.0 with --lpips; torchmetrics has 0.1's.")
        heads = heads or _bundled_heads()
        with torch.device("meta"):
            layers = alexnet(weights=None).features
        own = {
            name.removeprefix(_FEATURES): value
            for name, value in read_weights(trunk, "AlexNet").items()
            if name.startswith(_FEATURES)
        }
        network = fill(layers, own, trunk, "AlexNet")
        state = read_weights(heads, "LPIPS (AlexNet)")
        if set(_HEADS) - state.keys():
            raise InputError(f"{heads} holds no LPIPS (AlexNet) weights.")
        self._network, self._weights = network, [state[name] for name in _HEADS]
        self._scaled = version == "0.1"
        self.about = {
            "name": f"LPIPS {version}, AlexNet",
            "weights_sha256": sha256(trunk),
            "file": trunk.name,
            "heads_sha256": sha256(heads),
            "heads": heads.name,
        }

    @torch.inference_mode()
    def consecutive(self, pictures: Sequence[Pixels]) -> list[float]:
        """Distances of each picture to the next; all (H, W, 3) of one size."""
        seen = self._seen(pictures)
        return [
            sum(
                float((w[0] * (level[a] - level[b]).square()).sum(0).mean())
                for w, level in zip(self._weights, seen, strict=True)
            )
            for a, b in pairwise(range(len(pictures)))
        ]

    def _seen(self, pictures: Sequence[Pixels]) -> list[Tensor]:
        """Five (N, C, h, w) maps, unit length over the channels."""
        x = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1
        if self._scaled:
            x = (x - _SHIFT) / _SCALE
        taps = []
        for n, layer in enumerate(self._network.children()):
            x = layer(x)
            if n in _TAPS:
                taps.append(x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10))
        return taps


def _bundled_heads() -> Path:
    package = importlib.util.find_spec("torchmetrics")
    for folder in (package.submodule_search_locations if package else None) or []:
        file = Path(folder) / "functional" / "image" / "lpips_models" / "alex.pth"
        if file.is_file():
            return file
    raise InputError("This torchmetrics has no heads of LPIPS; name a file with --lpips.")
