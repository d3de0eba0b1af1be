"""Mirror pairs: the photo seen in a mirror must become the photo again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.painters.base import Painter
from trainer.metrics import features, nearest, similarity
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure
from trainer.metrics.nearest import TrainingPhotos, inside
from trainer.metrics.stage import Person, on_white, paint, person_box

PROTOCOL = (
    "the held-out photo, mask and pose mirrored are the source, the photo's own pose is the "
    "target; compared with the photo on white, inside the person's box (margin 4 % of the frame), "
    "at the network's side"
)
COPY = "copy of the source"
NEAREST = ("nearest training photo by pose", "nearest training photo by features")

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class MirrorPair:
    """A truth, what the painter made of its mirror image, and simpler answers.

    Attributes:
        person: the held-out person, not mirrored.
        truth: (S, S, 4) the untouched photo's cut-out.
        painted: (S, S, 4) what the painter made.
        rivals: (S, S, 4) simpler answers by name.
    """

    person: Person
    truth: Pixels
    painted: Pixels
    rivals: dict[str, Pixels]


def mirror_pair(painter: Painter, person: Person, training: TrainingPhotos | None) -> MirrorPair:
    """Paint one mirrored person back, at the painter's own side."""
    side = painter.card.side
    source = person.mirrored()
    # The person stands in the other half of the mirrored photo: the pose asked for goes there too.
    shift = [source.frame.left - person.frame.left, source.frame.top - person.frame.top]
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], float)
    asked = person.annotated.mapped(matrix, source.photo.size)
    rivals = {COPY: source.cut(side)}
    if training is not None:
        match = training.match(person)
        rivals |= {name: training.cut(i) for name, i in zip(NEAREST, match, strict=True)}
    return MirrorPair(person, person.cut(side), paint(painter, source, asked, side), rivals)


def mirror_figures(pairs: Sequence[MirrorPair], judge: FeatureJudge | None) -> list[Figure]:
    """Feature distance (with a judge) and SSIM of the paintings beside their rivals.

    The stronger of the two nearest training photos sets the target; without any there is none.
    """
    figures = [_ssim_figure(pairs)]
    if judge is not None:
        figures.insert(0, _distance_figure(pairs, judge))
    return figures


def _distance_figure(pairs: Sequence[MirrorPair], judge: FeatureJudge) -> Figure:
    def score(truth: Pixels, other: Pixels) -> float:
        box = person_box(truth)
        return judge.distance(inside(other, box), inside(truth, box))

    value, baselines = _scores(pairs, score)
    best = min((baselines[name] for name in NEAREST if name in baselines), default=None)
    return Figure(
        id="mirror.feature_distance",
        title="Mirror pairs, feature distance",
        protocol=f"{PROTOCOL}; {features.PROTOCOL}; {nearest.PROTOCOL}",
        judge=features.ID,
        n=len(pairs),
        value=value,
        baselines=baselines,
        better="lower",
        target=(None, None if best is None else best / 2),
        target_says="at most half of the nearest training photo (the stronger of the two)",
    )


def _ssim_figure(pairs: Sequence[MirrorPair]) -> Figure:
    def score(truth: Pixels, other: Pixels) -> float:
        return similarity.ssim(on_white(other), on_white(truth), person_box(truth))

    value, baselines = _scores(pairs, score)
    return Figure(
        id="mirror.ssim",
        title="Mirror pairs, SSIM",
        protocol=f"{PROTOCOL}; {similarity.PROTOCOL}; {nearest.PROTOCOL}",
        judge="formula",
        n=len(pairs),
        value=value,
        baselines=baselines,
        better="higher",
        target=(max((baselines[n] for n in NEAREST if n in baselines), default=None), None),
        target_says="above the nearest training photo (the stronger of the two)",
    )


def _scores(
    pairs: Sequence[MirrorPair], score: Callable[[Pixels, Pixels], float]
) -> tuple[float, dict[str, float]]:
    """Mean score of the painting and of each rival."""
    rows: dict[str, list[float]] = {}
    for pair in pairs:
        for name, pixels in {"painted": pair.painted, **pair.rivals}.items():
            rows.setdefault(name, []).append(score(pair.truth, pixels))
    means = {name: float(np.mean(row)) for name, row in rows.items()}
    return means.pop("painted"), means
