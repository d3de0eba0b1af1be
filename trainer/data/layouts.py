"""The layouts of training data that are known: one list, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.errors import InputError
from trainer.data import coco_crops, labelme_folders
from trainer.data.people_folders import INDEX_P, is_posegan, people_splits
from trainer.data.pictures import is_picture, read_rgb, size_of
from trainer.data.products import colourful
from trainer.data.scene_files import has_halves, has_split
from trainer.data.shard_files import INDEX, read_index

Kind = Literal["people", "products", "scenes", "pictures", "photos"]
"""What a folder has: people with joints, photos with edges, label maps with photos, pictures A with
pictures B, or photos alone."""
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Layout:
    """A way in which training data lies in a folder.

    Attributes:
        id: short name.
        title: for people.
        kind: what it has; None = what the folder of shards says.
        recognise: whether a folder is laid out so, told by a few names.
        splits: those of SPLITS that such a folder has.
    """

    id: str
    title: str
    kind: Kind | None
    recognise: Callable[[Path], bool]
    splits: Callable[[Path], tuple[str, ...]]

    def kind_of(self, folder: Path) -> Kind:
        """What a folder in this layout has. InputError: shards that cannot be read."""
        if self.kind is not None:
            return self.kind
        index = read_index(folder)
        if index.kind == "scenes":
            return "pictures" if index.about.get("classes") == 0 else "scenes"
        return "people" if index.kind == "people" else "products"


def layout_of(folder: Path) -> Layout | None:
    """The first layout that recognises a folder; None if none does."""
    return next((layout for layout in LAYOUTS if layout.recognise(folder)), None)


def _has(*names: str) -> Callable[[Path], bool]:
    """Recognises a folder by any of these names with a split instead of the braces."""
    return lambda folder: any((folder / n.format(s)).exists() for n in names for s in SPLITS)


def _shard_splits(folder: Path) -> tuple[str, ...]:
    return tuple(split for split in SPLITS if split in read_index(folder).splits)


def _scene_splits(folder: Path) -> tuple[str, ...]:
    """Splits that are there; pix2pixHD's test set may have labels alone."""
    found = tuple(split for split in SPLITS if has_split(folder, split))
    alone = (folder / "test_label").is_dir() and not (folder / "test_img").is_dir()
    return tuple(split for split in found if split != "test" or not alone)


def _folder_splits(folder: Path) -> tuple[str, ...]:
    return tuple(split for split in SPLITS if (folder / split).is_dir())


def _is_halves(folder: Path) -> bool:
    """Whether the first picture of a split is twice as wide as high, or half of it a drawing."""
    if not has_halves(folder):
        return False
    for split in _folder_splits(folder):
        first = next(filter(is_picture, sorted((folder / split).iterdir())), None)
        if first is not None:
            return _looks_halved(first)
    return False


def _looks_halved(path: Path) -> bool:
    try:
        width, height = size_of(path)
        if width == 2 * height:
            return True
        half = read_rgb(path)[:, : width // 2]
    except InputError:
        return False
    return width % 2 == 0 and not colourful(half) and width > height


def _has_photos(folder: Path) -> bool:
    places = [folder, *(p for p in sorted(folder.iterdir()) if p.is_dir() and p.name[0] != ".")]
    return any(any(map(is_picture, place.iterdir())) for place in places)


LAYOUTS: tuple[Layout, ...] = (
    Layout("shards", "Shards", None, lambda folder: (folder / INDEX).is_file(), _shard_splits),
    Layout(
        "index",
        "VUNet's index",
        "people",
        lambda folder: (folder / INDEX_P).is_file(),
        people_splits,
    ),
    Layout("posegan", "pose-gan's tables", "people", is_posegan, people_splits),
    Layout("coco", "COCO key points", "people", _has("person_keypoints_{}.json"), people_splits),
    Layout(
        "coco-official",
        "COCO as downloaded",
        "people",
        lambda folder: bool(coco_crops.splits_of(folder)),
        people_splits,
    ),
    Layout("pix2pixhd", "pix2pixHD's folders", "scenes", _has("{}_label"), _scene_splits),
    Layout(
        "pix2pixhd-pictures",
        "pix2pixHD's folders of pictures A and B",
        "pictures",
        _has("{}_A", "{}_B"),
        _scene_splits,
    ),
    Layout("cityscapes", "Cityscapes", "scenes", _has("gtFine/{}"), _scene_splits),
    Layout("labelme", "labelme", "scenes", labelme_folders.recognised, _scene_splits),
    Layout("edges", "Photos and edges", "products", _has("{}/photos", "{}/edges"), _folder_splits),
    Layout("side-by-side", "Pictures side by side", "pictures", _is_halves, _folder_splits),
    Layout("photos", "Photos alone", "photos", _has_photos, _folder_splits),
)
"""The first that recognises a folder counts."""
