"""The bundled poses: named, in normalized OpenPose JSON, with words to find them by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from engine.errors import InputError
from engine.files import read_limited
from engine.shapes.pose import Pose
from engine.shapes.pose_files import MAX_FILE, read_pose

FOLDER = Path(__file__).parents[2] / "assets" / "poses"
OTHERS = "seen-"
"""How the names of files begin that are no poses."""


@dataclass(frozen=True)
class NamedPose:
    """A pose of the library.

    Attributes:
        name: English, in sentence case.
        pose: on a canvas of its own; fit it to a person with `retarget.retargeted`.
        tags: English words in lower case to find it by.
    """

    name: str
    pose: Pose
    tags: tuple[str, ...] = ()


class _Label(msgspec.Struct):
    """What a pose file of ours says beside OpenPose's fields."""

    name: str
    tags: tuple[str, ...] = ()
    order: int = 1000


def read_named(path: Path) -> NamedPose:
    """A pose file with a name in it.

    Raises:
        InputError: missing, no pose, or without a name.
    """
    return _ordered(path)[1]


@cache
def poses() -> tuple[NamedPose, ...]:
    """The bundled poses in the order of the library. InputError if a file is damaged."""
    files = (p for p in sorted(FOLDER.glob("*.json")) if not p.name.startswith(OTHERS))
    return tuple(named for _, named in sorted((_ordered(p) for p in files), key=lambda one: one[0]))


def _ordered(path: Path) -> tuple[int, NamedPose]:
    content = read_limited(path, MAX_FILE)
    try:
        label = msgspec.json.decode(content, type=_Label)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"{path} holds no named pose ({error}).") from None
    return label.order, NamedPose(label.name, read_pose(content), label.tags)
