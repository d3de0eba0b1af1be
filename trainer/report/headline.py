"""The table that a reader sees first: every figure that has a target, model by model."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from trainer.metrics.figures import Figure
from trainer.report.measured import Measured
from trainer.report.numbers import number
from trainer.report.rows import baselines, head, mark, target, value, wide
from trainer.report.ruler import ruler
from trainer.report.tags import el

COLUMNS = ("figure", "value", "", "", "baselines", "target", "n", "judge")
_UNAIMED = 2
"""Figures shown of a model that has no targets."""


def headline_figures(model: Measured) -> list[Figure]:
    """Those with a target, each once; of a model without any, the first two.

    A paper's protocol and a measure of ours that look at the same cases with the same judge find
    the same value; the protocol's is shown.
    """
    aimed = {_seen(figure): figure for figure in model.figures if figure.met is not None}
    return list(aimed.values()) or model.figures[:_UNAIMED]


def _seen(figure: Figure) -> tuple[str, int, float, str]:
    whole = figure.value.is_integer()  # 0 and 1 are found by chance, too
    return figure.judge, figure.n, round(figure.value, 5), figure.id if whole else ""


def headline(models: Sequence[Measured]) -> Element:
    """The table; the names of figures lead to the sections of their models."""
    rows = [row for model in models for row in _rows(model)]
    return wide(el("table", head(COLUMNS, ("value", "n")), el("tbody", rows), class_="headline"))


def _rows(model: Measured) -> list[Element]:
    link = el("a", model.title, href=f"#{model.id}")
    told = (model.id, model.model.get("architecture", ""), met(model))
    about = el("span", ", ".join(text for text in told if text))
    rows = [el("tr", el("td", link, about, colspan=len(COLUMNS)), class_="group")]
    figures = headline_figures(model)
    if not figures:
        says = "Not measured here; its section quotes what its card says."
        rows.append(el("tr", el("td", says, colspan=len(COLUMNS), class_="muted")))
    return rows + [_row(model, figure) for figure in figures]


def met(model: Measured) -> str:
    """How many targets a model met; empty if it has none."""
    judged = [figure.met for figure in model.figures if figure.met is not None]
    return f"{sum(judged)} of {len(judged)} targets met" if judged else ""


def missed(models: Sequence[Measured]) -> Element | None:
    """What fell short, model by model, with the target; None if nothing did."""
    items = [
        el("li", el("a", f"{model.title}: {figure.title}", href=f"#{anchor(model, figure)}"),
           f" {number(figure.value)}, wanted: {target(figure)}")
        for model in models
        for figure in headline_figures(model)
        if figure.met is False
    ]  # fmt: skip
    if not items:
        return None
    return el("section", el("h2", "Targets missed", class_="first"), el("ul", items), id="missed")


def _row(model: Measured, figure: Figure) -> Element:
    told = el("details", el("summary", "protocol"), el("p", figure.protocol))
    title = el("a", figure.title, href=f"#{anchor(model, figure)}", title=figure.protocol)
    return el("tr", el("td", title, told, class_="title"), cells(figure))


def cells(figure: Figure) -> list[Element]:
    """Everything of a row but its title."""
    return [
        el("td", value(figure), class_="num"),
        el("td", mark(figure)),
        el("td", ruler(figure)),
        el("td", baselines(figure)),
        el("td", target(figure), class_="small target"),
        el("td", str(figure.n), class_="num"),
        el("td", figure.judge, class_="small muted"),
    ]


def anchor(model: Measured, figure: Figure) -> str:
    """Where a figure's own paragraph is."""
    return f"{model.id}.{figure.id}"
