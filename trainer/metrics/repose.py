"""Held-out people in the poses of other held-out people; whether the pose is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.painters.base import Painter
from engine.shapes.pose import Pose, Presence
from engine.shapes.retarget import retargeted
from trainer.metrics import blazepose, keypoints
from trainer.metrics.figures import Figure
from trainer.metrics.likeness import Measure
from trainer.metrics.stage import Person, on_white, paint

SEED = 20
PAIRED = f"people paired by a permutation without fixed points, seed {SEED}"
REPOSE = Measure(
    "repose",
    "Reposed",
    f"each held-out person in the pose of another one, fitted to their frame ({PAIRED}), on "
    "white, at the network's side",
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


def pose_figure(
    reposed: Sequence[Reposed], python: Path, measure: Measure
) -> tuple[Figure, dict[str, str | int]]:
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
        id=f"{measure.id}.pckh",
        title=f"{measure.title}, joints found again",
        protocol=f"{measure.protocol}; {keypoints.PROTOCOL}; joints seen in the other's photo "
        f"only; BlazePose is shown {blazepose.SHOWN} px; nobody found = all joints wrong",
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
