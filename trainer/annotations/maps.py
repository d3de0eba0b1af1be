"""Labels and objects in image files: pix2pixHD's folders, and Cityscapes' trees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.label_sets import in_order
from engine.shapes.labels import LabelSet
from trainer.annotations.cityscapes_views import other_views
from trainer.annotations.items import Book, Correction, Item, Part, sized
from trainer.annotations.label_names import label_set_of
from trainer.annotations.made_pictures import made_picture
from trainer.annotations.merging import Ids, corrected, merged, merged_objects, seen
from trainer.annotations.number_files import encoded, is_plain, numbers_in
from trainer.data.examining import LabelRules
from trainer.data.pictures import size_of
from trainer.data.scene_files import SceneFiles, scene_rows
from trainer.data.scenes import scene_folder


class MapBook(Book):
    """Label maps, and object maps if there are any."""

    kind = "scenes"

    def __init__(self, folder: Path, classes: int | None) -> None:
        self._folder = folder
        found = scene_folder(folder, (), classes)
        self.rules = LabelRules(found.classes, found.known)
        self.label_set = self._known = (
            label_set_of(folder, found.classes) if found.known is None else in_order(found.known)
        )
        self.writes: tuple[Part, ...] = ("labels",)
        self._contents: dict[Path, bytes] = {}

    def items(self, split: str) -> Iterator[Item | str]:
        """One for each label map that has its photo."""
        for row in sized(scene_rows(self._folder, split), lambda files: size_of(files.photo)):
            if isinstance(row, str):
                yield row
                continue
            name, found, size = row
            item = Item(f"{split}/{name}", split, found.photo, size, found, found)
            item.labels, item.objects = found.label, found.objects
            self.writes = ("labels", "objects") if found.objects else self.writes
            yield item

    def show(self, item: Item) -> Item:
        """With plain numbers where files have palettes or colours."""
        labels, objects = item.labels, item.objects
        item.labels = item.objects = None  # should they be damaged
        assert labels is not None
        item.labels = _shown(labels, self._known)
        item.objects = None if objects is None else _shown(objects)
        return item

    def correct(self, item: Item, correction: Correction) -> bool:
        """Exchange numbers."""
        files: SceneFiles = item.place
        if correction.objects is not None and files.objects is None:
            raise InputError(
                f"{item.id} has no file of objects; `guise prepare instances` makes them."
            )
        labels, objects = given_maps(correction, item)
        old = self._old(files, item)
        if old is None:
            return self._anew(files, item, labels, objects)
        before = seen(*old, self._known)
        after = corrected(labels, objects, before, self._known)
        new = merged(old[0], before.labels, after.labels)
        changed = self._take(files.label, old[0], new)
        if changed:
            self._contents |= dict(other_views(files.label, old[0], new, self._known))
        if files.objects is not None and old[1] is not None:
            changed |= self._take(files.objects, old[1], merged_objects(old[1], before, after))
        return changed

    def _old(self, files: SceneFiles, item: Item) -> tuple[Ids, Ids | None] | None:
        """The numbers that are there; None = they cannot be used and must be made anew."""
        try:
            labels = numbers_in(files.label, self._known)
            objects = None if files.objects is None else numbers_in(files.objects)
        except InputError:
            return None
        sizes = {ids.shape[::-1] for ids in (labels, objects) if ids is not None}
        return (labels, objects) if sizes == {item.size} else None

    def _anew(self, files: SceneFiles, item: Item, labels: Ids | None, objects: Ids | None) -> bool:
        if labels is None:
            raise InputError(f"The labels of {item.id} cannot be read; correct them too.")
        after = seen(labels, labels if objects is None else objects, self._known)
        self._contents[files.label] = encoded(after.labels, files.label)
        if files.objects is not None:
            self._contents[files.objects] = encoded(after.objects, files.objects)
        return True

    def _take(self, path: Path, before: Ids, after: Ids) -> bool:
        if np.array_equal(before, after):
            return False
        self._contents[path] = encoded(after, path)
        return True

    def changed(self) -> dict[Path, bytes]:
        """The maps with their new numbers."""
        return self._contents


def _shown(path: Path, known: LabelSet | None = None) -> Path:
    """A file with plain numbers of what is in a file."""
    if is_plain(path):
        return path
    return made_picture(path, "numbers", lambda: fitting(numbers_in(path, known)))


def given_maps(correction: Correction, item: Item) -> tuple[Ids | None, Ids | None]:
    """(H, W) labels and objects of a correction; None = it tells none. InputError: unusable."""
    labels, objects = correction.labels, correction.objects
    return (
        None if labels is None else _given(Path(labels), item),
        None if objects is None else _given(Path(objects), item),
    )


def _given(path: Path, item: Item) -> Ids:
    """(H, W) corrected numbers. InputError: they cannot be read or are of another size."""
    ids = numbers_in(path)
    if ids.shape[::-1] != item.size:
        raise InputError(
            f"{path} has {ids.shape[1]} x {ids.shape[0]} px, but the photo of {item.id} has "
            f"{item.size[0]} x {item.size[1]}; label maps must be as large as their photo."
        )
    return ids


def fitting(ids: Ids) -> NDArray[np.uint8 | np.uint16]:
    """Numbers in 8 or 16 bits; -1 becomes the largest. InputError: they do not fit."""
    if ids.max(initial=0) > 65_535:
        raise InputError(f"Numbers up to {ids.max()} do not fit into a PNG file.")
    return ids.astype(np.uint8 if ids.max(initial=0) <= 255 else np.uint16)
