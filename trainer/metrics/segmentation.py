"""Mean intersection over union and accuracy of label maps, as a table of confusions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
"""(N, N) pixels: row = true class, column = found class."""


@dataclass(frozen=True)
class Agreement:
    """How well found labels agree with the true ones; pixels without a true label do not count.

    Attributes:
        miou: mean over classes of intersection over union, classes that never occur left out.
        accuracy: share of pixels that are right.
        by_class: intersection over union by class.
    """

    miou: float
    accuracy: float
    by_class: dict[int, float]


def confusion(truth: NDArray[np.integer], found: NDArray[np.integer], classes: int) -> Counts:
    """Pixels by true and found class; true ids outside 0..classes-1 are left out."""
    known = (truth >= 0) & (truth < classes)
    pairs = truth[known].astype(np.int64) * classes + found[known]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def agreement(counts: Counts) -> Agreement:
    """Figures of summed confusions."""
    right = np.diag(counts)
    union = counts.sum(0) + counts.sum(1) - right
    there = counts.sum(1) > 0
    by_class = {int(n): float(right[n] / union[n]) for n in np.flatnonzero(there)}
    total = counts.sum()
    return Agreement(
        float(np.mean(list(by_class.values()))) if by_class else 0.0,
        float(right.sum() / total) if total else 0.0,
        by_class,
    )
