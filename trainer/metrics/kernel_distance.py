"""How far a set of pictures is from a set of photos: KID with the judge's features.

Binkowski et al., ICLR 2018: the squared maximum mean discrepancy under a cubic kernel, unbiased.
Theirs are Inception's pooled features; here they are the judge's, brought to one scale.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.metrics.features import FeatureJudge

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
PROTOCOL = (
    "KID-style: unbiased squared MMD under the kernel (x.y / d + 1)^3 of EfficientNet-Lite0 "
    "features (unit means of five levels), each standardised by the held-out photos; not "
    "comparable with published KID"
)


class KernelDistance:
    """Distances to one set of photos.

    Args:
        photos: two or more.
    """

    def __init__(self, photos: Sequence[Pixels], judge: FeatureJudge) -> None:
        self._judge = judge
        raw = np.stack([judge.summary(photo) for photo in photos]).astype(np.float64)
        self._mean, self._spread = raw.mean(0), raw.std(0) + 1e-6
        self._photos = (raw - self._mean) / self._spread

    def to(self, pictures: Sequence[Pixels]) -> float:
        """Distance of two or more pictures; around 0 for further photos of the same kind."""
        seen = np.stack([self._judge.summary(picture) for picture in pictures])
        return squared_mmd((seen - self._mean) / self._spread, self._photos)


def squared_mmd(first: Floats, second: Floats) -> float:
    """Unbiased estimate for (N, D) and (M, D) samples under the cubic kernel."""
    return _within(first) + _within(second) - 2 * float(_kernel(first, second).mean())


def _within(sample: Floats) -> float:
    kernel = _kernel(sample, sample)
    count = len(sample)
    return float((kernel.sum() - kernel.trace()) / (count * (count - 1)))


def _kernel(first: Floats, second: Floats) -> Floats:
    return (first @ second.T / first.shape[1] + 1) ** 3
