"""Where the photos of a folder go: a split, and one name for each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from engine.batch import items_in
from engine.photo import Photo
from trainer.data.splits import held_out

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Place:
    """A photo and where it goes.

    Attributes:
        split: train, val or test.
        name: without an end, one of its kind in the split.
        group: of the folder that the photo lies in; empty = none.
    """

    source: Path
    split: str
    name: str
    group: str


def placed(photos: Path, out: Path, share: float, by_folder: bool = False) -> list[Place]:
    """The photos of a folder and of those in it; those that name a split stay in it.

    Args:
        share: of the other photos that is held out, chosen by their names.
        by_folder: a folder's photos are held out together.

    Raises:
        InputError: as :func:`engine.batch.items_in`.
    """
    found = [item.source for item in items_in(photos, out, ".png")]
    parts = [_parts(path.relative_to(photos)) for path in found]
    keys = [group if by_folder and group else name for _, group, name in parts]
    free = dict.fromkeys(key for key, (split, _, _) in zip(keys, parts, strict=True) if not split)
    held = held_out(list(free), share)
    stems = Counter((split, Path(name).stem.casefold()) for split, _, name in parts)
    places = []
    for source, key, (split, group, name) in zip(found, keys, parts, strict=True):
        path = Path(name)
        alone = stems[split, path.stem.casefold()] == 1
        stem = path.stem if alone else f"{path.stem}-{path.suffix[1:]}"  # a.jpg beside a.png
        places.append(Place(source, split or ("val" if key in held else "train"), stem, group))
    return places


def _parts(inside: Path) -> tuple[str, str, str]:
    """The split that a photo's folders name, or none; its folder, and one name for all of it."""
    *folders, name = inside.parts
    split = folders[0] if folders and folders[0] in SPLITS else ""
    kept = [folder for folder in folders[bool(split) :] if folder != "photos"]
    return split, "-".join(kept), "-".join([*kept, name])


def at_most(photo: Photo, longest: int) -> Photo:
    """The photo with no side longer than `longest` pixels."""
    width, height = photo.size
    scale = longest / max(width, height)
    if scale >= 1:
        return photo
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return Photo(np.array(Image.fromarray(photo.pixels).resize(size, Image.Resampling.LANCZOS)))
