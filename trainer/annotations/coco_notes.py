"""COCO's tables of key points as text: single values of annotations are exchanged in it."""

from __future__ import annotations

import json
import math
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.errors import InputError
from engine.files import read_limited
from engine.shapes.pose import Pose, joint_index
from engine.shapes.pose_files import COCO17, from_coco17
from trainer.annotations.items import Book, Correction, Item, Names, Point
from trainer.annotations.joints import moved, named
from trainer.annotations.json_text import elements, exchanged, members, with_values
from trainer.annotations.mask_files import Mask, box_of
from trainer.data.coco import MAX_FILE, PersonSample
from trainer.data.pictures import size_of

_NUMBERS = 3 * len(COCO17)
_HIDDEN, _SEEN = 1, 2


class Table:
    """One table, in memory as text until it is asked for.

    Attributes:
        images: what is told of the images, by their id.
    """

    def __init__(self, path: Path) -> None:
        self._text = read_limited(path, MAX_FILE).decode()
        places = members(self._text)
        self._spans = [span for span, _ in elements(self._text, places["annotations"].start)]
        listed = (image for _, image in elements(self._text, places["images"].start))
        self.images: dict[int, dict[str, Any]] = {image["id"]: image for image in listed}
        self._changes: dict[int, dict[str, Any]] = {}

    def __len__(self) -> int:
        """The number of annotations."""
        return len(self._spans)

    def note(self, number: int) -> dict[str, Any]:
        """An annotation as it is by now; they count in file order."""
        return json.loads(self._written(number)) | self._changes.get(number, {})

    def change(self, number: int, values: dict[str, Any]) -> None:
        """Give an annotation other values."""
        self._changes.setdefault(number, {}).update(values)

    def _written(self, number: int) -> str:
        return self._text[slice(*self._spans[number])]

    @property
    def content(self) -> bytes:
        """The file as it shall be."""
        new = [
            (self._spans[number], with_values(self._written(number), values))
            for number, values in self._changes.items()
        ]
        return exchanged(self._text, new).encode()


Place = tuple[Path, int]
"""Path of a table, and number of an annotation in it."""


class TableBook(Book):
    """Tables of key points; the place of an item is a :data:`Place`."""

    writes = ("joints", "mask")
    holds = COCO17

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: dict[Path, Table] = {}
        self._differ: set[Path] = set()

    def table(self, path: Path) -> Table:
        """A table, read once."""
        if path not in self._tables:
            self._tables[path] = Table(path)
        return self._tables[path]

    def person(
        self, names: Names, split: str, place: Place, photos: Path, found: PersonSample | InputError
    ) -> Item:
        """The item of an annotation, without its mask.

        Args:
            names: gives ids.
            photos: folder of the photos.
            found: what trainers read of it.

        Raises:
            InputError: its photo cannot be shown.
        """
        path, number = place
        note = self.table(path).note(number)
        image = self.table(path).images.get(note["image_id"])
        if image is None:
            assert isinstance(found, InputError)
            raise found
        photo = photos / image["file_name"]
        size = size_of(photo)
        joints, hidden = named(pose_of(note, size), COCO17)
        name = names.of(split, image["file_name"])
        return Item(name, split, photo, size, found, place, joints, hidden)

    def note_of(self, item: Item) -> dict[str, Any]:
        """The annotation of an item as it is by now."""
        path, number = item.place
        return self.table(path).note(number)

    def correct(self, item: Item, correction: Correction) -> bool:
        """Exchange values of an annotation."""
        for name in correction.hidden or ():
            joint_index(name)
        note = self.note_of(item)
        outlined = correction.mask is not None or self.outlined(item)
        values = with_joints(note, item, correction, outlined)
        masked = correction.mask is not None and self.masked(item, Path(correction.mask), values)
        if values:
            path, number = item.place
            self.table(path).change(number, values)
            self._differ.add(path)
        return bool(values) or masked

    @abstractmethod
    def outlined(self, item: Item) -> bool:
        """Whether it is known which pixels are the person's."""

    @abstractmethod
    def masked(self, item: Item, corrected: Path, values: dict[str, Any]) -> bool:
        """Take a corrected mask, and what it changes of the annotation into `values`.

        Returns:
            Whether it differs from what is there.
        """

    def changed(self) -> dict[Path, bytes]:
        """The tables with their new values."""
        return {path: self._tables[path].content for path in self._differ}


def told_of(mask: Mask, note: dict[str, Any]) -> dict[str, Any]:
    """What an annotation says of its mask, as far as it says so: the box and the area."""
    told: dict[str, Any] = {"bbox": box_of(mask), "area": int((mask > 127).sum())}
    return {key: value for key, value in told.items() if key in note}


def pose_of(note: dict[str, Any], size: tuple[int, int]) -> Pose:
    """The joints of an annotation as far as they can be read; others are missing."""
    triples = _triples(note["keypoints"])
    return from_coco17([number for triple in triples for number in triple], size)


def _triples(values: Sequence[Any]) -> list[list[Any]]:
    """17 times x, y and v, zeros for what is damaged; all zeros for a list of another length."""
    flat = list(values) if len(values) == _NUMBERS else [0] * _NUMBERS
    triples = [flat[start : start + 3] for start in range(0, _NUMBERS, 3)]
    return [triple if _is_whole(*triple) else [0, 0, 0] for triple in triples]


def _is_whole(x: float, y: float, v: float) -> bool:
    return math.isfinite(x) and math.isfinite(y) and v in (0, _HIDDEN, _SEEN)


def with_joints(
    note: dict[str, Any], item: Item, correction: Correction, outlined: bool
) -> dict[str, Any]:
    """The values of an annotation that a correction of joints changes; empty = none.

    Joints that did not move keep their numbers; one that moved keeps its v, a new one is seen.

    Args:
        outlined: whether it is known which pixels are the person's; otherwise the box grows with
            the joints.

    Raises:
        InputError: as :func:`moved`.
    """
    changes = moved(item, correction, COCO17)
    triples = _triples(note["keypoints"])
    for name, point in changes.items():
        at = COCO17.index(name)
        v = triples[at][2] if triples[at][2] in (_HIDDEN, _SEEN) else _SEEN
        triples[at] = [0, 0, 0] if point is None else [round(point[0], 2), round(point[1], 2), v]
    for name in COCO17 if correction.hidden is not None else ():
        triple = triples[COCO17.index(name)]
        wanted = _HIDDEN if name in (correction.hidden or ()) else _SEEN
        if triple[2] != wanted and triple[2] in (_HIDDEN, _SEEN):
            triple[2] = wanted
    flat = [number for triple in triples for number in triple]
    if flat == note["keypoints"] or "joints" not in correction.parts:
        return {}
    values: dict[str, Any] = {"keypoints": flat}
    if "num_keypoints" in note:
        values["num_keypoints"] = sum(triple[2] > 0 for triple in triples)
    if "bbox" in note and not outlined:
        values["bbox"] = _grown(note["bbox"], [p for p in changes.values() if p is not None])
    return values


def _grown(box: list[float], points: list[Point]) -> list[float]:
    """A box that reaches to some places."""
    left, top, width, height = box
    low = [min(side, *(p[axis] for p in points), side) for axis, side in enumerate((left, top))]
    ends = (left + width, top + height)
    high = [max(side, *(p[axis] for p in points), side) for axis, side in enumerate(ends)]
    if (low, high) == ([left, top], list(ends)):
        return box
    return [round(v, 2) for v in (*low, high[0] - low[0], high[1] - low[1])]
