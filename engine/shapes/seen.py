"""How far a pose is from the poses that a model saw in training, and where it is far."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError, ModelError
from engine.files import read_limited
from engine.shapes.body import body_height
from engine.shapes.limbs import HIPS, points
from engine.shapes.pose import CORE, Pose

BUNDLED = Path(__file__).parents[2] / "assets" / "poses" / "seen-people.json"
MAX_FILE = 5_000_000

BONES: dict[str, tuple[tuple[str, str], ...]] = {
    "trunk": (
        (HIPS, "neck"),
        (HIPS, "right_hip"),
        ("neck", "right_shoulder"),
        ("neck", "left_shoulder"),
        ("neck", "nose"),
    ),
    "right_arm": (("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist")),
    "left_arm": (("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist")),
    "right_leg": (("right_hip", "right_knee"), ("right_knee", "right_ankle")),
    "left_leg": (("left_hip", "left_knee"), ("left_knee", "left_ankle")),
}
"""The parts that are compared one by one, each as its bones from parent to child."""

KINDS: dict[str, str] = {part: part.rsplit("_", 1)[-1] for part in BONES}
"""Part -> kind; a left limb is mirrored and compared with the right ones."""


@dataclass(frozen=True)
class _Far:
    """How far one part is: its distance as a share of the kind's scale, and its strangest joint."""

    distance: float
    joint: str


@dataclass(frozen=True, eq=False)
class SeenPoses:
    """Typical trunks, arms and legs of the poses that a model was trained on.

    Attributes:
        centres: kind -> (K, 2 * bones) cluster centres of the bones' x and y as shares of the
            standing height, in the order of BONES; left limbs mirrored.
        scales: kind -> 99th percentile of the distance of a training part to the others' centres.
        limit: 99th percentile of the training poses' own leave-one-out distance, in such scales.
        about: what they were made of, for people.
    """

    centres: dict[str, NDArray[np.float64]]
    scales: dict[str, float]
    limit: float
    about: str = ""

    def distance(self, pose: Pose) -> float:
        """0 = like a pose that was seen; above 1 = farther than 99 % of these are from each other.

        The strangest part decides, whose place and build do not matter. Parts with missing joints
        are compared by the bones that are there. Infinite without both shoulders and both hips.
        """
        parts = self._parts(pose)
        return max(part.distance for part in parts) / self.limit if parts else math.inf

    def far_joint(self, pose: Pose) -> str:
        """The name of the joint at the end of the most unusual bone, e.g. "right_wrist"."""
        parts = self._parts(pose)
        if not parts:
            return next(name for name in CORE if not pose.has(name))
        return max(parts, key=lambda part: part.distance).joint

    def _parts(self, pose: Pose) -> list[_Far]:
        if not pose.has(*CORE):
            return []
        return [self._far(part, vector) for part, vector in bone_vectors(pose).items()]

    def _far(self, part: str, bones: NDArray[np.float64]) -> _Far:
        kind = KINDS[part]
        there = np.isfinite(bones)
        if not there.any():
            return _Far(0.0, BONES[part][-1][1])
        off = np.where(there, self.centres[kind] - bones, 0)
        squares = (off**2).sum(1) * (len(bones) / there.sum())
        nearest = int(squares.argmin())
        worst = int((off[nearest].reshape(-1, 2) ** 2).sum(1).argmax())
        return _Far(float(squares[nearest] ** 0.5) / self.scales[kind], BONES[part][worst][1])


def bone_vectors(pose: Pose) -> dict[str, NDArray[np.float64]]:
    """Part -> (2 * bones,) x and y of its bones as shares of the standing height.

    A left limb is mirrored; bones with a missing joint are NaN.

    Raises:
        InputError: a shoulder or hip is missing.
    """
    at, height = points(pose), max(body_height(pose), 1e-6)
    gone = complex(math.nan, math.nan)
    out: dict[str, NDArray[np.float64]] = {}
    for part, bones in BONES.items():
        side = -1 if part.startswith("left") else 1
        ways = [at.get(b, gone) - at.get(a, gone) for a, b in bones]
        out[part] = np.array([(side * z.real, z.imag) for z in ways]).ravel() / height
    return out


class _File(msgspec.Struct):
    about: str
    limit: float
    scales: dict[str, float]
    centres: dict[str, list[list[float]]]


def read_seen(path: Path) -> SeenPoses:
    """The poses of a file that :func:`write_seen` wrote.

    Raises:
        ModelError: missing, damaged, or of another form.
    """
    try:
        file = msgspec.json.decode(read_limited(path, MAX_FILE), type=_File)
        centres = {kind: np.array(rows, np.float64) for kind, rows in file.centres.items()}
        sizes = {KINDS[part]: 2 * len(bones) for part, bones in BONES.items()}
        if any(centres[kind].shape[1:] != (size,) for kind, size in sizes.items()):
            raise ValueError("its centres have another size")
        if not all(file.scales[kind] > 0 for kind in sizes) or file.limit <= 0:
            raise ValueError("its scales are not positive")
    except (InputError, msgspec.MsgspecError, KeyError, ValueError) as error:
        raise ModelError(f"{path} does not hold seen poses: {error}.") from None
    return SeenPoses(centres, file.scales, file.limit, file.about)


def encoded_seen(seen: SeenPoses) -> bytes:
    """JSON that :func:`read_seen` reads, centres to a thousandth of the standing height."""
    centres = {kind: rows.round(3).tolist() for kind, rows in seen.centres.items()}
    return msgspec.json.encode(_File(seen.about, seen.limit, seen.scales, centres))


@cache
def seen_people() -> SeenPoses:
    """The poses that the bundled painters of people saw. ModelError if the file is damaged."""
    return read_seen(BUNDLED)
