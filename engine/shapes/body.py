"""What a body knows about itself: missing joints inferred, its height, a default to drag."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.pose import CORE, INDEX, JOINTS, Pose, Presence

LENGTHS: dict[tuple[str, str], float] = {
    ("shoulder", "elbow"): 0.186,
    ("elbow", "wrist"): 0.146,
    ("hip", "knee"): 0.245,
    ("knee", "ankle"): 0.245,
}
"""Limb lengths of an average adult as shares of the standing height."""

TORSO_LENGTH = 0.30
"""Middle of the shoulders to middle of the hips, as a share of the standing height."""

_DEFAULT: dict[str, tuple[float, float]] = {
    "nose": (0.0, 0.075),
    "neck": (0.0, 0.175),
    "right_shoulder": (-0.105, 0.18),
    "right_elbow": (-0.145, 0.35),
    "right_wrist": (-0.165, 0.49),
    "left_shoulder": (0.105, 0.18),
    "left_elbow": (0.145, 0.35),
    "left_wrist": (0.165, 0.49),
    "right_hip": (-0.065, 0.48),
    "right_knee": (-0.07, 0.72),
    "right_ankle": (-0.075, 0.95),
    "left_hip": (0.065, 0.48),
    "left_knee": (0.07, 0.72),
    "left_ankle": (0.075, 0.95),
    "right_eye": (-0.018, 0.062),
    "left_eye": (0.018, 0.062),
    "right_ear": (-0.04, 0.07),
    "left_ear": (0.04, 0.07),
}


def default_pose(size: tuple[int, int]) -> Pose:
    """A standing person in the middle of the canvas, for photos in which nobody was found."""
    width, height = size
    tall = 0.8 * min(height, width * 2.2)
    left, top = width / 2, (height - tall) / 2
    return Pose.of(size, {n: (left + x * tall, top + y * tall) for n, (x, y) in _DEFAULT.items()})


def completed(pose: Pose) -> Pose:
    """The pose with every missing joint inferred (marked hidden) from those that are there.

    Missing elbows and knees hang along the torso, wrists and ankles continue their limb, a missing
    face sits above the shoulders; the neck is the middle of the shoulders.

    Raises:
        InputError: a shoulder or hip is missing, which leaves no body to infer from.
    """
    absent = [n for n in CORE if not pose.has(n)]
    if absent:
        names = ", ".join(n.replace("_", " ") for n in absent)
        raise InputError(f"The pose lacks {names}; place both shoulders and both hips first.")
    if (pose.presence > 0).all():
        return pose
    at = {n: pose.xy[i].copy() for n, i in INDEX.items() if pose.presence[i] != Presence.missing}
    shoulders = (at["right_shoulder"] + at["left_shoulder"]) / 2
    down = (at["right_hip"] + at["left_hip"]) / 2 - shoulders
    at.setdefault("neck", shoulders)
    for side in ("right", "left"):
        _hang(at, f"{side}_shoulder", f"{side}_elbow", f"{side}_wrist", down * 0.62, 0.8)
        _hang(at, f"{side}_hip", f"{side}_knee", f"{side}_ankle", down * 0.8, 1.0)
    face = ("nose", "right_eye", "left_eye", "right_ear", "left_ear")
    known = [at[n] for n in face if n in at]
    centre = np.mean(known, axis=0) if known else shoulders - down * 0.4
    for name in face:
        at.setdefault(name, centre)
    xy = np.stack([at[n] for n in JOINTS])
    presence = np.where(pose.presence == Presence.missing, Presence.hidden, pose.presence)
    return Pose(xy, presence.astype(np.uint8), pose.size)


def _hang(
    at: dict[str, NDArray[np.float64]],
    root: str,
    middle: str,
    end: str,
    fall: NDArray[np.float64],
    stretch: float,
) -> None:
    at.setdefault(middle, at[root] + fall)
    at.setdefault(end, at[middle] + (at[middle] - at[root]) * stretch)


def body_height(pose: Pose) -> float:
    """Standing height in pixels that the limbs speak for, whatever the pose.

    Each limb divided by its usual share gives one opinion; foreshortened limbs give small ones, so
    the mean of the second to fourth largest is taken.
    """
    at = completed(pose)

    def length(a: str, b: str) -> float:
        return float(np.linalg.norm(at.xy[INDEX[a]] - at.xy[INDEX[b]]))

    shoulders = (at.xy[INDEX["right_shoulder"]] + at.xy[INDEX["left_shoulder"]]) / 2
    hips = (at.xy[INDEX["right_hip"]] + at.xy[INDEX["left_hip"]]) / 2
    opinions = [float(np.linalg.norm(shoulders - hips)) / TORSO_LENGTH]
    for side in ("right", "left"):
        opinions += [length(f"{side}_{a}", f"{side}_{b}") / n for (a, b), n in LENGTHS.items()]
    return float(np.mean(sorted(opinions)[-4:-1]))
