"""Label maps with their photos: where the files lie, and what of them can be used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from engine.errors import InputError
from engine.shapes.label_sets import cityscapes, read_label_set
from engine.shapes.labels import LabelSet

DONT_CARE = 255
"""What a pixel of a label map says where nobody knows: 255 and -1 of the files."""
CITYSCAPES = 35
"""Ids of Cityscapes, as pix2pixHD counts them."""
_CODED = 1000
"""Object ids from here on are class * 1000 + number (Cityscapes)."""
_TOLERATED = 0.02
"""Share of a map whose objects may contradict the labels: borders drawn by hand."""
_SUFFIXES = (".png", ".jpg", ".jpeg", ".ppm", ".bmp", ".tif", ".tiff", ".webp")
_ENDINGS = ("_gtFine_labelIds", "_gtFine_instanceIds", "_leftImg8bit", "_gtCoarse_labelIds")


@dataclass(frozen=True)
class SceneFiles:
    """One scene on disk.

    Attributes:
        name: what its files share.
        label: label map, or the picture to start from (A/B folders).
        photo: the photo.
        objects: object ids, if there are any.
    """

    name: str
    label: Path
    photo: Path
    objects: Path | None


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
    """

    files: tuple[SceneFiles, ...]
    classes: int
    things: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.files)

    def load(self, index: int) -> Scene:
        """Read a scene; InputError if its files cannot be used."""
        return load_scene(self.files[index], self.classes)

    def read_labels(self, index: int) -> NDArray[np.uint8]:
        """The labels of a scene alone."""
        path = self.files[index].label
        return checked_labels(read_ids(path), self.classes, path)


def find_scenes(data: Path, split: str, classes: int | None = None) -> SceneFolder:
    """The scenes of a split, in the pix2pixHD layout or in the trees that Cityscapes comes in.

    pix2pixHD: `{split}_label`, `{split}_img` and, if there are any, `{split}_inst`; or `{split}_A`
    and `{split}_B` without labels. Cityscapes: `gtFine/{split}/CITY` beside
    `leftImg8bit/{split}/CITY`. Files are paired by name, whatever their order.

    Args:
        data: folder of the set.
        split: train or val; where there is no val, pix2pixHD's test is read.
        classes: number of ids of a set of one's own, which then has no single objects to recolour;
            without, those of labels.json, else Cityscapes.

    Raises:
        InputError: no such layout, or a file without its partner.
    """
    data = Path(data)
    if (data / f"{split}_A").is_dir():
        return SceneFolder(_paired(data / f"{split}_A", data / f"{split}_B", None), 0, ())
    things: tuple[int, ...] = ()
    if classes is None:
        known = labels_of(data)
        classes = CITYSCAPES if known == cityscapes() else max(known.ids) + 1
        things = tuple(label.id for label in known.labels if label.things)
    if (data / "gtFine" / split).is_dir():
        files = _cityscapes(data, split)
    elif (data / f"{split}_label").is_dir():
        objects = data / f"{split}_inst"
        files = _paired(
            data / f"{split}_label",
            data / f"{split}_img",
            objects if objects.is_dir() else None,
        )
    elif split == "val" and (data / "test_label").is_dir() and (data / "test_img").is_dir():
        return find_scenes(data, "test", classes)
    else:
        raise InputError(
            f"{data} has neither {split}_label and {split}_img, nor {split}_A and {split}_B, nor "
            f"gtFine/{split} and leftImg8bit/{split}; give the folder that holds them."
        )
    return SceneFolder(files, classes, things)


def labels_of(data: Path) -> LabelSet:
    """The label set of labels.json, else that of Cityscapes.

    Raises:
        InputError: a labels.json that cannot be used.
    """
    path = Path(data) / "labels.json"
    found = read_label_set(path) if path.is_file() else cityscapes()
    if max(found.ids) >= DONT_CARE:
        raise InputError(f"The ids of {path} must be below {DONT_CARE} to be trained.")
    return found


def load_scene(files: SceneFiles, classes: int) -> Scene:
    """Read the files of a scene.

    Raises:
        InputError: they cannot be read, differ in size, or contradict each other.
    """
    photo = read_photo(files.photo)
    if classes == 0:
        drawn = read_photo(files.label)
        _same_size(files.label, drawn, files.photo, photo)
        joined = np.concatenate([drawn, photo], axis=2)
        return Scene(
            np.zeros(photo.shape[:2], np.uint8), np.zeros(photo.shape[:2], np.int32), joined
        )
    labels = checked_labels(read_ids(files.label), classes, files.label)
    _same_size(files.label, labels, files.photo, photo)
    objects = labels.astype(np.int32)
    if files.objects is not None:
        ids = read_ids(files.objects)
        _same_size(files.objects, ids, files.label, labels)
        objects = checked_objects(ids, labels, files.objects)
    return Scene(labels, objects, photo)


