"""Poses one figure of average build and writes the bundled poses: `python -m assets.stances`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.files import replacing
from engine.shapes.body import LENGTHS, TORSO_LENGTH
from engine.shapes.pose import JOINTS, Pose
from engine.shapes.pose_files import to_openpose

FOLDER = Path(__file__).parent / "poses"
SIZE = (900, 900)
TALL = 640
"""Standing height in pixels of the canvas."""
SHOULDERS, HIPS = 0.1, 0.062
"""Half the widths, as shares of the standing height."""
HEAD: dict[str, tuple[float, float, float]] = {
    "nose": (0.0, -0.098, 0.055),
    "right_eye": (-0.018, -0.113, 0.04),
    "left_eye": (0.018, -0.113, 0.04),
    "right_ear": (-0.042, -0.105, -0.012),
    "left_ear": (0.042, -0.105, -0.012),
}
"""From the neck, with the face towards us: right, down and towards us, as shares of the height."""

Swing = tuple[float, float]
"""Degrees of a bone: outward from hanging down, and forward."""
Limb = tuple[Swing, Swing]
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Stance:
    """How the figure stands; all angles in degrees, all zeros = upright, facing us, arms down.

    Attributes:
        right_arm, left_arm: upper arm and forearm, seen from the chest's side, upright.
        right_leg, left_leg: thigh and shin, seen from the hips' side, upright.
        yaw: the body turned to the picture's right.
        twist: the chest turned further than the hips.
        bow: the spine bent forward; `lean`: towards the picture's right.
        hips, shoulders: the line of the hips or shoulders tilted, right end of the picture down.
        nod, turn, tilt: the head forward, to the picture's right, and towards its right shoulder.
    """

    right_arm: Limb = ((7, -3), (5, 12))
    left_arm: Limb = ((7, -3), (5, 12))
    right_leg: Limb = ((2, 0), (1, 0))
    left_leg: Limb = ((2, 0), (1, 0))
    yaw: float = 0
    twist: float = 0
    bow: float = 0
    lean: float = 0
    hips: float = 0
    shoulders: float = 0
    nod: float = 0
    turn: float = 0
    tilt: float = 0


def turned(x: float = 0, y: float = 0, z: float = 0) -> Vector:
    """(3, 3) rotation, degrees: first roll z (right end down), then nod x, then turn y.

    Axes are right, down and towards us.
    """
    a, b, c = np.radians((x, y, z))
    nod = np.array([[1, 0, 0], [0, np.cos(a), np.sin(a)], [0, -np.sin(a), np.cos(a)]])
    turn = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    roll = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return turn @ nod @ roll


def figure(stance: Stance) -> Pose:
    """The stance as seen from the front, in the middle of the canvas."""
    pelvis = turned(y=stance.yaw)
    chest = turned(y=stance.yaw + stance.twist)
    spine = pelvis @ turned(x=stance.bow, z=stance.lean) @ (0, -TORSO_LENGTH, 0)
    at: dict[str, Vector] = {"neck": spine}
    for side, sign in (("right", -1), ("left", 1)):
        roll = turned(z=stance.shoulders) @ (sign * SHOULDERS, 0.005, 0)
        at[f"{side}_shoulder"] = spine + chest @ turned(x=stance.bow, z=stance.lean) @ roll
        at[f"{side}_hip"] = pelvis @ turned(z=stance.hips) @ (sign * HIPS, 0, 0)
        limbs = (
            ("shoulder", "elbow", "wrist", getattr(stance, f"{side}_arm"), chest),
            ("hip", "knee", "ankle", getattr(stance, f"{side}_leg"), pelvis),
        )
        for root, middle, end, swings, frame in limbs:
            for a, b, swing in zip((root, middle), (middle, end), swings, strict=True):
                bone = LENGTHS[a, b] * _bone(swing, sign)
                at[f"{side}_{b}"] = at[f"{side}_{a}"] + frame @ bone
    turn = stance.yaw + stance.twist + stance.turn
    head = turned(x=stance.nod + stance.bow / 2, y=turn, z=stance.tilt + stance.lean / 2)
    at |= {name: spine + head @ place for name, place in HEAD.items()}
    return _on_canvas(at, _covered(turn))


def _bone(swing: Swing, sign: int) -> Vector:
    out, forward = np.radians(swing)
    return np.array(
        [sign * np.sin(out) * np.cos(forward), np.cos(out) * np.cos(forward), np.sin(forward)]
    )


def _covered(turn: float) -> list[str]:
    """What a head turned so many degrees hides."""
    far = "right" if turn > 0 else "left"
    away = abs((turn + 180) % 360 - 180)
    return [f"{far}_ear"] * (away > 35) + [f"{far}_eye"] * (away > 65)


def _on_canvas(at: dict[str, Vector], hidden: list[str]) -> Pose:
    flat = {name: place[:2] * TALL for name, place in at.items()}
    low, high = np.min(list(flat.values()), 0), np.max(list(flat.values()), 0)
    shift = (np.array(SIZE) - low - high) / 2
    return Pose.of(SIZE, {n: (p[0] + shift[0], p[1] + shift[1]) for n, p in flat.items()}, hidden)


def main() -> None:
    """Write every bundled pose."""
    from assets.stance_table import STANCES

    for order, (name, (tags, stance)) in enumerate(STANCES.items(), 1):
        document = _normalized(figure(stance)) | {
            "name": name,
            "tags": tags.split(),
            "order": order,
        }
        path = FOLDER / f"{name.lower().replace(' ', '-')}.json"
        with replacing(path) as file:
            file.write(msgspec.json.format(msgspec.json.encode(document), indent=1))


def _normalized(pose: Pose) -> dict[str, object]:
    """OpenPose JSON with shares of the canvas for coordinates."""
    document = to_openpose(pose)
    table = np.reshape(document["people"][0]["pose_keypoints_2d"], (len(JOINTS), 3))
    shares = (table / (*pose.size, 1)).round(4)
    person = {"person_id": [-1], "pose_keypoints_2d": shares.ravel().tolist()}
    return document | {"people": [person], "units": "normalized"}


if __name__ == "__main__":
    main()
