"""Where the files of scenes lie: folders, Cityscapes' trees, halves, labelme and shards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError
from trainer.data import labelme_folders
from trainer.data.pictures import is_picture, pictures_of
from trainer.data.problems import BadSample
from trainer.data.products import Direction
from trainer.data.shard_files import INDEX, path_of, read_index

_ENDINGS = ("_gtFine_labelIds", "_gtFine_instanceIds", "_leftImg8bit", "_gtCoarse_labelIds")


@dataclass(frozen=True)
class SceneFiles:
    """One scene on disk.

    Attributes:
        name: what its files share.
        label: label map, a labelme file, or the picture to start from (A/B folders).
        photo: the photo.
        objects: object ids, if there are any.
        halves: of a picture that shows A and B side by side, which half is the input.
    """

    name: str
    label: Path
    photo: Path
    objects: Path | None = None
    halves: Direction | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file of the scene once."""
        named = (self.label, self.photo, self.objects)
        return tuple(dict.fromkeys(path for path in named if path is not None))


Rows = Iterator[tuple[str, SceneFiles | InputError]]


def is_pictures(data: Path) -> bool:
    """Whether inputs are pictures (A and B) instead of labels."""
    if (data / INDEX).is_file():
        return read_index(data).about.get("classes") == 0
    trees = (data / f"{split}_{part}" for split in ("train", "val", "test") for part in ("A", "B"))
    return any(folder.is_dir() for folder in trees) or has_halves(data)


def has_halves(data: Path) -> bool:
    """Whether a split holds pictures themselves and no labelme files."""
    folders = [data / split for split in ("train", "val", "test")]
    there = [folder for folder in folders if folder.is_dir()]
    return any(any(map(is_picture, folder.iterdir())) for folder in there) and not (
        labelme_folders.recognised(data)
    )


def has_split(data: Path, split: str) -> bool:
    """Whether any layout has files of this split in the folder."""
    if (data / INDEX).is_file():
        return split in read_index(data).splits
    if labelme_folders.recognised(data):
        return split in labelme_folders.splits_of(data)
    names = (f"{split}_label", f"{split}_A", f"{split}_B", f"gtFine/{split}", split)
    return any((data / name).is_dir() for name in names)


def scene_rows(data: Path, split: str, direction: Direction = "AtoB") -> Rows:
    """Name and files of every scene of a split, by name, or why there are none.

    Raises:
        InputError: no such layout or split, or a name that stands for two files.
    """
    if (data / INDEX).is_file():
        yield from _sharded(data, split)
    elif (data / f"{split}_A").is_dir():
        sides = [data / f"{split}_A", data / f"{split}_B"]
        first, second = sides if direction == "AtoB" else sides[::-1]
        yield from _paired(first, second, None)
    elif (data / "gtFine" / split).is_dir():
        yield from _cityscapes(data, split)
    elif (data / f"{split}_label").is_dir():
        objects = data / f"{split}_inst"
        folders = data / f"{split}_label", data / f"{split}_img"
        yield from _paired(*folders, objects if objects.is_dir() else None)
    elif labelme_folders.recognised(data):
        for name, found in labelme_folders.labelme_rows(data, split):
            yield name, found if isinstance(found, InputError) else SceneFiles(name, *found)
    elif (data / split).is_dir() and has_halves(data):
        for path in pictures_of(data / split):
            yield path.name, SceneFiles(path.stem, path, path, None, direction)
    else:
        raise InputError(
            f"{data} has neither {split}_label and {split}_img, nor {split}_A and {split}_B, nor "
            f"gtFine/{split} and leftImg8bit/{split}, nor {split} with labelme files or pictures "
            "side by side; give the folder that holds them."
        )


def _sharded(data: Path, split: str) -> Rows:
    index = read_index(data)
    if index.kind != "scenes":
        raise InputError(f"{data} holds {index.kind}, but label maps with photos are needed.")
    for entry in index.splits.get(split, ()):
        at = {end.split(".")[0]: path_of(data, index, entry, end) for end in entry.members}
        name = str(entry.about.get("name", entry.key))
        if "both" in at:
            halves: Direction = "BtoA" if index.about.get("direction") == "BtoA" else "AtoB"
            yield name, SceneFiles(name, at["both"], at["both"], None, halves)
        else:
            yield name, SceneFiles(name, at["label"], at["photo"], at.get("objects"))


def _paired(labels: Path, photos: Path, objects: Path | None) -> Rows:
    folders = [labels, photos, *([objects] if objects else [])]
    named = [_by_name(folder, pictures_in(folder)) for folder in folders]
    everything = sorted(set().union(*named))
    if not everything:
        raise InputError(f"There are no pictures in {labels}.")
    for name in everything:
        missing = next((f for f, n in zip(folders, named, strict=True) if name not in n), None)
        if missing is None:
            shape, photo, *numbers = (found[name] for found in named)
            yield name, SceneFiles(name, shape, photo, numbers[0] if numbers else None)
        else:
            listed = ", ".join(folder.name for folder in folders)
            said = f"{name!r} is missing in {missing}; files of {listed} belong together by name."
            yield name, BadSample("unpaired", said, f"not in {missing.name}")


def _cityscapes(data: Path, split: str) -> Rows:
    truth, photos = data / "gtFine" / split, data / "leftImg8bit" / split
    labels = _by_name(truth, sorted(truth.rglob("*_labelIds.png")))
    objects = _by_name(truth, sorted(truth.rglob("*_instanceIds.png")))
    shown = _by_name(photos, sorted(photos.rglob("*_leftImg8bit.png")))
    if not labels:
        raise InputError(
            f"There are no pictures in {truth} and {photos}; every label map needs its photo."
        )
    for name in sorted(labels.keys() | shown.keys()):
        if name in labels and name in shown:
            yield name, SceneFiles(name, labels[name], shown[name], objects.get(name))
        else:
            said = f"{name!r} is only in one of {truth} and {photos}"
            yield name, BadSample("unpaired", f"{said}; every label map needs its photo.")


def pictures_in(folder: Path) -> Sequence[Path]:
    """The pictures of a folder and of those below it. InputError if there is no such folder."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}.")
    return sorted(path for path in folder.rglob("*") if is_picture(path))


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
