"""Whether invented people look like people: joints found again, left and right dressed alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.painters.parts import PARTS
from engine.shapes.pose import Pose, Presence
from trainer.metrics import blazepose, keypoints, looks, samples
from trainer.metrics.figures import Figure
from trainer.metrics.looks import look_of
from trainer.metrics.samples import Invented
from trainer.metrics.stage import Person, on_white

_PAIRS = [
    (PARTS.index(name), PARTS.index(name.replace("right", "left")))
    for name in PARTS
    if name.startswith("right")
]


def sides_figure(invented: Sequence[Invented], people: Sequence[Person]) -> Figure:
    """Colour difference of left and right limbs, as a share of that of real people."""
    side = invented[0].painted[0].shape[0]
    mine = [
        _sides(rgba, s.person.framed(s.person.pose, side)) for s in invented for rgba in s.painted
    ]
    real = [_sides(person.cut(side), person.framed(person.pose, side)) for person in people]
    return Figure(
        id="samples.sides",
        title="Samples, difference of left and right over that of real people",
        protocol=f"{samples.PROTOCOL}; CIE76 of mean Lab colours of each left limb and its right "
        f"twin, mean over limbs and samples, over that of all held-out people; {looks.PROTOCOL}; "
        "much above 1 = dressed in patches",
        judge="formula",
        n=len(mine),
        value=float(np.nanmean(mine) / np.nanmean(real)),
        better="lower",
        detail={"samples": float(np.nanmean(mine)), "real people": float(np.nanmean(real))},
    )


def _sides(rgba: np.ndarray, pose: Pose) -> list[float]:
    """The colour difference of each pair of limbs; NaN where one cannot be seen."""
    lab = look_of(rgba, pose, None).lab
    return [float(np.linalg.norm(lab[right] - lab[left])) for right, left in _PAIRS]


def found_figure(invented: Sequence[Invented], python: Path) -> tuple[Figure, dict[str, str | int]]:
    """PCKh of the joints that BlazePose finds in the samples, and what BlazePose is.

    Raises:
        InputError: BlazePose cannot be run.
    """
    side = invented[0].painted[0].shape[0]
    pictures = [on_white(rgba) for s in invented for rgba in s.painted]
    pictures += [on_white(s.person.cut(side)) for s in invented]
    found = blazepose.find_poses(python, pictures)
    asked = [s.person.framed(s.person.annotated, side) for s in invented]
    poses = [pose for pose, s in zip(asked, invented, strict=True) for _ in s.painted] + asked
    agreements = [
        keypoints.agreement(f, a, Presence.seen) for f, a in zip(found.poses, poses, strict=True)
    ]
    count = len(pictures) - len(invented)
    figure = Figure(
        id="samples.pckh",
        title="Samples, joints found again",
        protocol=f"{samples.PROTOCOL}; {keypoints.PROTOCOL}; joints seen in the photo only; "
        f"BlazePose is shown {blazepose.SHOWN} px; nobody found = all joints wrong",
        judge=blazepose.ID,
        n=count,
        value=keypoints.pckh(agreements[:count]),
        baselines={"real photos of the poses (upper bound)": keypoints.pckh(agreements[count:])},
        better="higher",
        detail={
            "groups": keypoints.by_group(agreements[:count]),
            "nobody found": sum(pose is None for pose in found.poses[:count]),
        },
    )
    return figure, found.about
