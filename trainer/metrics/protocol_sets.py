"""Scores of sets: KID, FID and Inception score of paintings beside real photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.metrics.classifiers import Classifier
from trainer.metrics.figures import Figure
from trainer.metrics.kernel_distance import squared_mmd
from trainer.metrics.notes import Notes
from trainer.metrics.protocol_judges import Judges
from trainer.metrics.published import published
from trainer.metrics.scores import frechet_distance, inception_score

Pixels = NDArray[np.uint8]
KID, FID = "kid", "fid"
IS_PROTOCOL = (
    "Inception score: exp of the mean divergence of each picture's classes from those of all, in "
    "10 parts in the order given (one part below 100 pictures); few pictures give a low score, so "
    "compare equal numbers only"
)
_KID = (
    "KID (Binkowski et al., ICLR 2018): unbiased squared MMD under the kernel (x.y / d + 1)^3 of "
    "the judge's pooled features, all pictures in one block"
)
_FID = (
    "FID (Heusel et al., NIPS 2017): Fréchet distance of the judge's pooled features; biased "
    "upwards by few pictures, so compare equal numbers only"
)


def classifiers(judges: Judges, notes: Notes, *figures: str) -> list[tuple[Classifier, str]]:
    """Inception-v3 and EfficientNet-Lite0, those that have weights, with what ids end with.

    Args:
        figures: ids that need Inception-v3; the other judge's end with ".lite0".
    """
    found = [
        (judges.inception(notes, *figures), ""),
        (judges.classes(notes, *(f"{name}.lite0" for name in figures)), ".lite0"),
    ]
    return [(judge, ending) for judge, ending in found if judge is not None]


def inception_figures(
    judges: Judges,
    notes: Notes,
    identifier: str,
    title: str,
    protocol: str,
    painted: Sequence[Pixels],
    others: Mapping[str, Sequence[Pixels]],
) -> list[Figure]:
    """Inception score by every classifier that has weights; gaps in the notes for the others.

    Args:
        others: real photos and simpler answers, by name.
    """

    def score(judge: Classifier, pictures: Sequence[Pixels]) -> float:
        return inception_score(judge.look(pictures).chances).mean

    return [
        Figure(
            id=f"{identifier}{ending}",
            title=f"{title} over the classes of {judge.title}",
            protocol=f"{protocol}; {IS_PROTOCOL}",
            judge=judge.id,
            n=len(painted),
            value=score(judge, painted),
            baselines={name: score(judge, pictures) for name, pictures in others.items()},
            better="higher",
            published=() if ending else published(identifier),
        )
        for judge, ending in classifiers(judges, notes, identifier)
    ]


def distance_figures(
    judges: Judges,
    notes: Notes,
    kind: str,
    protocol: str,
    painted: Sequence[Pixels],
    real: Sequence[Pixels],
    others: Mapping[str, Sequence[Pixels]],
) -> list[Figure]:
    """KID or FID to real photos by every classifier that has weights.

    Args:
        kind: KID or FID.
        painted, real: two or more each.
        others: sets that stand beside the paintings, by name; real training photos among them
            show how far two sets of photos are.
    """
    distance, says = (squared_mmd, _KID) if kind == KID else (frechet_distance, _FID)
    figures = []
    for judge, ending in classifiers(judges, notes, kind):
        truth = judge.look(real).features
        away = {
            name: distance(judge.look(pictures).features, truth)
            for name, pictures in {"": painted, **others}.items()
        }
        figures.append(
            Figure(
                id=f"{kind}{ending}",
                title=f"{kind.upper()} to real photos over features of {judge.title}",
                protocol=f"{protocol}; {says}",
                judge=judge.id,
                n=len(painted),
                value=away.pop(""),
                baselines=away,
                better="lower",
                detail={"real photos": len(real)},
                published=() if ending else published(kind),
            )
        )
    return figures