def read_ids(path: Path) -> NDArray[np.int32]:
    """(H, W) numbers of a label or object map: 8, 16 or 32 bits, or a palette's indices.

    Raises:
        InputError: missing, damaged, or a colour picture.
    """
    try:
        with Image.open(path) as picture:
            picture.load()
            values = np.asarray(picture)
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError):
        raise InputError(f"{path} is not a picture that can be read.") from None
    if values.ndim == 3:
        grey = values[..., :3] if values.shape[2] >= 3 else values[..., :1]
        if (grey != grey[..., :1]).any():
            raise InputError(
                f"{path} is in colours, but numbers of classes are needed; "
                "turn the colours into numbers first."
            )
        values = grey[..., 0]
    if values.dtype.kind == "f" and (values != np.rint(values)).any():
        raise InputError(f"{path} holds fractions, but numbers of classes are needed.")
    wide = values.astype(np.int64)
    if np.abs(wide).max(initial=0) >= 2**31:
        wide = np.where(wide >= 2**31, wide - 2**32, wide)  # -1 in 32 bits without a sign
    return wide.astype(np.int32)


def checked_labels(ids: NDArray[np.int32], classes: int, path: Path) -> NDArray[np.uint8]:
    """(H, W) uint8 classes; 255 and -1 (also in 16 bits) become DONT_CARE.

    Raises:
        InputError: other ids that the label set does not have.
    """
    unknown = (ids == -1) | (ids == DONT_CARE) | (ids == 65535)
    beyond = ((ids < 0) | (ids >= classes)) & ~unknown
    if beyond.any():
        named = ", ".join(str(n) for n in np.unique(ids[beyond])[:5])
        raise InputError(
            f"{path} has the ids {named}, but the label set has 0 to {classes - 1}; "
            "set --classes to their number, or write 255 where a pixel shall not count."
        )
    return np.where(unknown, DONT_CARE, ids).astype(np.uint8)


def checked_objects(
    ids: NDArray[np.int32], labels: NDArray[np.uint8], path: Path
) -> NDArray[np.int32]:
    """Object numbers such that every object has one class.

    Raises:
        InputError: they contradict the labels in more than a few pixels.
    """
    known = labels != DONT_CARE
    if (ids >= _CODED).any():
        classes = np.where(ids >= _CODED, ids // _CODED, ids)
        wrong = known & (ids >= 0) & (classes != labels)
    else:
        wrong = known & _minorities(ids, labels)
    share = float(wrong.mean())
    if share > _TOLERATED:
        raise InputError(
            f"{path} contradicts the labels in {share:.0%} of its pixels; objects are class * 1000 "
            "+ number, or any number that one class alone uses. `guise prepare instances` makes "
            "them anew."
        )
    return np.where(wrong | (ids < 0), labels, ids).astype(np.int32)


def _minorities(ids: NDArray[np.int32], labels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pixels whose class is not the most frequent one of their object."""
    numbers, inverse = np.unique(ids, return_inverse=True)
    counts = np.zeros((len(numbers), 256), np.int64)
    np.add.at(counts, (inverse.ravel(), labels.ravel()), 1)
    counts[:, DONT_CARE] = 0
    return counts.argmax(1)[inverse.reshape(ids.shape)] != labels


def read_photo(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) RGB; InputError if it cannot be read."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise InputError(f"{path} is not a picture that can be read.")
    return np.asarray(picture[..., ::-1], np.uint8, order="C")


def _same_size(a: Path, first: NDArray, b: Path, second: NDArray) -> None:
    if first.shape[:2] != second.shape[:2]:
        sizes = [f"{width}x{height}" for height, width in (first.shape[:2], second.shape[:2])]
        raise InputError(f"{a} has {sizes[0]} pixels, but {b} has {sizes[1]}; they must be equal.")


def _paired(labels: Path, photos: Path, objects: Path | None) -> tuple[SceneFiles, ...]:
    folders = [labels, photos, *([objects] if objects else [])]
    named = [_by_name(folder, pictures_in(folder)) for folder in folders]
    everything = set().union(*named)
    lonely = sorted(name for name in everything if any(name not in found for found in named))
    if lonely:
        missing = next(f for f, found in zip(folders, named, strict=True) if lonely[0] not in found)
        raise InputError(
            f"{lonely[0]!r} is missing in {missing}; files of {', '.join(f.name for f in folders)} "
            "belong together by their names."
        )
    if not everything:
        raise InputError(f"There are no pictures in {labels}.")
    shapes, shown, *numbered = named
    return tuple(
        SceneFiles(name, shapes[name], shown[name], numbered[0][name] if numbered else None)
        for name in sorted(everything)
    )


def _cityscapes(data: Path, split: str) -> tuple[SceneFiles, ...]:
    truth, photos = data / "gtFine" / split, data / "leftImg8bit" / split
    labels = _by_name(truth, sorted(truth.rglob("*_labelIds.png")))
    objects = _by_name(truth, sorted(truth.rglob("*_instanceIds.png")))
    shown = _by_name(photos, sorted(photos.rglob("*_leftImg8bit.png")))
    lonely = sorted(labels.keys() ^ shown.keys())
    if lonely or not labels:
        what = f"{lonely[0]!r} is only in one of" if lonely else "There are no pictures in"
        raise InputError(f"{what} {truth} and {photos}; every label map needs its photo.")
    return tuple(
        SceneFiles(name, labels[name], shown[name], objects.get(name)) for name in sorted(labels)
    )


def pictures_in(folder: Path) -> Sequence[Path]:
    """The pictures of a folder and of those below it. InputError if there is no such folder."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in _SUFFIXES)


def _by_name(folder: Path, paths: Iterable[Path]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for path in paths:
        name = path.stem
        for ending in _ENDINGS:
            name = name.removesuffix(ending)
        if name in named:
            raise InputError(f"{folder} has {name!r} twice; every scene needs one file.")
        named[name] = path
    return named
