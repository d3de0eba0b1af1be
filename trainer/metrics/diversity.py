"""How much random looks of one sketch differ, beside random real photos of the class."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec
import numpy as np

from trainer.metrics import features, sketch_bench
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure
from trainer.metrics.kernel_distance import Floats
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
    noise = None if noisy is None else np.array([spread.of(p) for p in noisy]).mean(0)
    counts = len(painted[0]), len(real)
    found = []
    for column, (kind, truth) in enumerate(zip(_KINDS, spread.of(real), strict=True)):
        if not np.isfinite(truth):
            continue
        figure = _share(group, kind, mine[:, column], truth, counts)
        if noise is None:
            found.append(figure)
        else:
            beside = {"pix2pix + noise": float(noise[column]) / truth}
            figure = msgspec.structs.replace(figure, baselines=beside)
            found += [figure, _ratio(figure, group, mine[:, column].mean(), float(noise[column]))]
    return found


class _Kind(NamedTuple):
    """A way to compare pictures: what ids end with, the judge, its name and its protocol."""

    ending: str
    judge: str
    says: str
    protocol: str


_KINDS = (
    _Kind("", features.ID, "feature distance", features.PROTOCOL),
    _Kind(".pixels", "formula", "pixel difference", "mean |difference| of RGB"),
)
"""In the order of :meth:`Spread.of`."""


def _share(
    group: Group, kind: _Kind, mine: Floats, truth: float, counts: tuple[int, int]
) -> Figure:
    """The spread of looks over that of photos.

    Args:
        mine: (sketches,) spread of each sketch's looks.
        truth: that of the photos.
        counts: of looks, and of photos.
    """
    looks, photos = counts
    shares, judged = mine / truth, kind.judge == features.ID
    return Figure(
        id=f"{group.id}.diversity{kind.ending}",
        title=f"Random looks, {kind.says} over that of real photos, {group.title}",
        protocol=f"{len(mine)} sketches x {looks} random looks, {sketch_bench.PROTOCOL}; mean "
        f"distance within the {looks - 1} consecutive pairs, over that within {photos - 1} random "
        f"pairs of held-out photos; {kind.protocol}",
        judge=kind.judge,
        n=len(mine),
        value=float(shares.mean()),
        better="higher",
        target=(ENOUGH if judged else None, None),
        target_says=f"at least {ENOUGH}" if judged else "",
        detail={
            "between samples": float(mine.mean()),
            "between real photos": truth,
            "least of all sketches": float(shares.min()),
        },
        cases={c.name: float(v) for c, v in zip(group.cases, shares, strict=True)},
    )


def _ratio(figure: Figure, group: Group, mine: float, noise: float) -> Figure:
    return Figure(
        id=f"{figure.id}.over_noise",
        title=f"{figure.title.partition(' over')[0]}, times that of pix2pix + noise, {group.title}",
        protocol=f"{figure.protocol}; here over the same of pix2pix + noise on the same sketches",
        judge=figure.judge,
        n=figure.n,
        value=float(mine / max(noise, 1e-9)),
        better="higher",
        target=(TIMES, None) if figure.judge == features.ID else (None, None),
        target_says=f"at least {TIMES:g} times" if figure.judge == features.ID else "",
    )
