"""An independent judge of poses: BlazePose, asked in its own Python environment."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.pose import Pose
from trainer.metrics.memory import Memory, digest

ID = "blazepose"
SHOWN = 640
"""Side in pixels at which BlazePose is shown a square picture."""
_WORKER = Path(__file__).with_name("blazepose_worker.py")
_Joints = dict[str, tuple[float, float]] | None
"""Shares of the picture's width and height by joint; None where it saw nobody."""


class _Said(NamedTuple):
    """BlazePose's answer to one picture, and which BlazePose it was."""

    about: dict[str, str | int]
    joints: _Joints


_SAID: Memory[_Said] = Memory(5_000)
"""By interpreter and picture: the photos beside the paintings are the same for many models."""


@dataclass(frozen=True)
class Found:
    """What BlazePose saw.

    Attributes:
        about: its version and settings.
        poses: one pose a picture, in the picture's own pixels, or None where it saw nobody.
    """

    about: dict[str, str | int]
    poses: list[Pose | None]


def find_poses(python: Path, pictures: Sequence[NDArray[np.uint8]]) -> Found:
    """Ask BlazePose for the joints of each (H, W, 3) picture that it has not been shown yet.

    Args:
        pictures: one or more.
        python: interpreter of an environment with mediapipe 0.10.

    Raises:
        InputError: no such interpreter, or it has no working mediapipe.
    """
    keys = [(str(python.absolute()), digest(picture)) for picture in pictures]
    known = {key: said for key in keys if (said := _SAID.get(key)) is not None}
    new = {key: p for key, p in zip(keys, pictures, strict=True) if key not in known}
    if new:
        for key, said in zip(new, _shown(python, list(new.values())), strict=True):
            known[key] = _SAID.of(key, lambda said=said: said)
    sizes = [(p.shape[1], p.shape[0]) for p in pictures]
    poses = [_pose(known[key].joints, size) for key, size in zip(keys, sizes, strict=True)]
    return Found(known[keys[0]].about, poses)


def _shown(python: Path, pictures: Sequence[NDArray[np.uint8]]) -> list[_Said]:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i:05}.png" for i in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            _write(path, picture)
        first, *lines = _ask(python, paths)
    about = msgspec.json.decode(first, type=dict[str, str | int])
    return [_Said(about, msgspec.json.decode(line, type=_Joints)) for line in lines]


def _ask(python: Path, paths: Sequence[Path]) -> list[str]:
    try:
        answer = subprocess.run(
            [str(python), str(_WORKER)],
            input="".join(f"{path}\n" for path in paths),
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{python} cannot be run ({reason.lower()}).") from None
    lines = answer.stdout.splitlines()
    if answer.returncode or len(lines) != len(paths) + 1:
        last = (answer.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise InputError(f"{python} could not run BlazePose: {last}; it needs mediapipe 0.10.")
    return lines


def _write(path: Path, picture: NDArray[np.uint8]) -> None:
    scale = SHOWN / max(picture.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    shown = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=how)
    cv2.imwrite(str(path), cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))


def _pose(joints: _Joints, size: tuple[int, int]) -> Pose | None:
    if joints is None:
        return None
    return Pose.of(size, {n: (x * size[0], y * size[1]) for n, (x, y) in joints.items()})
