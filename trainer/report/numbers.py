"""How figures are written for people."""

from __future__ import annotations


def number(value: float) -> str:
    """About three figures that matter."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 2 else f"{value:.3f}"


def signed(value: float) -> str:
    """A difference, with its sign; a true minus."""
    return ("+" if value > 0 else "\u2212" if value < 0 else "") + number(abs(value))


def seconds(value: float) -> str:
    """A time."""
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
