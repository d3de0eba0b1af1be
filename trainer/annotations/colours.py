"""Labels that pictures A tell by flat colours, in folders A and B or side by side."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.shapes.label_files import packed
from engine.shapes.label_sets import bundled, read_label_set
from engine.shapes.labels import Label, LabelSet
from trainer.annotations.items import Book, Correction, Item, sized
from trainer.annotations.made_pictures import made_picture
from trainer.annotations.maps import given_maps
from trainer.data.layouts import SPLITS
from trainer.data.pictures import contents, read_rgb
from trainer.data.products import Direction, split_halves
from trainer.data.scene_files import SceneFiles, has_split, scene_rows
from trainer.data.scenes import size_of_scene

_MOST = 64
"""Colours that label pictures have at most; photos and drawings have more."""
_EXACT = ("PNG", "BMP", "TIFF", "PPM")
Pixels = NDArray[np.uint8]


class ColourBook(Book):
    """Pictures A in a few flat colours beside photos B."""

    kind = "scenes"
    writes = ("labels",)

    def __init__(self, folder: Path, direction: Direction) -> None:
        self._folder = folder
        self._direction: Direction = direction
        self.label_set = self._known = _label_set(folder, _colours(folder, direction))
        self._contents: dict[Path, bytes] = {}

    def items(self, split: str) -> Iterator[Item | str]:
        """One for each pair of pictures."""
        for row in sized(scene_rows(self._folder, split, self._direction), size_of_scene):
            if isinstance(row, str):
                yield row
                continue
            name, found, size = row
            plain = name if found.halves is None else found.name
            yield Item(f"{split}/{plain}", split, found.photo, size, found, found)

    def show(self, item: Item) -> Item:
        """With pictures of the numbers, and of the photo where it is half of a picture."""
        files: SceneFiles = item.place
        item.labels = made_picture(
            files.label, f"labels {self._direction}", lambda: self._labels(files).astype(np.uint8)
        )
        if files.halves is not None:
            item.photo = made_picture(
                files.photo, f"photo {self._direction}", lambda: _sides(files)[1]
            )
        return item

    def _labels(self, files: SceneFiles) -> NDArray[np.int64]:
        """(H, W) numbers. InputError: a colour that the set does not have."""
        colours = packed(_sides(files)[0])
        labels = reversed(self._known.labels)  # of two with one colour the first counts
        known = {int(packed(np.array(one.colour))): one.id for one in labels}
        found, which = np.unique(colours, return_inverse=True)
        strange = [int(colour) for colour in found if int(colour) not in known]
        if strange:
            raise InputError(f"{files.label} has a colour of no label (#{strange[0]:06x}).")
        return np.array([known[int(c)] for c in found])[which].reshape(colours.shape)

    def correct(self, item: Item, correction: Correction) -> bool:
        """Paint changed pixels in the colours of their new labels."""
        files: SceneFiles = item.place
        labels, _ = given_maps(correction, item)
        if labels is None:
            return False
        if strange := sorted(set(np.unique(labels).tolist()) - set(self._known.ids)):
            raise InputError(
                f"The corrected labels have {strange[0]}, which {self._known.name} has not."
            )
        differs = labels != self._labels(files)
        if differs.any():
            new = self._known.colours[labels]
            self._contents[files.label] = _repainted(files, differs, new)
        return bool(differs.any())

    def changed(self) -> dict[Path, bytes]:
        """The pictures with their new colours."""
        return self._contents


def _sides(files: SceneFiles) -> tuple[Pixels, Pixels]:
    """Labels in colours, and photo; (H, W, 3)."""
    if files.halves is None:
        return read_rgb(files.label), read_rgb(files.photo)
    left, right = split_halves(read_rgb(files.label), files.label)
    return (left, right) if files.halves == "AtoB" else (right, left)


def _colours(folder: Path, direction: Direction) -> list[int]:
    """Every colour of the label pictures as one number.

    Raises:
        InputError: they are no label pictures.
    """
    found: set[int] = set()
    for split in SPLITS:
        if not has_split(folder, split):
            continue
        for _, files in scene_rows(folder, split, direction):
            if not isinstance(files, InputError):
                with suppress(InputError):  # it is told of the item
                    found |= set(np.unique(packed(_sides(files)[0])).tolist())
            if len(found) > _MOST:
                raise InputError(
                    f"{folder} has pictures A of more than {_MOST} colours, so they tell no "
                    "labels; only flat colours without losses can be corrected."
                )
    if all(colour >> 16 == colour & 255 == colour >> 8 & 255 for colour in found):
        raise InputError(f"{folder} has drawings for pictures A; they have no labels to correct.")
    return sorted(found)


def _label_set(folder: Path, colours: list[int]) -> LabelSet:
    """The set that has all these colours: of labels.json, a bundled one, or one of their own."""
    path = folder / "labels.json"
    for known in (read_label_set(path),) if path.is_file() else bundled():
        if set(colours) <= {int(packed(np.array(label.colour))) for label in known.labels}:
            return known
    parts = [(colour >> 16, colour >> 8 & 255, colour & 255) for colour in colours]
    labels = [
        Label(n, f"#{colour:06x}", part)
        for n, (colour, part) in enumerate(zip(colours, parts, strict=True))
    ]
    return LabelSet(folder.name, tuple(labels))


def _repainted(files: SceneFiles, where: NDArray[np.bool_], colours: Pixels) -> bytes:
    """The picture file with other colours in some pixels of its labels.

    Raises:
        InputError: it is of a kind that blurs.
    """
    with Image.open(io.BytesIO(contents(files.label))) as old:
        kind = old.format or ""
        if kind not in _EXACT:
            raise InputError(
                f"{files.label} is a {kind} file, which every change blurs; save the set as PNG "
                "first."
            )
        pixels = np.array(old if old.mode in ("RGB", "RGBA") else old.convert("RGB"))
    half = pixels
    if files.halves is not None:
        middle = pixels.shape[1] // 2
        half = pixels[:, :middle] if files.halves == "AtoB" else pixels[:, middle:]
    half[..., :3][where] = colours[where]
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()
