"""Scores of sets of pictures: Inception score and Fréchet distance, from what a network saw."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SPLITS = 10
"""Parts of a set that the Inception score is averaged over, as published."""
ENOUGH = 100
"""Pictures from which a set is split; fewer are scored as one."""


class Score(NamedTuple):
    """Mean and standard deviation over the splits."""

    mean: float
    deviation: float
    splits: int


def inception_score(chances: Floats) -> Score:
    """exp of the mean Kullback-Leibler divergence of each picture's classes from those of all.

    Salimans et al., NIPS 2016, section 4: in SPLITS parts in the order given, then the mean of
    their scores. Between 1 (all alike) and the number of classes (or of pictures in a part).

    Args:
        chances: (N, K) class probabilities, rows sum to 1; N of two or more.
    """
    splits = SPLITS if len(chances) >= ENOUGH else 1
    scores = [_score(part) for part in np.array_split(chances, splits)]
    return Score(float(np.mean(scores)), float(np.std(scores)), splits)


def _score(part: Floats) -> float:
    least = np.finfo(np.float64).tiny
    each, both = np.log(np.maximum(part, least)), np.log(np.maximum(part.mean(0), least))
    return float(np.exp((part * (each - both)).sum(1).mean()))


def frechet_distance(first: Floats, second: Floats) -> float:
    """Distance of the normal distributions fitted to (N, D) and (M, D) features; 0 = alike.

    Heusel et al., NIPS 2017, equation 6: |m - n|^2 + tr(A + B - 2 (A B)^(1/2)). With A = X'X and
    B = Y'Y of centred features, the trace of the root is the sum of the singular values of X Y',
    which is exact for rank-deficient covariances (fewer pictures than features) too. With few
    pictures the distance is biased upwards: compare only sets of the same sizes.
    """
    difference = first.mean(0) - second.mean(0)
    x, y = _root(first), _root(second)
    both = np.linalg.svd(x @ y.T, compute_uv=False).sum()
    return float(difference @ difference + (x**2).sum() + (y**2).sum() - 2 * both)


def _root(features: Floats) -> Floats:
    """X of at most D rows with X'X = the covariance of (N, D) features."""
    centred = (features - features.mean(0)) / np.sqrt(len(features) - 1)
    if len(centred) <= centred.shape[1]:
        return centred
    return np.asarray(np.linalg.qr(centred, mode="r"), np.float64)
