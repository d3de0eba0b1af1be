"""A person's pose: 18 named joints, immutable, pure numpy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError

JOINTS: tuple[str, ...] = (
    "nose",
    "neck",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "right_eye",
    "left_eye",
    "right_ear",
    "left_ear",
)
"""OpenPose's COCO-18 order. Left and right are the person's own."""

INDEX: dict[str, int] = {name: i for i, name in enumerate(JOINTS)}

LIMBS: tuple[tuple[str, str], ...] = (
    ("neck", "right_shoulder"),
    ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"),
    ("neck", "left_shoulder"),
    ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"),
    ("neck", "right_hip"),
    ("right_hip", "right_knee"),
    ("right_knee", "right_ankle"),
    ("neck", "left_hip"),
    ("left_hip", "left_knee"),
    ("left_knee", "left_ankle"),
    ("neck", "nose"),
    ("nose", "right_eye"),
    ("right_eye", "right_ear"),
    ("nose", "left_eye"),
    ("left_eye", "left_ear"),
)

CORE: tuple[str, ...] = ("right_shoulder", "left_shoulder", "right_hip", "left_hip")
"""Without these four no body frame exists (pose-gan, models.md 4a)."""

MIRROR: NDArray[np.intp] = np.array(
    [
        INDEX[n.replace("right_", "~").replace("left_", "right_").replace("~", "left_")]
        for n in JOINTS
    ]
)
"""Index permutation that exchanges left and right."""


class Presence(IntEnum):
    """COCO's visibility: absent, known but covered, seen."""

    missing = 0
    hidden = 1
    seen = 2


@dataclass(frozen=True, eq=False)
class Pose:
    """18 joints on a canvas.

    Attributes:
        xy: (18, 2) float64, x to the right and y down, in pixels of the canvas; the pixel in column
            i covers [i, i + 1). Joints may lie outside. Missing joints hold zeros.
        presence: (18,) uint8 of :class:`Presence`.
        size: (width, height) of the canvas in pixels.

    Raises:
        InputError: wrong shapes, coordinates that are not finite, or an empty canvas.
    """

    xy: NDArray[np.float64]
    presence: NDArray[np.uint8]
    size: tuple[int, int]

    def __post_init__(self) -> None:
        xy = np.array(self.xy, dtype=np.float64)
        presence = np.array(self.presence, dtype=np.uint8)
        if xy.shape != (18, 2) or presence.shape != (18,):
            raise InputError("A pose needs 18 joints, each with x, y and a presence.")
        if not np.isfinite(xy).all():
            raise InputError("A pose has a joint whose position is not a finite number.")
        if presence.max(initial=0) > 2:
            raise InputError("A joint's presence must be 0 (missing), 1 (hidden) or 2 (seen).")
        if min(self.size) < 1:
            raise InputError("A pose needs a canvas of at least one pixel.")
        xy[presence == Presence.missing] = 0
        xy.flags.writeable = presence.flags.writeable = False
        object.__setattr__(self, "xy", xy)
        object.__setattr__(self, "presence", presence)
        object.__setattr__(self, "size", (int(self.size[0]), int(self.size[1])))

    @classmethod
    def of(
        cls,
        size: tuple[int, int],
        joints: Mapping[str, tuple[float, float]],
        hidden: Iterable[str] = (),
    ) -> Pose:
        """A pose from named points; the others are missing. Unknown names raise InputError."""
        xy, presence = np.zeros((18, 2)), np.zeros(18, np.uint8)
        for name, point in joints.items():
            i = joint_index(name)
            xy[i], presence[i] = point, Presence.seen
        for name in hidden:
            presence[joint_index(name)] = Presence.hidden
        return cls(xy, presence, size)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pose):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[bytes, bytes, tuple[int, int]]:
        return self.xy.tobytes(), self.presence.tobytes(), self.size

    def __getitem__(self, name: str) -> tuple[float, float] | None:
        """The joint's position in canvas pixels, or None if it is missing."""
        i = joint_index(name)
        if self.presence[i] == Presence.missing:
            return None
        return float(self.xy[i, 0]), float(self.xy[i, 1])

    def has(self, *names: str) -> bool:
        """Whether all these joints have a position."""
        return all(self.presence[joint_index(n)] != Presence.missing for n in names)

    def moved(self, **joints: tuple[float, float]) -> Pose:
        """The same pose with these joints elsewhere; a missing joint becomes seen."""
        xy, presence = self.xy.copy(), self.presence.copy()
        for name, point in joints.items():
            i = joint_index(name)
            xy[i] = point
            if presence[i] == Presence.missing:
                presence[i] = Presence.seen
        return Pose(xy, presence, self.size)

    def marked(self, presence: Presence, *names: str) -> Pose:
        """The same pose with these joints missing, hidden or seen."""
        marks = self.presence.copy()
        marks[[joint_index(n) for n in names]] = presence
        return Pose(self.xy, marks, self.size)

    def mirrored(self) -> Pose:
        """The pose of the mirrored picture: x runs the other way, left and right change names."""
        xy = self.xy[MIRROR] * (-1, 1) + (self.size[0], 0)
        return Pose(xy, self.presence[MIRROR], self.size)

    def mapped(self, matrix: NDArray[np.floating], size: tuple[int, int]) -> Pose:
        """The pose under a 2x3 affine map from this canvas to another one of the given size."""
        return Pose(self.xy @ matrix[:, :2].T + matrix[:, 2], self.presence, size)

    def resized(self, size: tuple[int, int]) -> Pose:
        """The pose on the same picture scaled to another size."""
        scale = np.array(size) / np.array(self.size)
        return Pose(self.xy * scale, self.presence, size)


def joint_index(name: str) -> int:
    """Position of a joint in :data:`JOINTS`; InputError for an unknown name."""
    try:
        return INDEX[name]
    except KeyError:
        raise InputError(
            f"There is no joint called {name!r}; joints are {', '.join(JOINTS)}."
        ) from None
