"""How much of a look is kept in other poses and places: colour, features, texture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.painters.parts import PARTS
from trainer.metrics import features, looks
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure
from trainer.metrics.likeness import Measure
from trainer.metrics.looks import Look, look_of
from trainer.metrics.repose import Reposed


class _Distance(NamedTuple):
    """A way to compare looks: what it is of, who judges, how, and the function."""

    id: str
    of: str
    judge: str
    protocol: str
    between: Callable[[Look, Look], NDArray[np.float64]]


_COLOUR = _Distance("lab", "colour", "formula", "CIE76 of mean Lab colours", looks.lab_distance)
_FEATURES = _Distance(
    "part_features",
    "features",
    features.ID,
    "squared difference of the judge's unit mean features of each part at 1/4, 1/8 and 1/16, mean "
    "over levels",
    looks.part_feature_distance,
)


class _Looks(NamedTuple):
    """Looks of paintings, of the people whose look they show, and of those whose pose it is."""

    painted: Sequence[Look]
    mine: Sequence[Look]
    others: Sequence[Look]


def look_figures(
    reposed: Sequence[Reposed], judge: FeatureJudge | None, measure: Measure
) -> list[Figure]:
    """Colour, features (with a judge) and texture of each part against the source's."""
    photos = {r.person.name: look_of(r.source, r.source_pose, judge) for r in reposed}
    found = _Looks(
        [look_of(r.painted, r.asked, judge) for r in reposed],
        [photos[r.person.name] for r in reposed],
        [photos[r.other.name] for r in reposed],
    )
    distances = [_COLOUR] if judge is None else [_COLOUR, _FEATURES]
    names = [r.person.name for r in reposed]
    figures = [_distance_figure(measure, distance, found, names) for distance in distances]
    return [*figures, _texture_figure(measure, found)]


def _distance_figure(
    measure: Measure, distance: _Distance, found: _Looks, names: Sequence[str]
) -> Figure:
    def rows(these: Sequence[Look]) -> NDArray[np.float64]:
        pairs = zip(these, found.mine, strict=True)
        return np.stack([distance.between(a, b) for a, b in pairs])

    kept = rows(found.painted)
    each, theirs = _by_person(kept), _by_person(rows(found.others))
    value, baseline = float(np.nanmean(each)), float(np.nanmean(theirs))
    return Figure(
        id=f"{measure.id}.{distance.id}",
        title=f"{measure.title}, {distance.of} kept",
        protocol=f"{measure.protocol}; {distance.protocol}, painting against source; "
        f"{looks.PROTOCOL}; mean over the parts seen in both, then over people; random people = "
        "the other one's photo against the source",
        judge=distance.judge,
        n=len(found.painted),
        value=value,
        baselines={"random people": baseline},
        better="lower",
        target=(None, baseline / 2),
        target_says="at most half of that between random people",
        detail={"over random people": value / baseline, "parts": _by_part(kept, np.nanmean)},
        cases={n: float(v) for n, v in zip(names, each, strict=True) if np.isfinite(v)},
    )


def _by_person(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(people,) mean over the parts that can be seen; NaN where none can."""
    seen = np.isfinite(rows)
    return np.where(seen, rows, 0).sum(1) / np.where(seen.any(1), seen.sum(1), np.nan)


def _texture_figure(measure: Measure, found: _Looks) -> Figure:
    pairs = zip(found.painted, found.mine, strict=True)
    ratios = np.stack([looks.energy_ratio(a, b) for a, b in pairs])
    known = ratios[np.isfinite(ratios)]
    return Figure(
        id=f"{measure.id}.texture",
        title=f"{measure.title}, texture energy over the source's",
        protocol=f"{measure.protocol}; mean squared Laplacian of the lightness in each part, 2 px "
        f"off the silhouette, painting over source; {looks.PROTOCOL}; median over people and parts",
        judge="formula",
        n=len(found.painted),
        value=float(np.median(known)),
        better="between",
        target=(0.5, 2.0),
        target_says="0.5 to 2",
        detail={
            "share of parts within 0.5 to 2": float(((known >= 0.5) & (known <= 2)).mean()),
            "parts": _by_part(ratios, np.nanmedian),
        },
    )


def _by_part(
    rows: NDArray[np.float64], middle: Callable[[NDArray[np.float64]], np.floating]
) -> dict[str, float]:
    """One number a part; parts never seen are left out."""
    seen = [i for i in range(len(PARTS)) if np.isfinite(rows[:, i]).any()]
    return {PARTS[i]: float(middle(rows[:, i])) for i in seen}
