"""How sure the difference of two means over the same cases is: the paired bootstrap."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 1979
LEVEL = 0.95
PROTOCOL = (
    f"mean difference over the common cases; {RESAMPLES:,} paired resamples of the cases with "
    f"replacement, seed {SEED}; {LEVEL:.0%} percentile interval; a resample without difference "
    "counts half for each"
)
_BLOCK = 2_000_000
"""Drawn indices held at once."""


class Difference(NamedTuple):
    """A's mean less B's, over the same cases.

    Attributes:
        n: cases.
        mean: of A - B.
        low, high: ends of the 95 % interval.
        wins: share of resamples in which A is better, 0..1.
    """

    n: int
    mean: float
    low: float
    high: float
    wins: float

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def paired(
    a: NDArray[np.floating],
    b: NDArray[np.floating],
    better: Literal["higher", "lower"],
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Difference:
    """Compare (N,) values of two models on the same N cases (Efron and Tibshirani 1993, 13.3).

    Args:
        better: which direction is better.

    Raises:
        ValueError: no cases, or shapes that differ.
    """
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError("paired cases are needed")
    apart = a.astype(np.float64) - b.astype(np.float64)
    means = _resampled_means(apart, resamples, np.random.default_rng(seed))
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    won = means > 0 if better == "higher" else means < 0
    wins = won.mean() + (means == 0).mean() / 2
    return Difference(len(apart), float(apart.mean()), float(low), float(high), float(wins))


def _resampled_means(
    values: NDArray[np.float64], resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(resamples,) means of as many values drawn with replacement."""
    rows = max(_BLOCK // len(values), 1)
    blocks = [
        values[rng.integers(0, len(values), (min(rows, resamples - start), len(values)))].mean(1)
        for start in range(0, resamples, rows)
    ]
    return np.concatenate(blocks)
