"""A chart's axes: which part of the values is shown, where, and the round numbers on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

_WIDE = 30.0
"""Values that differ by more are told apart on a logarithmic scale only."""
_USUAL = 98.0
"""Percentile of the values that an axis shows: the first losses may be enormous."""


@dataclass(frozen=True)
class Axis:
    """A range of values, and how they lie on it.

    Attributes:
        log: equal ratios, instead of equal differences, are equally far apart.
    """

    low: float
    high: float
    log: bool = False

    def share(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where values lie: 0 = low end, 1 = high end; those outside lie outside."""
        if not self.log:
            return (values - self.low) / (self.high - self.low)
        bottom, top = log10(self.low), log10(self.high)
        return (np.log10(np.maximum(values, 1e-30)) - bottom) / (top - bottom)

    def marks(self, most: int) -> list[float]:
        """Round numbers on the axis, at most so many."""
        if self.log:
            return self._powers(most)
        step = round_step((self.high - self.low) / max(most, 1))
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [n * step for n in range(first, last + 1)]

    def _powers(self, most: int) -> list[float]:
        powers = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        for digits in ((1, 2, 5), (1, 3), (1,)):
            found = [d * 10.0**p for p in powers for d in digits]
            found = [value for value in found if self.low <= value <= self.high]
            if len(found) <= most:
                return found
        return found[:: ceil(len(found) / max(most, 1))]


def round_step(at_least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is no smaller."""
    power = 10.0 ** floor(log10(at_least))
    return next(n * power for n in (1, 2, 5, 10) if n * power >= at_least * (1 - 1e-9))


def spread(curves: Sequence[NDArray[np.float64]]) -> bool:
    """Whether curves are so far apart that a logarithmic axis shows them better."""
    middles = [float(np.median(curve)) for curve in curves if len(curve)]
    positive = [m for m in middles if m > 0]
    return len(positive) == len(middles) > 1 and max(positive) > _WIDE * min(positive)


def fitted(curves: Sequence[NDArray[np.float64]], log: bool) -> Axis:
    """An axis on which curves fill the height; (0, 1) without any."""
    values = np.concatenate([*curves, np.empty(0)])
    if log:
        values = values[values > 0]
    if not len(values):
        return Axis(0.1 if log else 0.0, 1.0, log)
    low = float(values.min())
    high = max(float(np.percentile(curve, _USUAL)) for curve in curves if len(curve))
    high = max(high, low)
    if log:
        return Axis(low / 1.15, max(high, low * 1.5) * 1.15, True)
    margin = (high - low) * 0.06 or max(abs(high), 1.0) * 0.1
    return Axis(0.0 if 0 <= low < margin * 2 else low - margin, high + margin)


def short(value: float) -> str:
    """A number in few letters, as 0.083, 12.4, 3.2k."""
    if abs(value) >= 1e4:
        return f"{value / 1e3:.3g}k" if abs(value) < 1e6 else f"{value:.1e}"
    if value and abs(value) < 1e-3:
        return f"{value:.0e}"
    return f"{value:.3g}" if abs(value) < 1e3 else f"{value:.0f}"
