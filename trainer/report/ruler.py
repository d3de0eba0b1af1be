"""A small drawing of where a figure lies among its baselines and its target."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from trainer.metrics.figures import Figure
from trainer.report.numbers import number
from trainer.report.tags import el

WIDTH, HEIGHT = 168, 22
_PAD = 7
_MIDDLE = HEIGHT / 2


def span(figure: Figure) -> tuple[float, float]:
    """What the ruler reaches over: the value, the baselines and the target, with some room."""
    known = [figure.value, *figure.baselines.values()]
    known += [limit for limit in figure.target if limit is not None]
    low, high = min(known), max(known)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return low - room, high + room


def ruler(figure: Figure) -> Element:
    """The target as a band, baselines as ticks, the value as a dot."""
    low, high = span(figure)

    def x(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(_PAD + share * (WIDTH - 2 * _PAD), 1)

    parts = [el("line", class_="axis", x1=_PAD, x2=WIDTH - _PAD, y1=_MIDDLE, y2=_MIDDLE)]
    if figure.met is not None:
        start, end = figure.target
        left = _PAD if start is None else x(start)
        right = WIDTH - _PAD if end is None else x(end)
        band = el("rect", class_="band", x=left, y=3, width=max(right - left, 1), height=HEIGHT - 6)
        parts.insert(0, _named(band, f"target: {figure.target_says}"))
    for name, value in figure.baselines.items():
        tick = el("line", class_="tick", x1=x(value), x2=x(value), y1=5, y2=HEIGHT - 5)
        parts.append(_named(tick, f"{name}: {number(value)}"))
    dot = el("circle", class_=f"dot {verdict(figure)}", cx=x(figure.value), cy=_MIDDLE, r=5)
    parts.append(_named(dot, f"{figure.title}: {number(figure.value)}"))
    return _drawing(parts)


def verdict(figure: Figure) -> str:
    """met, missed or open."""
    return {True: "met", False: "missed", None: "open"}[figure.met]


def interval(low: float, mean: float, high: float, reach: float, side: str) -> Element:
    """A difference with its interval about a dotted zero.

    Args:
        reach: how far the ruler goes to either side, > 0.
        side: met, missed or open: the colour.
    """

    def x(value: float) -> float:
        share = min(max(value / reach, -1), 1)
        return round(WIDTH / 2 + share * (WIDTH / 2 - _PAD), 1)

    zero = el("line", class_="zero", x1=x(0), x2=x(0), y1=2, y2=HEIGHT - 2)
    whisker = el("line", class_="whisker", x1=x(low), x2=x(high), y1=_MIDDLE, y2=_MIDDLE)
    dot = el("circle", class_=f"dot {side}", cx=x(mean), cy=_MIDDLE, r=5)
    return _drawing([zero, whisker, dot])


def _drawing(parts: list[Element]) -> Element:
    return el(
        "svg",
        parts,
        class_="ruler",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        role="img",
    )


def _named(shape: Element, title: str) -> Element:
    shape.append(el("title", title))
    return shape
