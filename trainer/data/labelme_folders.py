"""Folders of labelme: photos with a JSON file each, in `train` and `val` or all in one place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import read_limited
from engine.shapes.label_labelme import MAX_FILE, open_labelme
from engine.shapes.label_sets import bundled, read_label_set
from engine.shapes.labels import LabelSet
from trainer.data.pictures import has_picture, is_picture
from trainer.data.problems import BadSample
from trainer.data.splits import held_out

_SPLITS = ("train", "val", "test")
SHARE = 0.1
"""Held out of a folder without `val`, chosen by the names."""


_ROOM = 1000
"""Objects of a class that Cityscapes' numbers have room for."""


class _Shape(msgspec.Struct):
    label: str
    group_id: int | None = None


class _Head(msgspec.Struct):
    shapes: list[_Shape]
    imagePath: str | None = None


def recognised(folder: Path) -> bool:
    """Whether it, or a split below it, holds labelme files; the first JSON file tells."""
    for place in (folder / "train", folder / "val", folder):
        found = sorted(_files(place))[:1] if place.is_dir() else []
        if found:
            return _is_labelme(found[0])
    return False


def _is_labelme(path: Path) -> bool:
    try:
        _head(path)
    except InputError:
        return False
    return True


def _files(folder: Path) -> Iterator[Path]:
    return (p for p in folder.glob("*.json") if p.name not in _OTHERS and p.name[0] != ".")


_OTHERS = ("labels.json", "shards.json")
"""JSON files of ours that may lie beside labelme's."""


def _head(path: Path) -> _Head:
    content = read_limited(path, MAX_FILE)
    try:
        return msgspec.json.decode(content, type=_Head)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadSample("row", f"{path} is no labelme file ({error}).", str(error)) from None


def splits_of(folder: Path) -> dict[str, list[Path]]:
    """Split -> its labelme files by name; of a folder without splits, a tenth is held out."""
    parts = {s: sorted(_files(folder / s)) for s in _SPLITS if (folder / s).is_dir()}
    found = {split: files for split, files in parts.items() if files}
    if found:
        return found
    every = sorted(_files(folder))
    held = held_out([path.stem for path in every], SHARE)
    return {
        "train": [path for path in every if path.stem not in held],
        "val": [path for path in every if path.stem in held],
    }


def labelme_rows(folder: Path, split: str) -> Iterator[tuple[str, tuple[Path, Path] | InputError]]:
    """Name of each scene, and its labelme file and photo or why there is none."""
    for path in splits_of(folder).get(split, []):
        try:
            yield path.stem, (path, photo_of(path))
        except InputError as error:
            yield path.stem, error


def photo_of(path: Path) -> Path:
    """The photo of a labelme file: of its name, the one that it names, or itself if it holds one.

    Raises:
        BadSample: none of them is there.
    """
    beside = (path.with_suffix(end) for end in (".jpg", ".png", ".jpeg", ".JPG", ".PNG"))
    found = next((place for place in beside if place.is_file()), None)
    if found is not None:
        return found
    named = (_head(path).imagePath or "").replace("\\", "/")
    told = path.parent / named
    if named and is_picture(told) and told.is_file():
        return told
    if has_picture(path):
        return path
    raise BadSample("missing", f"{path} has no photo beside it.", named)


def names_in(folder: Path) -> dict[str, int]:
    """Names of shapes and how many files have them. InputError: a file is none of labelme's."""
    counts: dict[str, int] = {}
    for files in splits_of(folder).values():
        for path in files:
            for name in {shape.label.strip() for shape in _head(path).shapes}:
                counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))


def labels_of(folder: Path) -> LabelSet:
    """The label set of labels.json, else the bundled one that knows all the names.

    Raises:
        InputError: there is no labels.json, and no bundled set has these names.
    """
    path = folder / "labels.json"
    if path.is_file():
        return read_label_set(path)
    names = set(map(_plain, names_in(folder)))
    for known in bundled():
        if names <= {_plain(label.name) for label in known.labels}:
            return known
    raise InputError(
        f"{folder} needs a labels.json that says which id each name has; "
        f"`guise prepare names {folder}` writes one to start from."
    )


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", " ").replace("-", " ")


def read_labelme(
    path: Path, known: LabelSet
) -> tuple[NDArray[np.uint8], NDArray[np.int32], tuple[str, ...]]:
    """(H, W) classes, (H, W) numbers of objects, and what was left out.

    Raises:
        InputError: damaged, or without the picture's size.
    """
    opened = open_labelme(path, known)
    labels = opened.scene.labels.astype(np.uint8)
    return labels, _coded(opened.scene.objects, labels, path), opened.notes


def _coded(objects: NDArray[np.int32], labels: NDArray[np.uint8], path: Path) -> NDArray[np.int32]:
    """Object numbers as Cityscapes has them, class * 1000 + number; surfaces keep their class."""
    coded = labels.astype(np.int32)
    counts: dict[int, int] = {}
    for number in np.unique(objects[objects > 0]).tolist():
        where = objects == number
        label = int(labels[where][0])
        counts[label] = counts.get(label, 0) + 1
        if counts[label] >= _ROOM:
            raise BadSample("row", f"{path} has more than {_ROOM} objects of a kind.")
        coded[where] = label * _ROOM + counts[label]
    return coded
