"""How figures are written for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def number(value: float) -> str:
    """About three figures that matter; a true minus."""
    return ("\u2212" if value < 0 else "") + _plain(abs(value))


def signed(value: float) -> str:
    """A difference, with its sign."""
    return ("+" if value > 0 else "") + number(value)


def _plain(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    if value >= 2:
        return f"{value:.2f}"
    if value >= 0.1 or value == 0:
        return f"{value:.3f}"
    if value >= 0.001:
        return f"{value:.4f}"
    return f"{value:.6f}".rstrip("0") if value >= 1e-6 else f"{value:.0e}"


def spent_on(times: Sequence[Mapping[str, Any]]) -> str:
    """What measuring took: of models as in times.json."""
    wall, processor = (sum(each[name] for each in times) for name in ("wall", "processor"))
    return f"{seconds(processor)} of processor time; step after step {seconds(wall)} by the clock"


def seconds(value: float) -> str:
    """A time."""
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
