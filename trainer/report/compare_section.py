"""What the page tells of two models over the same cases."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from trainer.report.compare import Compared, Comparison
from trainer.report.numbers import number, signed
from trainer.report.rows import head, wide
from trainer.report.ruler import interval
from trainer.report.tags import el


def compare_section(found: Comparison, titles: Mapping[str, str]) -> Element:
    """A table with an interval a figure, and what could not be compared.

    Args:
        titles: of models, by id.
    """
    a, b = (titles.get(str(side["id"]), str(side["id"])) for side in (found.a, found.b))
    if a == b:
        a, b = f"{a} (A)", f"{b} (B)"
    columns = ("figure", a, b, "difference", "", "95 % interval", f"{a} wins", "n", "judge")
    right = (a, b, "difference", f"{a} wins", "n")
    rows = [_row(row, a, b) for row in found.rows]
    parts: list[Element] = [el("h3", f"{a} against {b}")]
    parts.append(wide(el("table", head(columns, right), el("tbody", rows))))
    if found.refused:
        items = [el("li", el("code", gap.id), f" {gap.reason}") for gap in found.refused]
        many = f"not compared: {len(items)}"
        parts.append(el("details", el("summary", many), el("ul", items)))
    return el("div", parts)


def _row(row: Compared, a: str, b: str) -> Element:
    told = el("details", el("summary", "protocol"), el("p", row.protocol))
    winner = {"A": f"{a} is better", "B": f"{b} is better", "": "undecided"}[row.winner]
    return el(
        "tr",
        el("td", row.title, told),
        el("td", _strong(row.a, row.winner == "A"), class_="num"),
        el("td", _strong(row.b, row.winner == "B"), class_="num"),
        el("td", signed(row.difference), class_="num"),
        el("td", difference(row)),
        el("td", f"{signed(row.low)} to {signed(row.high)}", el("div", winner, class_="muted"),
           class_="small"),
        el("td", f"{row.wins:.1%}", class_="num"),
        el("td", str(row.n), class_="num"),
        el("td", row.judge, class_="small muted"),
    )  # fmt: skip


def difference(row: Compared) -> Element:
    """The interval as a drawing; the side of zero on which A is better is coloured as met."""
    reach = max(abs(row.low), abs(row.high), abs(row.difference), 1e-12) * 1.15
    colour = {"A": "met", "B": "missed", "": "open"}[row.winner]
    return interval(row.low, row.difference, row.high, reach, colour)


def _strong(value: float, wins: bool) -> Element:
    return el("b" if wins else "span", number(value))
