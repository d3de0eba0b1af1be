"""Pieces that several tables of the page share."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from trainer.metrics.figures import Figure
from trainer.report.numbers import number
from trainer.report.ruler import verdict
from trainer.report.tags import Content, el

MARKS = {"met": "\u2713 met", "missed": "\u2717 missed"}


def mark(figure: Figure) -> Element | None:
    """Whether the target is met, in colour and in words; nothing without a target."""
    if figure.met is None:
        return None
    how = verdict(figure)
    return el("span", MARKS[how], class_=f"mark {how}")


def baselines(figure: Figure) -> Element:
    """The baselines, one a line."""
    lines = [
        el("div", el("span", number(value)), el("span", name))
        for name, value in figure.baselines.items()
    ]
    return el("div", lines, class_="baselines")


def target(figure: Figure) -> str:
    """The target in words, with the number it comes to where the words do not tell."""
    if not figure.target_says:
        return ""
    limits = [number(limit) for limit in figure.target if limit is not None]
    told = any(character.isdigit() for character in figure.target_says)
    plain = told and "%" not in figure.target_says and "half" not in figure.target_says
    return figure.target_says if plain else f"{figure.target_says} ({' to '.join(limits)})"


_ARROWS = {"higher": "\u2191", "lower": "\u2193"}


def value(figure: Figure) -> Element:
    """The model's own figure, with an arrow to where better ones are."""
    arrow = el("span", _ARROWS.get(figure.better, ""), class_="arrow", title=direction(figure))
    return el("span", el("span", number(figure.value), class_="value"), arrow)


def direction(figure: Figure) -> str:
    """Which direction is better, in words; empty where it is a range."""
    return f"{figure.better} is better" if figure.better in _ARROWS else ""


def head(names: Sequence[str], right: Sequence[str] = ()) -> Element:
    """The first row of a table.

    Args:
        right: names of the columns of numbers.
    """
    cells = [el("th", name, class_="num" if name in right else "", scope="col") for name in names]
    return el("thead", el("tr", cells))


def wide(table: Element) -> Element:
    """A table that may be wider than the window."""
    return el("div", table, class_="scroll")


def terms(pairs: Sequence[tuple[str, Content]]) -> Element:
    """A list of terms with what they are; those without content are left out."""
    cells: list[Content] = []
    for name, content in pairs:
        if content is not None and content != "":
            cells += [el("dt", name), el("dd", content)]
    return el("dl", cells)
