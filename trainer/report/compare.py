"""Two models over the cases that both were measured on: who wins, and how surely."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, cast

import msgspec
import numpy as np
from rich.table import Table

from engine.errors import InputError
from trainer.metrics.figures import Figure, Gap
from trainer.report import bootstrap
from trainer.report.bootstrap import paired
from trainer.report.measured import Measured
from trainer.report.numbers import number, signed

_COMMON = 0.5
"""Share of the cases that both must have been measured on."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of two models.

    Attributes:
        id, title, judge, better, protocol: of the figure.
        n: common cases.
        a, b: means over them.
        difference, low, high, wins: see :class:`trainer.report.bootstrap.Difference`.
    """

    id: str
    title: str
    judge: str
    better: Literal["higher", "lower"]
    protocol: str
    n: int
    a: float
    b: float
    difference: float
    low: float
    high: float
    wins: float

    @property
    def winner(self) -> Literal["A", "B", ""]:
        """Who is better; empty where the interval holds zero."""
        if self.low <= 0 <= self.high:
            return ""
        return "A" if (self.difference > 0) == (self.better == "higher") else "B"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two models.

    Attributes:
        a, b: what a report says of them.
        rows: figures compared.
        refused: figures that cannot be, and why.
        protocol: how.
    """

    a: dict[str, Any]
    b: dict[str, Any]
    rows: list[Compared]
    refused: list[Gap]
    protocol: str = bootstrap.PROTOCOL


class _Refused(Exception):
    """Why a figure is not compared."""


def compare(a: Measured, b: Measured) -> Comparison:
    """Every figure that both models have; those that cannot be compared with a reason."""
    names = list(dict.fromkeys(figure.id for model in (a, b) for figure in model.figures))
    found = [of_figure(a, b, name) for name in names]
    return Comparison(
        a=a.model,
        b=b.model,
        rows=[one for one in found if isinstance(one, Compared)],
        refused=[one for one in found if isinstance(one, Gap)],
    )


def of_figure(a: Measured, b: Measured, identifier: str) -> Compared | Gap:
    """One figure of both models, or why it cannot be compared."""
    try:
        return _compared(*(_Side(model, _figure(model, identifier)) for model in (a, b)))
    except _Refused as reason:
        return Gap(id=identifier, reason=str(reason))


class _Side(NamedTuple):
    model: Measured
    figure: Figure

    @property
    def judge(self) -> str | None:
        """SHA-256 of the judge's weights."""
        return self.model.judges.get(self.figure.judge, {}).get("weights_sha256")


def _figure(model: Measured, identifier: str) -> Figure:
    for figure in model.figures:
        if figure.id == identifier:
            return figure
    raise _Refused(f"{model.title} has none")


def _compared(a: _Side, b: _Side) -> Compared:
    mine, theirs = a.figure, b.figure
    _check(a, b)
    names = [name for name in mine.cases if name in theirs.cases]
    if len(names) < _COMMON * mine.n:  # names may recur in other data by chance
        raise _Refused("the two were measured on different cases")
    first, second = (np.array([f.cases[name] for name in names]) for f in (mine, theirs))
    better = cast(Literal["higher", "lower"], mine.better)
    found = paired(first, second, better)
    return Compared(
        id=mine.id,
        title=mine.title,
        judge=mine.judge,
        better=better,
        protocol=mine.protocol,
        n=found.n,
        a=float(first.mean()),
        b=float(second.mean()),
        difference=found.mean,
        low=found.low,
        high=found.high,
        wins=found.wins,
    )


def _check(a: _Side, b: _Side) -> None:
    mine, theirs = a.figure, b.figure
    sides = a.model.model.get("side"), b.model.model.get("side")
    if sides[0] != sides[1]:
        raise _Refused(f"one was measured at {sides[0]} px, the other at {sides[1]} px")
    if mine.judge != theirs.judge:
        raise _Refused(f"the judges differ: {mine.judge} and {theirs.judge}")
    if a.judge != b.judge:
        raise _Refused(f"the weights of the judge {mine.judge} differ")
    if mine.n != theirs.n:
        raise _Refused(f"one is of {mine.n} cases, the other of {theirs.n}")
    if mine.protocol != theirs.protocol:
        raise _Refused("the protocols differ")
    if mine.better == "between":
        raise _Refused("neither higher nor lower is better")
    if not mine.cases or not theirs.cases:
        raise _Refused("it is no mean over cases, so cases cannot be drawn anew")


def compared(a: Sequence[Measured], b: Sequence[Measured]) -> list[Comparison]:
    """One model with one, or the models of the same name of two reports.

    Raises:
        InputError: nothing to compare.
    """
    if len(a) == 1 and len(b) == 1:
        both = [(a[0], b[0])]
    else:
        theirs = {model.id: model for model in b}
        both = [(model, theirs[model.id]) for model in a if model.id in theirs]
    if not both:
        raise InputError("The two reports have no model of the same name; name one model of each.")
    found = [compare(*pair) for pair in both]
    if not any(one.rows for one in found):
        raise InputError(_nothing(found[0]))
    return found


def _nothing(found: Comparison) -> str:
    names = f"{found.a['id']} and {found.b['id']}"
    told = [gap for gap in found.refused if not gap.reason.endswith(" has none")]
    if not told:
        return f"{names} have no figure in common, so there is nothing to compare."
    return f"No figure of {names} can be compared; {told[0].id}: {told[0].reason}."


def rivals(models: Iterable[Measured]) -> list[Comparison]:
    """Every two models of a report that have figures to compare."""
    pairs = itertools.combinations(models, 2)
    found = [compare(*pair) for pair in pairs if _alike(*pair)]
    return [one for one in found if one.rows]


def _alike(a: Measured, b: Measured) -> bool:
    return a.card.get("shape") == b.card.get("shape")


def table(found: Comparison) -> Table:
    """The comparison, for people."""
    a, b = found.a["id"], found.b["id"]
    if a == b:
        a, b = f"{a} (A)", f"{b} (B)"
    shown = Table(title=f"{a} against {b}")
    for name in ("figure", a, b, "difference", "95 % interval", "A wins", "n", "judge"):
        shown.add_column(name)
    for row in found.rows:
        shown.add_row(
            row.title,
            number(row.a),
            number(row.b),
            signed(row.difference),
            f"{signed(row.low)} to {signed(row.high)}",
            f"{row.wins:.1%}",
            str(row.n),
            row.judge,
        )
    return shown
