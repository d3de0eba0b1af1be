"""One measured figure with everything that is needed to believe it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What a paper says of a model of its own, to stand beside a figure, never to be met by it.

    Attributes:
        method: the paper's name of the model, e.g. "Deformable GAN".
        data: what it was measured on, e.g. "Market-1501".
        value: as printed there.
        source: where the value is quoted from.
    """

    method: str
    data: str
    value: float
    source: str


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
        cases: by name, the values whose plain mean `value` is; empty where it is no such mean.
        published: the same kind of figure in papers, each with its own data.
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
    cases: dict[str, float] = {}
    published: tuple[Published, ...] = ()

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
