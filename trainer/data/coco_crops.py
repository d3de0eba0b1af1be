"""COCO as downloaded: `annotations/person_keypoints_{train,val}2017.json` beside `train2017/`.

Its photos show several people each; everybody who is large enough and has shoulders and hips is cut
out as a sample, with a mask where the annotation outlines the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.pose import CORE, Pose
from trainer.data.coco import PersonSample, Rows, decoded, joints_of_row
from trainer.data.coco_outlines import mask_of
from trainer.data.pictures import read_rgb
from trainer.data.problems import BadSample

_AROUND = 0.2
"""What is kept around a person's box, as a share of its longer side."""
_LEAST = 64
"""Height in pixels from which a person is learned from."""
_NAME = "person_keypoints_"
Box = tuple[int, int, int, int]


class _Image(msgspec.Struct):
    id: int
    file_name: str
    width: int
    height: int


class _Annotation(msgspec.Struct):
    id: int
    image_id: int
    keypoints: list[float]
    bbox: tuple[float, float, float, float]
    iscrowd: int = 0
    segmentation: Any = None


class _File(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Annotation]


@dataclass(frozen=True)
class CroppedPerson(PersonSample):
    """A person cut out of a larger photo.

    Attributes:
        box: left, top, right and bottom of the cut in whole pixels of the photo.
        outline: COCO's polygons or run lengths of the person in the whole photo; None = unknown.
        whole: width and height of the photo.
    """

    box: Box = (0, 0, 0, 0)
    outline: Any = None
    whole: tuple[int, int] = (0, 0)

    @property
    def masked(self) -> bool:
        """Whether the annotation outlines the person."""
        return bool(self.outline)

    def read(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """(H, W, 3) RGB and (H, W) mask of the cut. InputError if the photo is damaged."""
        photo = read_rgb(self.photo)
        if photo.shape[1::-1] != self.whole:
            raise BadSample("size", f"{self.photo} is not as large as its annotation says.")
        left, top, right, bottom = self.box
        cut = np.ascontiguousarray(photo[top:bottom, left:right])
        if not self.masked:
            return cut, np.full(cut.shape[:2], 255, np.uint8)
        return cut, mask_of(self.outline, self.whole)[top:bottom, left:right].copy()


def splits_of(folder: Path) -> dict[str, Path]:
    """Split -> its annotation file, whatever the year in its name."""
    found = sorted((folder / "annotations").glob(f"{_NAME}*.json"))
    named = {path.stem.removeprefix(_NAME).rstrip("0123456789"): path for path in found}
    return {split: path for split, path in named.items() if split in ("train", "val", "test")}


def crop_rows(folder: Path, split: str) -> Rows:
    """Everybody of a split who is large enough, with shoulders and hips, in file order.

    Raises:
        InputError: no such split, or its file is no COCO key-point JSON.
    """
    table = splits_of(folder).get(split)
    if table is None:
        raise InputError(f"{folder / 'annotations'} has no {_NAME}{split}2017.json.")
    for _, name, found in large_enough(folder, table):
        if isinstance(found, InputError) or found.pose.has(*CORE):
            yield name, found


def large_enough(
    folder: Path, table: Path
) -> Iterator[tuple[int, str, CroppedPerson | InputError]]:
    """Number of the annotation, name, and sample of everybody who is large enough in a table."""
    file = decoded(table, _File)
    images = {image.id: image for image in file.images}
    photos = photos_of(folder, table)
    for number, note in enumerate(file.annotations):
        if note.iscrowd or note.bbox[3] < _LEAST or not any(note.keypoints[2::3]):
            continue
        image = images.get(note.image_id)
        name = f"{image.file_name}, annotation {note.id}" if image else f"annotation {note.id}"
        try:
            yield number, name, _person(photos, note, image, f"{table}, {name}", folder.name)
        except InputError as error:
            yield number, name, error


def photos_of(folder: Path, table: Path) -> Path:
    """The folder of a table's photos: train2017, images/train2017 or images."""
    name = table.stem.removeprefix(_NAME)
    places = (folder / name, folder / "images" / name, folder / "images")
    return next((place for place in places if place.is_dir()), places[0])


def _person(
    photos: Path, note: _Annotation, image: _Image | None, where: str, pack: str
) -> CroppedPerson:
    if image is None:
        raise BadSample("row", f"{where} names image {note.image_id}, which is not listed.")
    size = image.width, image.height
    pose = joints_of_row(note.keypoints, size, where)
    box = _box(note.bbox, size)
    left, top, right, bottom = box
    if right - left < 8 or bottom - top < 8:
        raise BadSample("row", f"{where} has a box outside of its photo.")
    moved = Pose(pose.xy - (left, top), pose.presence, (right - left, bottom - top))
    photo = photos / image.file_name
    return CroppedPerson(photo, None, moved, "", pack, box, note.segmentation or None, size)


def _box(box: tuple[float, float, float, float], size: tuple[int, int]) -> Box:
    x, y, width, height = box
    around = _AROUND * max(width, height)
    low = np.floor(np.maximum((x - around, y - around), 0)).astype(int)
    high = np.ceil(np.minimum((x + width + around, y + height + around), size)).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
