"""Held-out people in the poses of other held-out people; whether the pose is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
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
REAL, COPY = "real photos, their own pose (upper bound)", "copy of the source"
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


@dataclass(frozen=True)
class FoundAgain:
    """What BlazePose found in paintings and in the photos of the same people.

    Attributes:
        painted, copied: agreement of the painting, and of the photo, with the pose asked for.
        real: agreement of the photo with its own pose.
        nobody: paintings in which it saw nobody.
        about: what BlazePose is.
    """

    painted: list[keypoints.Agreement]
    copied: list[keypoints.Agreement]
    real: list[keypoints.Agreement]
    nobody: int
    about: dict[str, str | int]


def find_again(reposed: Sequence[Reposed], python: Path) -> FoundAgain:
    """Ask BlazePose for the joints. InputError: it cannot be run."""
    pictures = [on_white(r.painted) for r in reposed] + [on_white(r.source) for r in reposed]
    found = blazepose.find_poses(python, pictures)
    painted, real = found.poses[: len(reposed)], found.poses[len(reposed) :]
    asked = [r.asked for r in reposed]
    own = [r.person.framed(r.person.annotated, r.side) for r in reposed]
    return FoundAgain(
        _agreements(painted, asked),
        _agreements(real, asked),
        _agreements(real, own),
        sum(pose is None for pose in painted),
        found.about,
    )


def pose_figure(
    reposed: Sequence[Reposed], python: Path, measure: Measure
) -> tuple[Figure, dict[str, str | int]]:
    """PCKh of the joints that BlazePose finds in the paintings, and what BlazePose is.

    Raises:
        InputError: BlazePose cannot be run.
    """
    found = find_again(reposed, python)
    return pooled_figure(found, reposed, measure), found.about


def pooled_figure(found: FoundAgain, reposed: Sequence[Reposed], measure: Measure) -> Figure:
    """PCKh of all joints of all people together."""
    return Figure(
        id=f"{measure.id}.pckh",
        title=f"{measure.title}, joints found again",
        protocol=f"{measure.protocol}; {keypoints.PROTOCOL}; joints seen in the other's photo "
        f"only; BlazePose is shown {blazepose.SHOWN} px; nobody found = all joints wrong",
        judge=blazepose.ID,
        n=len(reposed),
        value=keypoints.pckh(found.painted),
        baselines={
            REAL: keypoints.pckh(found.real),
            COPY: keypoints.pckh(found.copied),
        },
        better="higher",
        target=(0.85, None),
        target_says="at least 0.85",
        detail={
            "groups": keypoints.by_group(found.painted),
            "joints asked to move by half a head or more": keypoints.pckh(
                _far(found.painted, reposed)
            ),
            "the same, copy of the source": keypoints.pckh(_far(found.copied, reposed)),
            "nobody found": found.nobody,
            "note": "the photos were annotated with BlazePose's help, so the upper bound is kind",
        },
    )


def by_person(found: FoundAgain, reposed: Sequence[Reposed], pooled: Figure) -> Figure:
    """PCKh of every person on their own, then the mean: cases that can be compared."""
    names = [r.person.name for r in reposed]

    def mean(agreements: Sequence[keypoints.Agreement]) -> float:
        return float(np.mean(list(keypoints.shares(agreements, names).values())))

    return msgspec.structs.replace(
        pooled,
        id=f"{pooled.id}.by_person",
        title=f"{pooled.title}, mean over people",
        protocol=f"{pooled.protocol}; here PCKh of every person, then the mean",
        value=mean(found.painted),
        baselines={REAL: mean(found.real), COPY: mean(found.copied)},
        target=(None, None),
        target_says="",
        detail={},
        cases=keypoints.shares(found.painted, names),
    )


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
