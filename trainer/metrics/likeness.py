"""Paintings beside the truth: feature distance and SSIM, with simpler answers as baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.metrics import features, nearest, similarity
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure
from trainer.metrics.nearest import NEAREST, TrainingPhotos, inside
from trainer.metrics.stage import Person, on_white, person_box

Pixels = NDArray[np.uint8]
_PAINTED = "painted"


class Measure(NamedTuple):
    """What was painted: the stem of the figures' ids, their title, and the protocol."""

    id: str
    title: str
    protocol: str


@dataclass(frozen=True)
class Likeness:
    """A truth, what the painter made of it, and simpler answers.

    Attributes:
        person: who is painted.
        truth: (S, S, 4) the untouched photo's cut-out.
        painted: (S, S, 4) what the painter made.
        rivals: (S, S, 4) simpler answers by name.
    """

    person: Person
    truth: Pixels
    painted: Pixels
    rivals: dict[str, Pixels]


def nearest_rivals(person: Person, training: TrainingPhotos | None) -> dict[str, Pixels]:
    """The training people most like a person, by name; none without training photos."""
    if training is None:
        return {}
    match = training.match(person)
    return {name: training.cut(i) for name, i in zip(NEAREST, match, strict=True)}


def likeness_figures(
    cases: Sequence[Likeness], judge: FeatureJudge | None, measure: Measure
) -> list[Figure]:
    """Feature distance (with a judge) and SSIM of the paintings beside their rivals.

    The stronger of the two nearest training photos sets the target; without any there is none.
    """
    figures = [_ssim_figure(cases, measure)]
    if judge is not None:
        figures.insert(0, _distance_figure(cases, judge, measure))
    return figures


def _distance_figure(cases: Sequence[Likeness], judge: FeatureJudge, measure: Measure) -> Figure:
    def score(truth: Pixels, other: Pixels) -> NDArray[np.float64]:
        box = person_box(truth)
        return judge.distances(inside(other, box), inside(truth, box))

    scores = _scores(cases, score)
    levels = {name: row.mean(0) for name, row in scores.items()}
    baselines = {name: float(row.sum()) for name, row in levels.items()}
    value = baselines.pop(_PAINTED)
    best = min((baselines[name] for name in NEAREST if name in baselines), default=None)
    return Figure(
        id=f"{measure.id}.feature_distance",
        title=f"{measure.title}, feature distance",
        protocol=f"{measure.protocol}; {features.PROTOCOL}; {nearest.PROTOCOL}",
        judge=features.ID,
        n=len(cases),
        value=value,
        baselines=baselines,
        better="lower",
        target=(None, None if best is None else best / 2),
        target_says="at most half of the nearest training photo (the stronger of the two)",
        detail={"levels, fine to coarse": {name: row.tolist() for name, row in levels.items()}},
        cases=_named(cases, scores[_PAINTED].sum(1)),
    )


def _ssim_figure(cases: Sequence[Likeness], measure: Measure) -> Figure:
    def score(truth: Pixels, other: Pixels) -> NDArray[np.float64]:
        value = similarity.ssim(on_white(other), on_white(truth), person_box(truth))
        return np.array(value)

    scores = _scores(cases, score)
    baselines = {name: float(row.mean()) for name, row in scores.items()}
    value = baselines.pop(_PAINTED)
    return Figure(
        id=f"{measure.id}.ssim",
        title=f"{measure.title}, SSIM",
        protocol=f"{measure.protocol}; {similarity.PROTOCOL}; {nearest.PROTOCOL}",
        judge="formula",
        n=len(cases),
        value=value,
        baselines=baselines,
        better="higher",
        target=(max((baselines[n] for n in NEAREST if n in baselines), default=None), None),
        target_says="above the nearest training photo (the stronger of the two)",
        cases=_named(cases, scores[_PAINTED]),
    )


def _scores(
    cases: Sequence[Likeness], score: Callable[[Pixels, Pixels], NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """Scores of the paintings and of each rival, by name, one row a case."""
    rows: dict[str, list[NDArray[np.float64]]] = {}
    for case in cases:
        for name, pixels in {_PAINTED: case.painted, **case.rivals}.items():
            rows.setdefault(name, []).append(score(case.truth, pixels))
    return {name: np.stack(row) for name, row in rows.items()}


def _named(cases: Sequence[Likeness], values: NDArray[np.float64]) -> dict[str, float]:
    return {case.person.name: float(v) for case, v in zip(cases, values, strict=True)}
