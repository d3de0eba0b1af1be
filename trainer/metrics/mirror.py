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
_PAINTED = "painted"
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
    def score(truth: Pixels, other: Pixels) -> NDArray[np.float64]:
        box = person_box(truth)
        return judge.distances(inside(other, box), inside(truth, box))

    levels = _scores(pairs, score)
    baselines = {name: float(row.sum()) for name, row in levels.items()}
    value = baselines.pop(_PAINTED)
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
        detail={"levels, fine to coarse": {name: row.tolist() for name, row in levels.items()}},
    )


def _ssim_figure(pairs: Sequence[MirrorPair]) -> Figure:
    def score(truth: Pixels, other: Pixels) -> NDArray[np.float64]:
        value = similarity.ssim(on_white(other), on_white(truth), person_box(truth))
        return np.array(value)

    baselines = {name: float(mean) for name, mean in _scores(pairs, score).items()}
    value = baselines.pop(_PAINTED)
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
    pairs: Sequence[MirrorPair], score: Callable[[Pixels, Pixels], NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """Mean score of the painting and of each rival, by name."""
    rows: dict[str, list[NDArray[np.float64]]] = {}
    for pair in pairs:
        for name, pixels in {_PAINTED: pair.painted, **pair.rivals}.items():
            rows.setdefault(name, []).append(score(pair.truth, pixels))
    return {name: np.mean(row, axis=0) for name, row in rows.items()}
