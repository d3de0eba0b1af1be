"""The paired bootstrap against closed forms and against every resample that there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from trainer.report.bootstrap import paired


def test_the_interval_of_many_normal_cases_is_that_of_the_normal_mean():
    rng = np.random.default_rng(0)
    b = rng.normal(5, 3, 2_000)
    a = b + rng.normal(0.02, 0.5, 2_000)
    found = paired(a, b, "higher")
    mean, error = (a - b).mean(), (a - b).std() / np.sqrt(2_000)
    assert found.mean == pytest.approx(mean)
    assert found.low == pytest.approx(mean - 1.96 * error, abs=0.06 * error)
    assert found.high == pytest.approx(mean + 1.96 * error, abs=0.06 * error)
    from math import erf, sqrt

    assert found.wins == pytest.approx(0.5 + erf(mean / error / sqrt(2)) / 2, abs=0.01)


@pytest.mark.parametrize("apart", [[1.0, -2.0, 0.5], [3.0, -1.0, -1.0, 0.25]])
def test_few_cases_agree_with_every_resample(apart: list[float]):
    b = np.linspace(1, 2, len(apart))
    found = paired(b + np.array(apart), b, "lower", resamples=200_000)
    every = np.array([np.mean(drawn) for drawn in itertools.product(apart, repeat=len(apart))])
    wins = (every < -1e-12).mean() + (np.abs(every) < 1e-12).mean() / 2
    assert found.wins == pytest.approx(wins, abs=0.005)
    assert found.low == pytest.approx(np.quantile(every, 0.025, method="inverted_cdf"), abs=1e-9)
    assert found.high == pytest.approx(np.quantile(every, 0.975, method="inverted_cdf"), abs=1e-9)


def test_the_direction_decides_who_wins():
    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0])
    assert paired(a, b, "lower").wins == 1 and paired(a, b, "higher").wins == 0
    assert paired(a, b, "lower").sure and paired(a, b, "lower").high == -1


def test_equal_models_tie():
    same = np.array([0.2, 0.4, 0.9])
    found = paired(same, same, "higher")
    assert (found.mean, found.low, found.high, found.wins) == (0, 0, 0, 0.5)
    assert not found.sure


def test_the_same_seed_gives_the_same_interval_whatever_the_blocks(monkeypatch):
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=50), rng.normal(size=50)
    first = paired(a, b, "higher")
    monkeypatch.setattr("trainer.report.bootstrap._BLOCK", 700)
    assert paired(a, b, "higher") == first


@pytest.mark.parametrize(("a", "b"), [([], []), ([1.0], [1.0, 2.0])])
def test_unpaired_cases_are_refused(a: list[float], b: list[float]):
    with pytest.raises(ValueError, match="paired"):
        paired(np.array(a), np.array(b), "higher")
