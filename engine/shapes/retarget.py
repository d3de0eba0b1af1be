"""One person's pose on another person's body."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.body import body_height, completed
from engine.shapes.pose import INDEX, JOINTS, Pose

BONES: tuple[tuple[str, str, str], ...] = (
    ("neck", "right_shoulder", "shoulders"),
    ("neck", "left_shoulder", "shoulders"),
    ("right_shoulder", "right_elbow", "upper arms"),
    ("left_shoulder", "left_elbow", "upper arms"),
    ("right_elbow", "right_wrist", "forearms"),
    ("left_elbow", "left_wrist", "forearms"),
    ("right_hip", "right_knee", "thighs"),
    ("left_hip", "left_knee", "thighs"),
    ("right_knee", "right_ankle", "shins"),
    ("left_knee", "left_ankle", "shins"),
    ("neck", "nose", "head"),
    ("nose", "right_eye", "face"),
    ("nose", "left_eye", "face"),
    ("right_eye", "right_ear", "face"),
    ("left_eye", "left_ear", "face"),
)
"""Parent, child and the group of bones that share one proportion; parents come first."""
ROOTS = (("hips", "right_hip", "hips"), ("hips", "left_hip", "hips"), ("hips", "neck", "torso"))
_MOST = 1.3
"""Proportions differ by at most this factor; more is foreshortening, not build."""


def retargeted(pose: Pose, source: Pose) -> Pose:
    """What `pose` shows, done by the person of `source`, standing where that person stands.

    Directions and foreshortening come from `pose`; height and the limbs' lengths in proportion to
    it from `source`, as far as two flat pictures tell. The middle of the hips keeps its column and
    the lower ankle its row (the middle of the hips, if an ankle is missing).

    Args:
        pose: another person, on any canvas.
        source: the person to move.

    Returns:
        A pose on the source's canvas; what is missing in `pose` is missing.

    Raises:
        InputError: shoulders or hips are missing in either, or a body has no extent.
    """
    mine, theirs = _points(source), _points(pose)
    factors = _proportions(theirs, mine, _height(pose), _height(source))
    at = {"hips": np.zeros(2)}
    for parent, child, group in (*ROOTS, *BONES):
        at[child] = at[parent] + (theirs[child] - theirs[parent]) * factors[group]
    offset = mine["hips"].copy()
    if pose.has("right_ankle", "left_ankle") and source.has("right_ankle", "left_ankle"):
        ground = max(mine["right_ankle"][1], mine["left_ankle"][1])
        offset[1] = ground - max(at["right_ankle"][1], at["left_ankle"][1])
    xy = np.stack([at[name] for name in JOINTS]) + offset
    return Pose(xy, pose.presence, source.size)


def fitted(pose: Pose, size: tuple[int, int]) -> Pose:
    """The pose on another canvas: enlarged evenly and centred, so that it keeps its proportions."""
    scale = min(size[0] / pose.size[0], size[1] / pose.size[1])
    spare = (np.array(size) - np.array(pose.size) * scale) / 2
    return pose.mapped(np.array([[scale, 0, spare[0]], [0, scale, spare[1]]]), size)


def _points(pose: Pose) -> dict[str, NDArray[np.float64]]:
    whole = completed(pose)
    at = {name: whole.xy[i] for name, i in INDEX.items()}
    at["hips"] = (at["right_hip"] + at["left_hip"]) / 2
    return at


def _height(pose: Pose) -> float:
    height = body_height(pose)
    if height < 1:
        raise InputError("The joints of a pose lie on one point; place them apart first.")
    return height


def _proportions(
    theirs: dict[str, NDArray[np.float64]],
    mine: dict[str, NDArray[np.float64]],
    their_height: float,
    my_height: float,
) -> dict[str, float]:
    """Factor on each group of bones; the longer of a pair counts, for it is less foreshortened."""
    scale = my_height / their_height
    longest: dict[str, tuple[float, float]] = {}
    for parent, child, group in (*ROOTS, *BONES):
        a, b = longest.get(group, (0.0, 0.0))
        longest[group] = (
            max(a, float(np.linalg.norm(theirs[child] - theirs[parent]))),
            max(b, float(np.linalg.norm(mine[child] - mine[parent]))),
        )
    return {
        group: scale * float(np.clip(b / (a * scale), 1 / _MOST, _MOST)) if a else scale
        for group, (a, b) in longest.items()
    }
