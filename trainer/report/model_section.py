"""What the page tells of one model: every figure with its protocol, gaps, sheets, the card."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from trainer.metrics.figures import Figure
from trainer.report.headline import COLUMNS, anchor, cells, met
from trainer.report.measured import Measured
from trainer.report.numbers import number, spent_on
from trainer.report.rows import head, terms, wide
from trainer.report.tags import el

_HARDEST = 5
"""Cases that are named."""
_SHOWN = 30
"""Entries of a figure's details; longer tables are in report.json."""


def model_section(model: Measured, sheets: Path, times: Mapping[str, Any]) -> Element:
    """The section.

    Args:
        sheets: folder of this model's contact sheets; those that are gone are left out.
        times: seconds of this model, as in times.json.
    """
    parts = [el("h2", model.title), el("p", model.card.get("summary", ""), class_="muted")]
    if met(model):
        parts.append(el("p", met(model)))
    if model.figures:
        rows = [row for figure in model.figures for row in _rows(model, figure)]
        parts.append(wide(el("table", head(COLUMNS, ("value", "n")), el("tbody", rows))))
    else:
        parts.append(el("p", "Nothing was measured here. Its card says:"))
        parts.append(_card_metrics(model))
    parts += _gaps(model)
    parts += [_sheet(sheets / f"{name}.jpg", name) for name in model.sheets]
    parts.append(el("h3", "The model"))
    parts.append(_about(model, times))
    return el("section", parts, id=model.id)


def _rows(model: Measured, figure: Figure) -> list[Element]:
    """The figure, and below it, over the whole width, how it was made."""
    told = [el("p", figure.protocol, class_="protocol"), *_published(figure), _detail(figure)]
    title = el("td", figure.title, class_="title")
    return [
        el("tr", title, cells(figure), id=anchor(model, figure), class_="figure"),
        el("tr", el("td", told, colspan=len(COLUMNS)), class_="told"),
    ]


def _published(figure: Figure) -> list[Element]:
    """What papers say, by source: other data, so no baseline."""
    by_place: dict[tuple[str, str], list[str]] = {}
    for quoted in figure.published:
        said = by_place.setdefault((quoted.source, quoted.data), [])
        said.append(f"{quoted.method} {quoted.value:g}")
    if not by_place:
        return []
    lines = [
        el("div", f"{data}: {', '.join(said)} ({source})")
        for (source, data), said in by_place.items()
    ]
    note = "Published on other data, which cannot be compared with this figure:"
    return [el("div", el("div", note), lines, class_="published")]


def _detail(figure: Figure) -> Element | None:
    lines = _flat(figure.detail) + _hardest(figure)
    if not lines:
        return None
    rest = [el("li", f"and {len(lines) - _SHOWN} more in report.json")]
    items = [el("li", f"{name}: {text}") for name, text in lines[:_SHOWN]]
    more = rest if len(lines) > _SHOWN else []
    return el("details", el("summary", "details"), el("ul", items, more))


def _hardest(figure: Figure) -> list[tuple[str, str]]:
    """The cases in which the model is worst; all of them are in report.json."""
    if not figure.cases or figure.better == "between":
        return []
    worst = sorted(figure.cases.items(), key=lambda case: case[1], reverse=figure.better == "lower")
    said = ", ".join(f"{name} {number(value)}" for name, value in worst[:_HARDEST])
    return [(f"hardest of {len(figure.cases)} cases", said)]


def _flat(found: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for name, content in found.items():
        if isinstance(content, Mapping):
            lines += _flat(content, f"{before}{name}, ")
        else:
            shown = number(content) if isinstance(content, float) else str(content)
            lines.append((f"{before}{name}", shown))
    return lines


def _card_metrics(model: Measured) -> Element:
    rows = []
    for name, said in model.card.get("metrics", {}).items():
        text = said.get("value") if isinstance(said, Mapping) else said
        how = said.get("protocol", "") if isinstance(said, Mapping) else ""
        shown = number(text) if isinstance(text, float) else str(text)
        rows.append(el("tr", el("td", name), el("td", shown, class_="num"),
                       el("td", how, class_="small muted")))  # fmt: skip
    return wide(el("table", head(("figure", "value", "protocol"), ("value",)), el("tbody", rows)))


def _gaps(model: Measured) -> list[Element]:
    if not model.gaps:
        return []
    items = [el("li", el("code", gap.id), f" {gap.reason}") for gap in model.gaps]
    return [el("h3", "Not measured"), el("ul", items, class_="small")]


def _sheet(file: Path, name: str) -> Element | None:
    if not file.is_file():
        return None
    data = base64.b64encode(file.read_bytes()).decode()
    said = f"Contact sheet: {name}"
    picture = el("img", src=f"data:image/jpeg;base64,{data}", alt=said, loading="lazy")
    return el("figure", el("figcaption", said), picture)


def _about(model: Measured, times: Mapping[str, Any]) -> Element:
    card = model.card
    spent = ""
    if times:
        spent = spent_on([times])
    return terms(
        [
            ("Weights, SHA-256", el("code", model.model.get("weights_sha256", "not read"))),
            ("Architecture", f"{model.model.get('architecture', '')}, {card.get('side', '')} px"),
            ("Measured on", model.model.get("runtime", "")),
            ("Trained on", card.get("data", "")),
            ("Terms", card.get("terms", "")),
            ("Commercial use", "yes" if card.get("commercial") else "no"),
            ("Trained with", el("code", card["command"]) if card.get("command") else ""),
            ("Measuring took", spent),
        ]
    )
