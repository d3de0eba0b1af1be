"""The papers' orderings: which methods win when all are trained small, equally long."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

from engine.errors import GuiseError, InputError
from engine.files import read_limited
from trainer.metrics.figures import Figure
from trainer.report.compare import Compared, of_figure
from trainer.report.measured import Measured

FILE = "orderings.json"
VERSION = 1
_LARGEST = 10_000_000
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


class _File(msgspec.Struct, frozen=True):
    version: int
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
    file = folder / FILE
    if not file.is_file():
        raise InputError(
            f"{folder} has no {FILE}; name the folder of `guise train orderings` with --orderings."
        )
    try:
        found = msgspec.json.decode(read_limited(file, _LARGEST), type=_File)
    except msgspec.DecodeError as error:
        raise InputError(f"{file} is no list of orderings ({error}).") from None
    if found.version != VERSION:
        raise InputError(
            f"{file} is of version {found.version}, this Guise reads version {VERSION}; run "
            "`guise train orderings` again."
        )
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
    figures = []
    for name, model in ((claim.better, better), (claim.worse, worse)):
        figure = _figure(model, claim.figure)
        if figure is None or model is None:
            reason = _missing(name, model, claim.figure)
            return Outcome(claim=claim, title=claim.figure, verdict="not measured", reason=reason)
        figures.append(figure)
    assert better is not None and worse is not None
    mine, theirs = figures
    values = (mine.value, theirs.value)
    found = of_figure(better, worse, claim.figure)
    if isinstance(found, Compared):
        return Outcome(
            claim=claim,
            title=mine.title,
            verdict=_VERDICTS[found.winner],
            values=values,
            compared=found,
        )
    if mine.cases or theirs.cases or mine.better == "between":
        return Outcome(
            claim=claim,
            title=mine.title,
            verdict="not measured",
            values=values,
            reason=found.reason,
        )
    up = mine.better == "higher"
    verdict: Verdict = "holds" if (mine.value > theirs.value) == up else "reversed"
    return Outcome(
        claim=claim, title=mine.title, verdict=verdict, values=values, reason=found.reason
    )


def _figure(model: Measured | None, identifier: str) -> Figure | None:
    found = () if model is None else model.figures
    return next((figure for figure in found if figure.id == identifier), None)


def _missing(name: str, model: Measured | None, identifier: str) -> str:
    if model is None:
        return f"{name} could not be measured"
    gaps = [gap for gap in model.gaps if identifier.startswith(gap.id)]
    return f"{name}: {gaps[0].reason}" if gaps else f"{name} has no such figure"
