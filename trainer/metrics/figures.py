"""One measured figure with everything that is needed to believe it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of one model.

    Attributes:
        id: stable name, e.g. "mirror.feature_distance".
        title: for people.
        protocol: what was done, in a sentence or two.
        judge: id of the network (or formula) that judged.
        n: how many cases the value is a mean of.
        value: the model's own figure.
        baselines: the same figure of simpler answers, by name.
        better: which direction is better, or "between" for a range.
        target: the limits that `value` must keep: (low, high), None = open.
        target_says: the target in words.
        detail: further figures that explain the value.
    """

    id: str
    title: str
    protocol: str
    judge: str
    n: int
    value: float
    better: Literal["higher", "lower", "between"]
    baselines: dict[str, float] = {}
    target: tuple[float | None, float | None] = (None, None)
    target_says: str = ""
    detail: dict[str, Any] = {}

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target."""
        low, high = self.target
        if low is None and high is None:
            return None
        return (low is None or self.value >= low) and (high is None or self.value <= high)


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A figure that could not be measured, and why."""

    id: str
    reason: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one evaluation found; equal inputs give an equal report but for `times`.

    Attributes:
        model: id, architecture, side and SHA-256 of the weights.
        judges: what judged, by id, with the SHA-256 of its weights.
        figures: what was measured.
        gaps: what was not, and why.
        times: seconds, which differ from run to run.
    """

    model: dict[str, Any]
    judges: dict[str, dict[str, Any]]
    figures: list[Figure]
    gaps: list[Gap]
    times: dict[str, float]


def as_builtins(report: Report) -> dict[str, Any]:
    """The report as plain dicts, each figure with its `met`, floats rounded to 6 digits."""
    plain = msgspec.to_builtins(report)
    for figure, row in zip(report.figures, plain["figures"], strict=True):
        row["met"] = figure.met
    return _rounded(plain)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value
