"""Folders with COCO key points: photos, masks and 17 joints, as the public packs have them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import read_limited
from engine.shapes.pose import Pose
from engine.shapes.pose_files import from_coco17
from trainer.data.pictures import read_gray, read_rgb
from trainer.data.problems import BadSample

MAX_FILE = 4_000_000_000


@dataclass(frozen=True)
class PersonSample:
    """One annotated person.

    Attributes:
        photo: path of the photo.
        mask: path of the mask (255 = person), or None.
        pose: 18 joints on the photo's canvas, in pixels.
        group: photos with the same group show one person in the same clothes; empty = alone.
        pack: name of the folder the sample came from.
    """

    photo: Path
    mask: Path | None
    pose: Pose
    group: str
    pack: str

    @property
    def masked(self) -> bool:
        """Whether it is known which pixels are the person's."""
        return self.mask is not None

    def read(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """(H, W, 3) RGB and (H, W) mask, uint8. InputError if a file is missing or damaged."""
        photo = read_rgb(self.photo)
        if self.mask is None:
            return photo, np.full(photo.shape[:2], 255, np.uint8)
        mask = read_gray(self.mask)
        if mask.shape != photo.shape[:2]:
            raise BadSample("size", f"{self.mask} is not as large as its photo.", "its mask")
        return photo, mask


class _Image(msgspec.Struct):
    id: int
    file_name: str
    width: int
    height: int


class _Annotation(msgspec.Struct):
    image_id: int
    keypoints: list[float]
    mask: str | None = None
    same_person_group: str | None = None


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]


Rows = Iterator[tuple[str, PersonSample | InputError]]
"""Name of each row of a table, and its sample or why there is none."""


def read_people(folder: Path, split: str) -> list[PersonSample]:
    """Samples of `folder/person_keypoints_{split}.json`, in file order.

    Raises:
        InputError: no such file, it is not COCO key-point JSON, or a row cannot be used.
    """
    return wanted(coco_rows(folder, split))


def wanted(rows: Rows) -> list[PersonSample]:
    """The samples of rows that all have one. InputError: that of the first that has none."""
    samples = []
    for _, found in rows:
        if isinstance(found, InputError):
            raise found
        samples.append(found)
    return samples


def coco_rows(folder: Path, split: str) -> Rows:
    """Every annotation of `folder/person_keypoints_{split}.json`. InputError: as a whole."""
    path = folder / f"person_keypoints_{split}.json"
    if not path.is_file():
        raise InputError(f"{folder} has no {path.name}.")
    file = decoded(path, _File)
    images = {image.id: image for image in file.images}
    for number, note in enumerate(file.annotations):
        image = images.get(note.image_id)
        name = image.file_name if image else f"annotation {number}"
        try:
            yield name, _sample(folder, note, image, f"{path}, {name}")
        except InputError as error:
            yield name, error


T = TypeVar("T")


def decoded(path: Path, kind: type[T]) -> T:
    """A JSON file as `kind`; NaN may be in it, as Python writes it. InputError: it is none."""
    content = read_limited(path, MAX_FILE)
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        reason = str(error)
    try:
        return msgspec.convert(json.loads(content), kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise InputError(f"{path} is not COCO key-point JSON: {reason}.") from None


def _sample(folder: Path, note: _Annotation, image: _Image | None, where: str) -> PersonSample:
    if image is None:
        raise BadSample("row", f"{where} names image {note.image_id}, which is not listed.")
    photo = folder / "photos" / image.file_name
    mask = folder / "masks" / (note.mask or f"{Path(image.file_name).stem}.png")
    group = f"{folder.name}/{note.same_person_group}" if note.same_person_group else ""
    pose = joints_of_row(note.keypoints, (image.width, image.height), where)
    return PersonSample(photo, mask if mask.exists() else None, pose, group, folder.name)


def joints_of_row(keypoints: Sequence[float], size: tuple[int, int], where: str) -> Pose:
    """The pose of a row of key points on a canvas of `size` (width, height).

    Raises:
        BadSample: not 51 finite numbers, shares of the photo instead of pixels, or joints further
            outside of the photo than half of its size.
    """
    if not all(map(math.isfinite, keypoints)):
        raise BadSample("not-a-number", f"{where} has joints that are not numbers.")
    try:
        pose = from_coco17(keypoints, size)
    except InputError as error:
        raise BadSample("row", f"{where}: {error}", str(error).rstrip(".")) from None
    there = pose.xy[pose.presence > 0]
    if len(there) and np.abs(there).max() <= 2 < min(size):
        raise BadSample("row", f"{where} has joints in shares of the photo; pixels are needed.")
    if len(there) and (np.abs(there / size - 0.5) > 1).any():
        raise BadSample("joint-outside", f"{where} has joints far outside of its photo.")
    return pose
