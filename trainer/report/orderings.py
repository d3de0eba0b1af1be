"""The papers' orderings: which methods win when all are trained small, equally long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import GuiseError
from trainer.metrics.figures import Figure, Gap
from trainer.report.compare import Compared, of_figure
from trainer.report.measured import Measured
from trainer.report.tables import Table, read_table

Verdict = Literal["holds", "reversed", "undecided", "not measured"]
_VERDICTS: dict[str, Verdict] = {"A": "holds", "B": "reversed", "": "undecided"}


class Contestant(msgspec.Struct, frozen=True, kw_only=True):
    """A method as `guise train orderings` trained it.

    Attributes:
        name: as the paper calls it.
        path: of the model, below the folder.
        images: seen in training.
        cpu_seconds: spent on it.
    """

    name: str
    path: str
    images: int = 0
    cpu_seconds: float = 0.0


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a paper says of two methods, and the figure that shows it."""

    text: str
    better: str
    worse: str
    figure: str


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Methods trained on one pack for the same time."""

    id: str
    title: str
    paper: str
    pack: str
    models: list[Contestant]
    pictures: str = ""
    budget: str = ""
    claims: list[Claim] = []


class _Table(Table, frozen=True, kw_only=True):
    groups: list[Group]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A method of a group with what was measured of it; without, the reason."""

    name: str
    images: int
    cpu_seconds: float
    measured: Measured | None = None
    reason: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A claim on our pack.

    Attributes:
        verdict: `undecided` if the interval of the difference holds zero.
        compared: the better method as A; None where the figure is no mean over cases.
        reason: why there is no verdict, or no interval.
    """

    claim: Claim
    title: str
    verdict: Verdict
    values: tuple[float, float] | None = None
    compared: Compared | None = None
    reason: str = ""


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """A group, measured."""

    group: Group
    entries: list[Entry]
    outcomes: list[Outcome]


def read(folder: Path) -> list[Group]:
    """The groups that `guise train orderings` has trained so far, their paths made whole.

    Raises:
        InputError: no such folder, or it holds something else.
    """
    found = read_table(folder, "orderings", _Table)
    return [_whole(group, folder) for group in found.groups]


def _whole(group: Group, folder: Path) -> Group:
    models = [
        msgspec.structs.replace(model, path=str(folder / model.path)) for model in group.models
    ]
    return msgspec.structs.replace(group, models=models)


def ranked(group: Group, measure: Callable[[Contestant], Measured]) -> Ranking:
    """Every method measured, and every claim looked at.

    Args:
        measure: InputError or ModelError if it cannot.
    """
    entries = [_entry(contestant, measure) for contestant in group.models]
    known = {entry.name: entry.measured for entry in entries}
    outcomes = [outcome(claim, known.get(claim.better), known.get(claim.worse))
                for claim in group.claims]  # fmt: skip
    local = [msgspec.structs.replace(model, path=Path(model.path).name) for model in group.models]
    return Ranking(
        group=msgspec.structs.replace(group, models=local), entries=entries, outcomes=outcomes
    )


def _entry(contestant: Contestant, measure: Callable[[Contestant], Measured]) -> Entry:
    entry = Entry(
        name=contestant.name, images=contestant.images, cpu_seconds=contestant.cpu_seconds
    )
    try:
        return msgspec.structs.replace(entry, measured=measure(contestant))
    except GuiseError as error:
        return msgspec.structs.replace(entry, reason=str(error))


def outcome(claim: Claim, better: Measured | None, worse: Measured | None) -> Outcome:
    """Whether a claim holds on our pack; without cases by the values alone."""
    mine, theirs = (_figure(model, claim.figure) for model in (better, worse))
    if better is None or worse is None or mine is None or theirs is None:
        name, model = (claim.better, better) if mine is None else (claim.worse, worse)
        reason = _missing(name, model, claim.figure)
        return Outcome(claim=claim, title=claim.figure, verdict="not measured", reason=reason)
    found = of_figure(better, worse, claim.figure)
    compared = found if isinstance(found, Compared) else None
    return Outcome(
        claim=claim,
        title=mine.title,
        verdict=_VERDICTS[compared.winner] if compared else _by_values(mine, theirs),
        values=(mine.value, theirs.value),
        compared=compared,
        reason=found.reason if isinstance(found, Gap) else "",
    )


def _by_values(mine: Figure, theirs: Figure) -> Verdict:
    """Of figures that are no means over cases; those that are must be compared case by case."""
    if mine.cases or theirs.cases or mine.better == "between":
        return "not measured"
    if mine.value == theirs.value:
        return "undecided"
    return "holds" if (mine.value > theirs.value) == (mine.better == "higher") else "reversed"


def _figure(model: Measured | None, identifier: str) -> Figure | None:
    found = () if model is None else model.figures
    return next((figure for figure in found if figure.id == identifier), None)


def _missing(name: str, model: Measured | None, identifier: str) -> str:
    if model is None:
        return f"{name} could not be measured"
    gaps = [gap for gap in model.gaps if identifier.startswith(gap.id)]
    return f"{name}: {gaps[0].reason}" if gaps else f"{name} has no such figure"
