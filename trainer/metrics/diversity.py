"""How much random looks of one sketch differ, beside random real photos of the class."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from trainer.metrics import features, sketch_bench
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure
from trainer.metrics.sketch_bench import Group, Pixels

ENOUGH = 0.35
"""Share of the difference between real photos."""
TIMES = 5.0
"""How many times the difference that noise makes in pix2pix."""


class Spread:
    """Mean distances within consecutive pairs of pictures.

    Args:
        judge: None leaves features out.
    """

    def __init__(self, judge: FeatureJudge | None) -> None:
        self._judge = judge

    def of(self, pictures: Sequence[Pixels]) -> tuple[float, float]:
        """Mean over consecutive pairs: feature distance (nan without judge), pixel L1 in 0..255."""
        steps = [np.abs(a.astype(float) - b).mean() for a, b in pairwise(pictures)]
        if self._judge is None:
            return float("nan"), float(np.mean(steps))
        return float(np.mean(self._judge.consecutive(pictures))), float(np.mean(steps))


def diversity_figures(
    group: Group,
    painted: Sequence[Sequence[Pixels]],
    real: Sequence[Pixels],
    judge: FeatureJudge | None,
    noisy: Sequence[Sequence[Pixels]] | None = None,
) -> list[Figure]:
    """Shares of the difference between real photos, and the ratio to a painter that noise drives.

    Args:
        painted: the same number of random looks of every case.
        real: photos in random order.
        noisy: the same of pix2pix + noise.
    """
    spread = Spread(judge)
    mine = np.array([spread.of(pictures) for pictures in painted])
    truth = np.array(spread.of(real))
    noise = None if noisy is None else np.array([spread.of(pictures) for pictures in noisy])
    count = len(painted[0])
    protocol = (
        f"{len(painted)} sketches x {count} random looks, {sketch_bench.PROTOCOL}; mean distance "
        f"within the {count - 1} consecutive pairs, over that within {len(real) - 1} random pairs "
        "of held-out photos; "
    )
    found = []
    for column, (kind, judged, says) in enumerate(_KINDS):
        if not np.isfinite(truth[column]):
            continue
        shares = mine[:, column] / truth[column]
        baselines = {} if noise is None else {"pix2pix + noise": _mean(noise, column, truth)}
        figure = Figure(
            id=f"{group.id}.diversity{kind}",
            title=f"Random looks, {says} over that of real photos, {group.title}",
            protocol=protocol + (features.PROTOCOL if column == 0 else "mean |difference| of RGB"),
            judge=judged,
            n=len(painted),
            value=float(shares.mean()),
            baselines=baselines,
            better="higher",
            target=(ENOUGH, None) if column == 0 else (None, None),
            target_says=f"at least {ENOUGH}" if column == 0 else "",
            detail={
                "between samples": float(mine[:, column].mean()),
                "between real photos": float(truth[column]),
                "least of all sketches": float(shares.min()),
            },
            cases={c.name: float(v) for c, v in zip(group.cases, shares, strict=True)},
        )
        found.append(figure)
        if noise is not None:
            found.append(_ratio(figure, group, float(mine[:, column].mean()), noise[:, column]))
    return found


_KINDS = (
    ("", features.ID, "feature distance"),
    (".pixels", "formula", "pixel difference"),
)


def _mean(noise: np.ndarray, column: int, truth: np.ndarray) -> float:
    return float(noise[:, column].mean() / truth[column])


def _ratio(figure: Figure, group: Group, mine: float, noise: np.ndarray) -> Figure:
    return Figure(
        id=f"{figure.id}.over_noise",
        title=f"{figure.title.partition(' over')[0]}, times that of pix2pix + noise, {group.title}",
        protocol=f"{figure.protocol}; here over the same of pix2pix + noise on the same sketches",
        judge=figure.judge,
        n=figure.n,
        value=mine / max(float(noise.mean()), 1e-9),
        better="higher",
        target=(TIMES, None) if figure.judge == features.ID else (None, None),
        target_says=f"at least {TIMES:g} times" if figure.judge == features.ID else "",
    )
