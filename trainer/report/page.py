"""The report as one HTML page that stands alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from trainer.report import bootstrap
from trainer.report.compare import Comparison, rivals
from trainer.report.compare_section import compare_section
from trainer.report.headline import headline, missed
from trainer.report.judges import judges_section
from trainer.report.measured import Measured, file_name
from trainer.report.model_section import model_section
from trainer.report.numbers import spent_on
from trainer.report.orderings_section import rankings_section
from trainer.report.results import Results
from trainer.report.rounds_section import rounds_section
from trainer.report.rows import terms
from trainer.report.style import CSS
from trainer.report.tags import el, page

Times = Mapping[str, Mapping[str, Any]]
_INTRO = (
    "Measured on held-out data. Every figure names its protocol, its judge and how many cases it "
    "is of; simpler answers to the same question stand beside it as baselines. \u2191 higher is "
    "better, \u2193 lower is better; green bands are targets, ticks are baselines, dots are the "
    "models."
)
_FEW = "A first look at few cases of everything: nothing here is to be quoted."


def render(results: Results, folder: Path, times: Times) -> str:
    """The page.

    Args:
        folder: of the report, for the contact sheets.
        times: as in times.json.
    """
    models = results.models
    pairs = rivals(models)
    sections: list[Element | None] = [_headline(models), missed(models)]
    if pairs:
        sections.append(_pairs(pairs, models))
    if results.orderings:
        sections.append(rankings_section(results.orderings))
    if results.rounds:
        sections.append(rounds_section(results.rounds))
    for model in models:
        sheets = folder / "sheets" / file_name(model.id)
        sections.append(model_section(model, sheets, times.get(model.id, {})))
    everything = [*models, *_contestants(results)]
    sections += [judges_section(everything), _how(results, times)]
    return page(
        _document(
            "How good the models are",
            _header(results),
            _links(results, bool(pairs)),
            el("main", sections),
        )
    )


def comparison_page(found: Sequence[Comparison], titles: Mapping[str, str]) -> str:
    """A page of comparisons alone."""
    tables = [compare_section(one, titles) for one in found]
    header = el("header", el("h1", "Two models, the same cases"), el("p", bootstrap.PROTOCOL))
    return page(_document("Two models, the same cases", header, el("main", tables)))


def _document(title: str, *body: Element) -> Element:
    top = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", f"Guise: {title[0].lower()}{title[1:]}"),
        el("style", CSS),
    )
    return el("html", top, el("body", body), lang="en")


def _header(results: Results) -> Element:
    figures = [figure for model in results.models for figure in model.figures]
    judged = [figure.met for figure in figures if figure.met is not None]
    counts = [
        (f"{sum(judged)} of {len(judged)}", "targets met"),
        (str(len(figures)), "figures"),
        (str(len(results.models)), "models"),
        (str(sum(len(model.gaps) for model in results.models)), "gaps, each with its reason"),
    ]
    tally = [
        el("div", el("b", number), el("span", what, class_="muted")) for number, what in counts
    ]
    return el(
        "header",
        el("h1", "How good the models are"),
        el("p", _INTRO, class_="muted"),
        el("p", _FEW, class_="mark missed") if results.cases == "few" else None,
        el("div", tally, class_="tally"),
    )


def _links(results: Results, pairs: bool) -> Element:
    places = [("headline", "Headline")]
    places += [("missed", "Targets missed")] if missed(results.models) is not None else []
    places += [("pairs", "Side by side")] if pairs else []
    places += [("orderings", "The papers' orderings")] if results.orderings else []
    places += [("rounds", "What helps")] if results.rounds else []
    places += [(model.id, model.title) for model in results.models]
    places += [("judges", "Judges"), ("how", "How it was measured")]
    links = [el("a", name, href=f"#{place}") for place, name in places]
    return el("nav", el("div", links), aria_label="Sections")


def _headline(models: Sequence[Measured]) -> Element:
    return el("section", el("h2", "Headline", class_="first"), headline(models), id="headline")


def _pairs(pairs: Sequence[Comparison], models: Sequence[Measured]) -> Element:
    titles = {model.id: model.title for model in models}
    intro = f"Models of one kind on the same cases: {bootstrap.PROTOCOL}."
    tables = [compare_section(pair, titles) for pair in pairs]
    return el(
        "section", el("h2", "Side by side"), el("p", intro, class_="muted"), tables, id="pairs"
    )


def _contestants(results: Results) -> list[Measured]:
    entries = [entry for ranking in results.orderings for entry in ranking.entries]
    return [entry.measured for entry in entries if entry.measured is not None]


def _how(results: Results, times: Times) -> Element:
    spent = spent_on(list(times.values()))
    said = [(name, text) for name, text in results.versions.items()]
    about = terms([("command", el("code", results.command)), ("took", spent), *said])
    note = (
        "The same command on the same machine gives the same report.json byte for byte; times are "
        "in times.json. Figures of each case, from which intervals are drawn, are in report.json."
    )
    return el("section", el("h2", "How it was measured"), about, el("p", note), id="how")
