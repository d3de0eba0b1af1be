"""Label maps with their photos, and A/B pictures: the scenes of a folder in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.label_sets import cityscapes, read_label_set
from engine.shapes.labels import LabelSet
from trainer.data import labelme_folders
from trainer.data.pictures import read_rgb, size_of
from trainer.data.problems import BadSample
from trainer.data.products import Direction, split_halves
from trainer.data.scene_files import Rows, SceneFiles, has_split, is_pictures, scene_rows
from trainer.data.scene_ids import DONT_CARE, checked_labels, checked_objects, read_ids

CITYSCAPES = 35
"""Ids of Cityscapes, as pix2pixHD counts them."""


@dataclass(frozen=True)
class Scene:
    """One scene in memory.

    Attributes:
        labels: (H, W) uint8 class ids, DONT_CARE where unknown.
        objects: (H, W) int32; pixels of one object share a number, whatever it is.
        photo: (H, W, 3) RGB.
    """

    labels: NDArray[np.uint8]
    objects: NDArray[np.int32]
    photo: NDArray[np.uint8]


@dataclass(frozen=True)
class SceneFolder:
    """A split of a data set.

    Attributes:
        files: every scene, by name.
        classes: number of ids, from 0 on; 0 = A/B pictures.
        things: classes of which there are single objects.
        known: what the ids mean; None = the caller says how many there are.
    """

    files: tuple[SceneFiles, ...]
    classes: int
    things: tuple[int, ...]
    known: LabelSet | None = None

    def __len__(self) -> int:
        return len(self.files)

    def load(self, index: int) -> Scene:
        """Read a scene; InputError if its files cannot be used."""
        return load_scene(self.files[index], self.classes, self.known)

    def read_labels(self, index: int) -> NDArray[np.uint8]:
        """The labels of a scene alone."""
        return _labels_of(self.files[index], self.classes, self.known)[0]


def find_scenes(
    data: Path, split: str, classes: int | None = None, direction: Direction = "AtoB"
) -> SceneFolder:
    """The scenes of a split, in any layout of :mod:`trainer.data.scene_files`, paired by name.

    pix2pixHD: `{split}_label`, `{split}_img` and, if there are any, `{split}_inst`; or `{split}_A`
    and `{split}_B` without labels. Cityscapes: `gtFine/{split}/CITY` beside
    `leftImg8bit/{split}/CITY`. Pictures of A and B side by side in `{split}`. labelme's files
    beside photos in `{split}`, or all in one folder. Shards of any of them.

    Args:
        data: folder of the set.
        split: train or val; where there is no val, test is read.
        classes: number of ids of a set of one's own, which then has no single objects to recolour;
            without, those of labels.json, else Cityscapes.
        direction: of A/B pictures, BtoA = B is the input.

    Raises:
        InputError: no such layout, or a file without its partner.
    """
    data = Path(data)
    if split == "val" and not has_split(data, "val") and has_split(data, "test"):
        return find_scenes(data, "test", classes, direction)
    files = tuple(wanted(scene_rows(data, split, direction)))
    if not files:
        raise InputError(f"There are no pictures in {data} for {split}.")
    return scene_folder(data, files, classes)


def scene_folder(
    data: Path, files: tuple[SceneFiles, ...], classes: int | None = None
) -> SceneFolder:
    """Scenes of a folder with what their ids mean. InputError: labels that cannot be used."""
    if is_pictures(data):
        return SceneFolder(files, 0, ())
    if classes is not None:
        return SceneFolder(files, classes, ())
    known = labels_of(data)
    count = CITYSCAPES if known == cityscapes() else max(known.ids) + 1
    things = tuple(label.id for label in known.labels if label.things)
    return SceneFolder(files, count, things, known)


def wanted(rows: Rows) -> list[SceneFiles]:
    """The scenes of rows that all have one. InputError: that of the first that has none."""
    scenes = []
    for _, found in rows:
        if isinstance(found, InputError):
            raise found
        scenes.append(found)
    return scenes


def labels_of(data: Path) -> LabelSet:
    """The label set of labels.json, else that of Cityscapes.

    Raises:
        InputError: a labels.json that cannot be used.
    """
    path = Path(data) / "labels.json"
    if not path.is_file() and labelme_folders.recognised(Path(data)):
        found = labelme_folders.labels_of(Path(data))
    else:
        found = read_label_set(path) if path.is_file() else cityscapes()
    if max(found.ids) >= DONT_CARE:
        raise InputError(f"The ids of {path} must be below {DONT_CARE} to be trained.")
    return found


def load_scene(files: SceneFiles, classes: int, known: LabelSet | None = None) -> Scene:
    """Read the files of a scene.

    Args:
        known: what the names of labelme's shapes mean.

    Raises:
        InputError: they cannot be read, differ in size, or contradict each other.
    """
    if files.halves is not None:
        left, right = split_halves(read_rgb(files.label), files.label)
        both = (left, right) if files.halves == "AtoB" else (right, left)
        return picture_scene(np.concatenate(both, axis=2))
    photo = read_rgb(files.photo)
    if classes == 0:
        drawn = read_rgb(files.label)
        _same_size(files.label, drawn, files.photo, photo)
        return picture_scene(np.concatenate([drawn, photo], axis=2))
    labels, objects = _labels_of(files, classes, known)
    _same_size(files.label, labels, files.photo, photo)
    if files.objects is not None:
        ids = read_ids(files.objects)
        _same_size(files.objects, ids, files.label, labels)
        objects = checked_objects(ids, labels, files.objects)
    return Scene(labels, objects, photo)


def size_of_scene(files: SceneFiles) -> tuple[int, int]:
    """Width and height of a scene by its photo's head. InputError: it is no picture."""
    width, height = size_of(files.photo)
    return (width // 2, height) if files.halves is not None else (width, height)


def picture_scene(pictures: NDArray[np.uint8]) -> Scene:
    """The scene of (H, W, 6) pictures A and B, without labels."""
    size = pictures.shape[:2]
    return Scene(np.zeros(size, np.uint8), np.zeros(size, np.int32), pictures)


def _labels_of(
    files: SceneFiles, classes: int, known: LabelSet | None
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Classes, and objects as far as the same file tells them."""
    if files.label.suffix == ".json":
        if known is None:
            raise InputError(f"{files.label} has names, not numbers; leave --classes out.")
        labels, objects, _ = labelme_folders.read_labelme(files.label, known)
        return labels, objects
    labels = checked_labels(read_ids(files.label), classes, files.label)
    return labels, labels.astype(np.int32)


def _same_size(a: Path, first: NDArray, b: Path, second: NDArray) -> None:
    if first.shape[:2] != second.shape[:2]:
        sizes = [f"{width}x{height}" for height, width in (first.shape[:2], second.shape[:2])]
        said = f"{a} has {sizes[0]} pixels, but {b} has {sizes[1]}; they must be equal."
        raise BadSample("size", said, " and ".join(sizes))
