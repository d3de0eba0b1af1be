"""An independent judge of poses: BlazePose, asked in its own Python environment."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.pose import Pose

ID = "blazepose"
SHOWN = 640
"""Side in pixels at which BlazePose is shown a square picture."""
_WORKER = Path(__file__).with_name("blazepose_worker.py")


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
    """Ask BlazePose for the joints of each (H, W, 3) picture.

    Args:
        python: interpreter of an environment with mediapipe 0.10.

    Raises:
        InputError: no such interpreter, or it has no working mediapipe.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i:05}.png" for i in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            _write(path, picture)
        lines = _ask(python, paths)
    about = msgspec.json.decode(lines[0], type=dict[str, str | int])
    said = [msgspec.json.decode(x, type=dict[str, tuple[float, float]] | None) for x in lines[1:]]
    sizes = [(p.shape[1], p.shape[0]) for p in pictures]
    return Found(about, [_pose(j, size) for j, size in zip(said, sizes, strict=True)])


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


def _pose(joints: dict[str, tuple[float, float]] | None, size: tuple[int, int]) -> Pose | None:
    if joints is None:
        return None
    return Pose.of(size, {n: (x * size[0], y * size[1]) for n, (x, y) in joints.items()})
