"""Folders in the layout of pose-gan: annotated photos and pairs of one person in two poses.

`annotation-{split}.csv` has a row `name: [18 ys]: [18 xs]` a photo (whole pixels, -1 = missing),
`pairs-{split}.csv` a row `from,to` a pair, and the photos lie in `{split}/`. The authors' own names
(`market-annotation-train.csv`, `market-pairs-train.csv`, `market-dataset/train/`) are read too.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.shapes.pose import JOINTS, Pose, Presence

_NAMES = {"annotation": "name:keypoints_y:keypoints_x", "pairs": "from,to"}


@dataclass(frozen=True)
class Annotated:
    """A photo and the pose it shows, on the photo's canvas."""

    path: Path
    pose: Pose

    @property
    def identity(self) -> str:
        """Who it is: what stands before the first underscore of the file name."""
        return self.path.name.split("_")[0]

    @property
    def distractor(self) -> bool:
        """Whether the file name says that it is nobody in particular, as Market-1501 has it."""
        return self.path.name.startswith(("-1", "0000"))

    def read(self) -> NDArray[np.uint8]:
        """(H, W, 3) RGB uint8. InputError if the file is missing or damaged."""
        photo = cv2.imread(str(self.path), cv2.IMREAD_COLOR)
        if photo is None:
            raise InputError(f"{self.path} is missing or damaged.")
        return cv2.cvtColor(photo, cv2.COLOR_BGR2RGB).astype(np.uint8)


@dataclass(frozen=True)
class PosePair:
    """One person in two poses."""

    source: Annotated
    target: Annotated


def read_annotations(folder: Path, split: str) -> dict[str, Annotated]:
    """Every annotated photo of a split by file name, in file order.

    Raises:
        InputError: no such file, or a row that cannot be read; the row is named.
    """
    table, prefix = _table(folder, "annotation", split)
    photos = folder / f"{prefix}dataset" / split if prefix else folder / split
    found: dict[str, Annotated] = {}
    for where, row in _rows(table, "annotation"):
        name, ys, xs = _cells(where, row)
        if name in found:
            raise InputError(f"{where}: {name} is annotated twice.")
        path = photos / name
        found[name] = Annotated(path, _pose(where, ys, xs, _size(where, path)))
    return found


def read_pairs(folder: Path, split: str) -> list[PosePair]:
    """The pairs of a split, in file order.

    Without a table of pairs, every ordered pair of photos of one identity.

    Raises:
        InputError: a file is missing, a row cannot be read, or a pair names a photo that is not
            there or not annotated; the row is named.
    """
    known = read_annotations(folder, split)
    if not any(folder.glob(f"*pairs-{split}.csv")):
        return identity_pairs(known.values())
    table, _ = _table(folder, "pairs", split)
    pairs = []
    for where, row in _rows(table, "pairs"):
        names = next(csv.reader([row]))
        if len(names) != 2:
            raise InputError(f"{where} needs two file names with a comma between them.")
        for name in names:
            if name not in known:
                raise InputError(f"{where} names {name}, which has no annotation.")
        pairs.append(PosePair(known[names[0]], known[names[1]]))
    return pairs


def identity_pairs(photos: Iterable[Annotated]) -> list[PosePair]:
    """Every ordered pair of two photos of one identity; distractors are left out."""
    people: dict[str, list[Annotated]] = {}
    for photo in photos:
        if not photo.distractor:
            people.setdefault(photo.identity, []).append(photo)
    return [PosePair(a, b) for same in people.values() for a, b in permutations(same, 2)]


def _table(folder: Path, kind: str, split: str) -> tuple[Path, str]:
    """The path of a table, and what stands before its kind in the name, such as "market-"."""
    ending = f"{kind}-{split}.csv"
    found = sorted(folder.glob(f"*{ending}"))
    if not found:
        raise InputError(f"{folder} has no {ending}.")
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise InputError(f"{folder} has several tables ({names}); keep each set in its own folder.")
    return found[0], found[0].name.removesuffix(ending)


def _rows(path: Path, kind: str) -> Iterator[tuple[str, str]]:
    """Where each row stands, for messages, and its text."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}).") from None
    if not lines or lines[0].replace(" ", "") != _NAMES[kind]:
        raise InputError(f"{path} must begin with the line {_NAMES[kind]}.")
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            yield f"{path}, line {number}", line


def _cells(where: str, row: str) -> tuple[str, list[float], list[float]]:
    parts = [part.strip() for part in row.rsplit(":", 2)]
    if len(parts) != 3:
        raise InputError(f"{where} needs a file name, the ys and the xs with : between them.")
    return parts[0], _numbers(where, parts[1]), _numbers(where, parts[2])


def _numbers(where: str, cell: str) -> list[float]:
    try:
        values = json.loads(cell)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or len(values) != len(JOINTS):
        raise InputError(f"{where} needs lists of {len(JOINTS)} numbers, not {cell[:40]!r}.")
    if not all(type(v) in (int, float) and abs(v) < 1e6 for v in values):
        raise InputError(f"{where} has a coordinate that is not a number of pixels.")
    return values


def _size(where: str, path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as photo:
            return photo.size
    except FileNotFoundError:
        raise InputError(f"{where} names {path}, which is not there.") from None
    except (OSError, Image.DecompressionBombError):
        raise InputError(f"{where} names {path}, which is not a picture.") from None


def _pose(where: str, ys: list[float], xs: list[float], size: tuple[int, int]) -> Pose:
    """Whole pixels count from 0 at the first pixel's middle, ours from its corner."""
    stored = np.stack([xs, ys], 1).astype(float)
    missing = (stored == -1).any(1)
    if (stored[~missing] < 0).any() or (stored[~missing] > size).any():
        raise InputError(f"{where} has a joint outside its photo of {size[0]} x {size[1]} pixels.")
    presence = np.where(missing, Presence.missing, Presence.seen).astype(np.uint8)
    return Pose(np.where(missing[:, None], 0, stored + 0.5), presence, size)
