"""Folders in the layout of pose-gan: annotated photos and pairs of one person in two poses.

`annotation-{split}.csv` has a row `name: [18 ys]: [18 xs]` a photo (whole pixels, -1 = missing),
`pairs-{split}.csv` a row `from,to` a pair, and the photos lie in `{split}/`. The authors' own names
(`market-annotation-train.csv`, `market-pairs-train.csv`, `market-dataset/train/`) are read too.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.pose import JOINTS, Pose, Presence
from trainer.data.coco import PersonSample, Rows
from trainer.data.pictures import read_rgb, size_of
from trainer.data.problems import BadSample

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
        return read_rgb(self.path)


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
    found: dict[str, Annotated] = {}
    for where, photo in annotation_rows(folder, split):
        if isinstance(photo, InputError):
            raise photo
        if photo.path.name in found:
            raise InputError(f"{where}: {photo.path.name} is annotated twice.")
        found[photo.path.name] = photo
    return found


def annotation_rows(folder: Path, split: str) -> Iterator[tuple[str, Annotated | InputError]]:
    """Where each row of the annotation stands, and its photo or why there is none.

    Raises:
        InputError: no such file, or it is none of pose-gan's.
    """
    table, photos = annotation_table(folder, split)
    for where, row in _rows(table, "annotation"):
        try:
            name, ys, xs = _cells(where, row)
            path = photos / name
            yield where, Annotated(path, _pose(where, ys, xs, _size(where, path)))
        except InputError as error:
            yield where, error


def annotation_table(folder: Path, split: str) -> tuple[Path, Path]:
    """The table of annotations of a split, and the folder of its photos. InputError: no table."""
    table, prefix = _table(folder, "annotation", split)
    return table, folder / f"{prefix}dataset" / split if prefix else folder / split


def people_rows(folder: Path, split: str) -> Rows:
    """Name and sample of every annotated photo, or why there is none; the group is the identity."""
    for where, photo in annotation_rows(folder, split):
        if isinstance(photo, InputError):
            yield where, photo
            continue
        group = "" if photo.distractor else f"{folder.name}/{photo.identity}"
        yield photo.path.name, PersonSample(photo.path, None, photo.pose, group, folder.name)


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
    return listed_pairs(_table(folder, "pairs", split)[0], known)


def listed_pairs(table: Path, known: Mapping[str, Annotated]) -> list[PosePair]:
    """The pairs of a table, in file order.

    Args:
        known: the annotated photos by file name.

    Raises:
        InputError: the file cannot be read, or a row is no pair of annotated photos; it is named.
    """
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
        needs = "needs a file name, the ys and the xs with : between them"
        raise BadSample("row", f"{where} {needs}.", needs)
    return parts[0], _numbers(where, parts[1]), _numbers(where, parts[2])


def _numbers(where: str, cell: str) -> list[float]:
    try:
        values = json.loads(cell)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, list) or len(values) != len(JOINTS):
        needs = f"needs lists of {len(JOINTS)} numbers, not {cell[:40]!r}"
        raise BadSample("row", f"{where} {needs}.", needs)
    if not all(type(v) in (int, float) and abs(v) < 1e6 for v in values):
        raise BadSample("not-a-number", f"{where} has a coordinate that is not a number of pixels.")
    return values


def _size(where: str, path: Path) -> tuple[int, int]:
    if not path.exists():
        raise BadSample("missing", f"{where} names {path}, which is not there.", path.name)
    try:
        return size_of(path)
    except BadSample as error:
        said = f"{where} names {path}, which is not a picture that can be read."
        raise BadSample(error.kind, said, path.name) from None


def _pose(where: str, ys: list[float], xs: list[float], size: tuple[int, int]) -> Pose:
    """Whole pixels count from 0 at the first pixel's middle, ours from its corner."""
    stored = np.stack([xs, ys], 1).astype(float)
    missing = (stored == -1).any(1)
    if (stored[~missing] < 0).any() or (stored[~missing] > size).any():
        said = f"a joint outside its photo of {size[0]} x {size[1]} pixels"
        raise BadSample("joint-outside", f"{where} has {said}.", said)
    presence = np.where(missing, Presence.missing, Presence.seen).astype(np.uint8)
    return Pose(np.where(missing[:, None], 0, stored + 0.5), presence, size)
