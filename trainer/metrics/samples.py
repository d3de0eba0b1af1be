"""Invented looks: do they differ, are they held while joints move, are they nobody's photo?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.appearance import Sampled
from engine.shapes.pose import INDEX, Pose
from trainer.metrics import asking, features, looks, nearest
from trainer.metrics.asking import Asking, Pixels
from trainer.metrics.features import FeatureJudge, mean_distance
from trainer.metrics.figures import Figure
from trainer.metrics.keypoints import COUNTED
from trainer.metrics.looks import lab_distance, look_of
from trainer.metrics.nearest import TrainingPhotos, inside
from trainer.metrics.sheets import Cell, contact_sheet, skeleton, strided
from trainer.metrics.similarity import Box
from trainer.metrics.stage import Person, on_white, person_box

SHOWN = 8
"""Samples of each pose on the sheet."""
PROTOCOL = (
    "looks invented with seeds 0, 1, ... at the poses of held-out people picked by stride, in "
    f"their place, {asking.PROTOCOL}"
)
STEP = 1.0
"""How far a joint is moved, in pixels of the frame at the network's side."""


@dataclass(frozen=True)
class Invented:
    """Samples at the pose of one person.

    Attributes:
        person: whose pose and place it is.
        painted: (S, S, 4) each; the seed is the index.
    """

    person: Person
    painted: list[Pixels]

    @property
    def box(self) -> Box:
        """The box of all samples together, with a margin."""
        return person_box(np.maximum.reduce(self.painted))


def invented(asking: Asking, people: Sequence[Person], count: int, poses: int) -> list[Invented]:
    """`count` samples at each of `poses` poses. GuiseError if they cannot be painted."""
    return [
        Invented(p, [asking.paint(Sampled(seed, p.annotated), p) for seed in range(count)])
        for p in (people[i] for i in strided(len(people), poses))
    ]


def spread_figure(
    samples: Sequence[Invented], people: Sequence[Person], judge: FeatureJudge
) -> Figure:
    """How much samples at one pose differ, as a share of how much real people do.

    Args:
        people: real people; as many of them as there are samples are picked by stride.
    """
    count = len(samples[0].painted)
    side = samples[0].painted[0].shape[0]
    real = [people[i].cut(side) for i in strided(len(people), count)]
    mine = [_spread(s.painted, s.box, judge) for s in samples]
    theirs = [_spread(real, s.box, judge) for s in samples]
    return Figure(
        id="samples.spread",
        title="Samples, difference over that of real people",
        protocol=f"{PROTOCOL}; mean feature distance of all pairs of {count} samples at one pose, "
        f"inside the box of all of them, over that of {len(real)} held-out people inside the same "
        f"box of their own frames; mean over poses; {features.PROTOCOL}",
        judge=features.ID,
        n=len(samples),
        value=float(np.mean(mine) / np.mean(theirs)),
        better="higher",
        target=(0.35, None),
        target_says="at least 0.35",
        detail={"samples": mine, "real people": theirs},
    )


def _spread(pictures: Sequence[Pixels], box: Box, judge: FeatureJudge) -> float:
    return mean_distance([judge.features(inside(rgba, box)) for rgba in pictures])


def held_figure(asking: Asking, samples: Sequence[Invented]) -> Figure:
    """How much the colours of a held look change when one joint moves by a pixel."""
    changes, outlined = np.array([_changes(asking, s) for s in samples]).swapaxes(0, 1)
    seen = changes[np.isfinite(changes)]
    largest = np.where(np.isfinite(changes), changes, 0).max((0, 2))
    return Figure(
        id="samples.held",
        title="Samples, colour change as a joint moves 1 px",
        protocol=f"{PROTOCOL}; each of {len(COUNTED)} joints in turn moved by {STEP:g} px of the "
        "frame at the network's side, each in a direction of its own, the look held (seed 0); "
        f"CIE76 of mean Lab colours of each part before and after; {looks.PROTOCOL}; the largest "
        "of all poses, joints and parts",
        judge="formula",
        n=len(samples),
        value=float(seen.max()),
        baselines={"same picture, parts outlined anew": float(np.nanmax(outlined))},
        better="lower",
        target=(None, 2.0),
        target_says="below 2 (hardly visible)",
        detail={
            "mean": float(seen.mean()),
            "99 of 100 are below": float(np.percentile(seen, 99)),
            "largest by joint": dict(zip(COUNTED, largest.tolist(), strict=True)),
        },
    )


def _changes(asking: Asking, sample: Invented) -> NDArray[np.float64]:
    """(2, joints, 10) colour change of each part: repainted, and the same picture outlined anew."""
    person, look, picture = sample.person, Sampled(0, sample.person.annotated), sample.painted[0]
    before = look_of(picture, person.framed(person.pose, asking.side), None)
    repainted, outlined = [], []
    for i, name in enumerate(COUNTED):
        moved = _moved(person, name, i, STEP * person.frame.side / asking.side)
        pose = person.framed(moved, asking.side)
        after = look_of(asking.paint(look, person, moved), pose, None)
        repainted.append(lab_distance(before, after))
        outlined.append(lab_distance(before, look_of(picture, pose, None)))
    return np.array([repainted, outlined])


def _moved(person: Person, joint: str, turn: int, step: float) -> Pose:
    """The person's pose with one joint moved; each turn goes another way."""
    angle = turn * np.pi * (3 - 5**0.5)  # the golden angle: no two alike, all around
    x, y = person.pose.xy[INDEX[joint]] + step * np.array([np.cos(angle), np.sin(angle)])
    return person.pose.moved(**{joint: (float(x), float(y))})


def novelty_figure(
    samples: Sequence[Invented], people: Sequence[Person], training: TrainingPhotos
) -> Figure:
    """How far samples are from training photos, beside held-out real people."""
    pictures = [rgba for sample in samples for rgba in sample.painted]
    side = pictures[0].shape[0]
    chosen = [people[i] for i in strided(len(people), len(pictures))]
    mine = [training.distance(rgba) for rgba in pictures]
    real = [training.distance(person.cut(side)) for person in chosen]
    return Figure(
        id="samples.nearest",
        title="Samples, distance to the training person most alike",
        protocol=f"{PROTOCOL}; feature distance to the {nearest.PROTOCOL}, the latter; "
        f"{features.PROTOCOL}; mean over samples; a memorised photo would be near 0",
        judge=features.ID,
        n=len(pictures),
        value=float(np.mean(mine)),
        baselines={"held-out real people": float(np.mean(real))},
        better="higher",
        detail={"least": min(mine), "least of held-out real people": min(real)},
    )


def samples_sheet(samples: Sequence[Invented]) -> Pixels:
    """(H, W, 3) a row for each pose: the pose, then samples of it."""
    rows = []
    for sample in samples:
        side = sample.painted[0].shape[0]
        pose = skeleton(sample.person.framed(sample.person.pose, side))
        painted = [Cell(f"seed {i}", on_white(p)) for i, p in enumerate(sample.painted[:SHOWN])]
        rows.append([Cell(f"pose of {sample.person.name}", pose), *painted])
    return contact_sheet(rows)
