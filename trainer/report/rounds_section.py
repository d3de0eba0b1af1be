"""What the page tells of the quality round: which changes help, by how much."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from trainer.report.numbers import number, seconds, signed
from trainer.report.rounds import Change, Measured, Round, Verdict
from trainer.report.rows import head, wide
from trainer.report.ruler import interval
from trainer.report.tags import Content, el

_MARKS: dict[Verdict, tuple[str, str]] = {
    "helps": ("met", "\u2713 helps"),
    "harms": ("missed", "\u2717 harms"),
    "within chance": ("open", "within chance"),
    "one seed": ("open", "one seed: chance not known"),
}
_INTRO = (
    "Each bundled model's recipe, made small, and single changes of it, all trained for the same "
    "processor time. A difference counts if it is larger than two standard errors of what another "
    "seed makes."
)
_COLUMNS = ("change", "pictures seen", "without", "with", "difference", "", "chance", "verdict")
_RIGHT = _COLUMNS[1:5] + _COLUMNS[6:7]


def rounds_section(rounds: Sequence[Round]) -> Element:
    """Every round that has measured a change, and which have not."""
    told = [one for one in rounds if any(measure.changes for measure in one.measures)]
    rest = [one.id for one in rounds if one not in told]
    parts: list[Content] = [el("h2", "What helps"), el("p", _INTRO)]
    parts += [_round(one) for one in told]
    if rest:
        parts.append(el("p", f"No change was measured yet of: {', '.join(rest)}.", class_="muted"))
    return el("section", parts, id="rounds")


def _round(one: Round) -> Element:
    spent = [value for each in one.cpu_seconds.values() for value in each]
    about = f"{one.pictures}, {seconds(min(spent))} to {seconds(max(spent))} of processor time each"
    parts: list[Content] = [el("h3", one.id), el("p", about, class_="muted small")]
    for measure in one.measures:
        if measure.changes:
            parts += [el("p", f"{measure.says}, {measure.better} is better"), _table(one, measure)]
    return el("div", parts, id=f"rounds.{one.id}")


def _table(one: Round, measure: Measured) -> Element:
    reach = max(abs(change.difference) + (change.chance or 0) for change in measure.changes)
    rows = [_row(one, change, reach or 1.0) for change in measure.changes]
    return wide(el("table", head(_COLUMNS, _RIGHT), el("tbody", rows)))


def _row(one: Round, change: Change, reach: float) -> Element:
    colour, word = _MARKS[change.verdict]
    chance = change.chance or 0.0
    low, high = change.difference - chance, change.difference + chance
    numbers = (
        f"{one.images.get(change.name, 0):,}",
        number(change.without),
        number(change.changed),
        signed(change.difference),
    )
    known = "\u2013" if change.chance is None else f"\u00b1{number(chance)}"
    return el(
        "tr",
        el("td", change.name),
        [el("td", text, class_="num") for text in numbers],
        el("td", interval(low, change.difference, high, reach, colour)),
        el("td", known, class_="num"),
        el("td", el("span", word, class_=f"mark {colour}")),
    )
