"""What the page tells of the papers' orderings on our packs."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from trainer.metrics.figures import Figure
from trainer.report.compare_section import difference
from trainer.report.numbers import number, signed
from trainer.report.orderings import Outcome, Ranking
from trainer.report.rows import direction, head, wide
from trainer.report.tags import Content, el

_MARKS = {
    "holds": ("met", "\u2713 holds"),
    "reversed": ("missed", "\u2717 reversed"),
    "undecided": ("open", "undecided"),
    "not measured": ("open", "not measured"),
}

_COUNTED = {
    "holds": "hold",
    "reversed": "reversed",
    "undecided": "undecided",
    "not measured": "not measured",
}


def rankings_section(rankings: Sequence[Ranking]) -> Element:
    """Every group."""
    outcomes = [outcome for ranking in rankings for outcome in ranking.outcomes]
    counts = {name: sum(one.verdict == name for one in outcomes) for name in _MARKS}
    said = ", ".join(f"{count} {_COUNTED[name]}" for name, count in counts.items() if count)
    intro = (
        "The methods that the papers compare, trained small and equally long on our packs. An "
        "ordering holds or is reversed where the 95 % interval of the paired difference leaves "
        f"out zero. Of {len(outcomes)} orderings: {said}."
    )
    groups = [_group(ranking) for ranking in rankings]
    return el("section", el("h2", "The papers' orderings"), el("p", intro), groups, id="orderings")


def _group(ranking: Ranking) -> Element:
    group = ranking.group
    about = ", ".join(text for text in (group.paper, f"pack {group.pack}", group.pictures,
                                        group.budget) if text)  # fmt: skip
    parts: list[Content] = [el("h3", group.title), el("p", about, class_="muted small")]
    parts += [_outcome(outcome) for outcome in ranking.outcomes]
    if not ranking.outcomes:
        parts.append(el("p", "No paper compares these; the figures stand side by side."))
    parts.append(_figures(ranking))
    return el("div", parts, id=f"orderings.{group.id}")


def _outcome(outcome: Outcome) -> Element:
    colour, word = _MARKS[outcome.verdict]
    drawn = difference(outcome.compared) if outcome.compared else None
    claim = el("div", outcome.claim.text, el("div", _told(outcome), class_="muted small"), drawn)
    return el("div", el("span", word, class_=f"mark {colour}"), claim, class_="claim")


def _told(outcome: Outcome) -> str:
    """The figures behind a verdict."""
    claim = outcome.claim
    if outcome.values is None:
        return f"{outcome.title}: {outcome.reason}."
    better, worse = (number(value) for value in outcome.values)
    said = f"{outcome.title}: {claim.better} {better}, {claim.worse} {worse}"
    found = outcome.compared
    if found is None:
        return f"{said}; no interval: {outcome.reason}."
    return (
        f"{said}; difference {signed(found.difference)}, 95 % interval {signed(found.low)} to "
        f"{signed(found.high)}; {claim.better} wins in {found.wins:.1%} of resamples; "
        f"n = {found.n}."
    )


def _figures(ranking: Ranking) -> Element:
    """Models side by side, the best of each figure bold."""
    names = [entry.name for entry in ranking.entries]
    rows = [_trained(ranking)]
    for identifier in _shared(ranking):
        found = [_of(ranking, name, identifier) for name in names]
        rows.append(_row(found))
    missing = [el("li", f"{entry.name}: {entry.reason}") for entry in ranking.entries
               if entry.measured is None]  # fmt: skip
    table = el("table", head(("figure", *names, "n", "judge"), (*names, "n")), el("tbody", rows))
    return el("div", wide(table), el("ul", missing) if missing else None)


def _trained(ranking: Ranking) -> Element:
    cells = [el("td", f"{entry.images:,}", class_="num muted") for entry in ranking.entries]
    said = el("td", "pictures seen in training", class_="muted")
    return el("tr", said, cells, el("td"), el("td"))


def _shared(ranking: Ranking) -> list[str]:
    """Figures that two or more of the models have."""
    ids = [f.id for entry in ranking.entries if entry.measured for f in entry.measured.figures]
    return [name for name in dict.fromkeys(ids) if ids.count(name) > 1]


def _of(ranking: Ranking, name: str, identifier: str) -> Figure | None:
    for entry in ranking.entries:
        if entry.name == name and entry.measured is not None:
            return next((f for f in entry.measured.figures if f.id == identifier), None)
    return None


def _row(found: Sequence[Figure | None]) -> Element:
    known = [figure for figure in found if figure is not None]
    one = known[0]
    values = [figure.value for figure in known]
    best = {"higher": max(values), "lower": min(values)}.get(one.better)
    cells = [
        el("td", "\u2013" if f is None else el("b" if f.value == best else "span", number(f.value)),
           class_="num")
        for f in found
    ]  # fmt: skip
    says = el("div", direction(one), class_="muted small")
    title = el("td", el("span", one.title, title=one.protocol), says)
    return el("tr", title, cells, el("td", str(one.n), class_="num"),
              el("td", one.judge, class_="small muted"))  # fmt: skip
