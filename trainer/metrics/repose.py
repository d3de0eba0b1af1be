"""Held-out people in the poses of other held-out people: pose kept, look kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.painters.base import Painter
from engine.painters.parts import PARTS
from engine.shapes.pose import Pose, Presence
from engine.shapes.retarget import retargeted
from trainer.metrics import blazepose, features, keypoints, looks
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure
from trainer.metrics.looks import Look, look_of
from trainer.metrics.stage import Person, on_white, paint

SEED = 20
PROTOCOL = (
    "each held-out person in the pose of another one, fitted to their frame (people paired by a "
    f"permutation without fixed points, seed {SEED}), on white, at the network's side"
)


@dataclass(frozen=True)
class Reposed:
    """One painting.

    Attributes:
        person: who.
        other: whose pose.
        asked: the pose asked for, in the frame's pixels.
        painted: (S, S, 4) what the painter made.
    """

    person: Person
    other: Person
    asked: Pose
    painted: NDArray[np.uint8]

    @property
    def side(self) -> int:
        """Side of the frame in pixels."""
        return self.painted.shape[0]

    @property
    def source(self) -> NDArray[np.uint8]:
        """(S, S, 4) the person as photographed."""
        return self.person.cut(self.side)

    @property
    def source_pose(self) -> Pose:
        """The photo's own pose in the frame's pixels."""
        return self.person.framed(self.person.pose, self.side)


def partners(count: int, seed: int = SEED) -> list[int]:
    """Whose pose each of `count` people takes: a random cycle through all of them."""
    order = np.random.default_rng(seed).permutation(count)
    other = np.empty(count, int)
    other[order] = np.roll(order, -1)
    return [int(i) for i in other]


def repose(painter: Painter, person: Person, other: Person) -> Reposed:
    """Paint a person in the pose of another, at the painter's own side."""
    side = painter.card.side
    asked = retargeted(other.pose, person.pose)
    painted = paint(painter, person, asked, side)
    return Reposed(person, other, person.framed(asked, side), painted)


def pose_figure(reposed: Sequence[Reposed], python: Path) -> tuple[Figure, dict[str, str | int]]:
    """PCKh of the joints that BlazePose finds in the paintings, and what BlazePose is.

    Raises:
        InputError: BlazePose cannot be run.
    """
    pictures = [on_white(r.painted) for r in reposed] + [on_white(r.source) for r in reposed]
    found = blazepose.find_poses(python, pictures)
    painted, real = found.poses[: len(reposed)], found.poses[len(reposed) :]
    asked = [r.asked for r in reposed]
    mine = _agreements(painted, asked)
    own = [r.person.framed(r.person.annotated, r.side) for r in reposed]
    figure = Figure(
        id="repose.pckh",
        title="Reposed, joints found again",
        protocol=f"{PROTOCOL}; {keypoints.PROTOCOL}; joints seen in the other's photo only; "
        f"BlazePose is shown {blazepose.SHOWN} px; nobody found = all joints wrong",
        judge=blazepose.ID,
        n=len(reposed),
        value=keypoints.pckh(mine),
        baselines={
            "real photos, their own pose (upper bound)": keypoints.pckh(_agreements(real, own)),
            "copy of the source": keypoints.pckh(_agreements(real, asked)),
        },
        better="higher",
        target=(0.85, None),
        target_says="at least 0.85",
        detail={
            "groups": keypoints.by_group(mine),
            "joints asked to move by half a head or more": keypoints.pckh(_far(mine, reposed)),
            "the same, copy of the source": keypoints.pckh(_far(_agreements(real, asked), reposed)),
            "nobody found": sum(pose is None for pose in painted),
            "note": "the photos were annotated with BlazePose's help, so the upper bound is kind",
        },
    )
    return figure, found.about


def _agreements(found: Sequence[Pose | None], asked: Sequence[Pose]) -> list[keypoints.Agreement]:
    pairs = zip(found, asked, strict=True)
    return [keypoints.agreement(f, a, Presence.seen) for f, a in pairs]


def _far(
    agreements: Sequence[keypoints.Agreement], reposed: Sequence[Reposed]
) -> list[keypoints.Agreement]:
    """Only the joints that a copy of the source gets wrong."""
    out = []
    for agreement, r in zip(agreements, reposed, strict=True):
        stays = keypoints.agreement(r.source_pose, r.asked, Presence.seen).right
        asked = agreement.asked & ~stays
        out.append(keypoints.Agreement(agreement.right & asked, asked))
    return out


def look_figures(reposed: Sequence[Reposed], judge: FeatureJudge | None) -> list[Figure]:
    """Colour, features (with a judge) and texture of each part against the source's."""
    photos = {r.person.name: look_of(r.source, r.source_pose, judge) for r in reposed}
    mine = [photos[r.person.name] for r in reposed]
    others = [photos[r.other.name] for r in reposed]
    painted = [look_of(r.painted, r.asked, judge) for r in reposed]
    figures = [
        _distance_figure(
            "repose.lab",
            "Reposed, colour kept",
            "formula",
            "CIE76 of mean Lab colours",
            looks.lab_distance,
            painted,
            mine,
            others,
        )
    ]
    if judge is not None:
        what = (
            "squared difference of the judge's unit mean features of each part at 1/4, 1/8 and "
            "1/16, mean over levels"
        )
        figures.append(
            _distance_figure(
                "repose.part_features",
                "Reposed, features kept",
                features.ID,
                what,
                looks.part_feature_distance,
                painted,
                mine,
                others,
            )
        )
    return [*figures, _texture_figure(painted, mine)]


def _distance_figure(
    identifier: str,
    title: str,
    judge: str,
    what: str,
    distance: Callable[[Look, Look], NDArray[np.float64]],
    painted: Sequence[Look],
    mine: Sequence[Look],
    others: Sequence[Look],
) -> Figure:
    kept = np.stack([distance(a, b) for a, b in zip(painted, mine, strict=True)])
    random = np.stack([distance(a, b) for a, b in zip(others, mine, strict=True)])
    baseline = float(np.nanmean(random))
    return Figure(
        id=identifier,
        title=title,
        protocol=f"{PROTOCOL}; {what}, painting against source; {looks.PROTOCOL}; mean over all "
        "parts seen in both; random people = the other one's photo against the source",
        judge=judge,
        n=len(painted),
        value=float(np.nanmean(kept)),
        baselines={"random people": baseline},
        better="lower",
        target=(None, baseline / 2),
        target_says="at most half of that between random people",
        detail={"parts": _by_part(kept, np.nanmean)},
    )


def _texture_figure(painted: Sequence[Look], mine: Sequence[Look]) -> Figure:
    ratios = np.stack([looks.energy_ratio(a, b) for a, b in zip(painted, mine, strict=True)])
    known = ratios[np.isfinite(ratios)]
    return Figure(
        id="repose.texture",
        title="Reposed, texture energy over the source's",
        protocol=f"{PROTOCOL}; mean squared Laplacian of the lightness in each part, 2 px off the "
        f"silhouette, painting over source; {looks.PROTOCOL}; median over people and parts",
        judge="formula",
        n=len(painted),
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
