"""Joints and masks in folders with COCO key points: photos/, masks/ and a table a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import InputError
from trainer.annotations.coco_notes import TableBook, told_of
from trainer.annotations.items import Item, Names
from trainer.annotations.mask_files import corrected_mask, mask_png
from trainer.data.coco import coco_rows
from trainer.data.pictures import read_gray


class CocoBook(TableBook):
    """The tables of a folder and its masks."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._masks: dict[Path, bytes] = {}
        self._uses: Counter[Path] = Counter()

    def items(self, split: str) -> Iterator[Item | str]:
        """One for each annotation whose photo can be read."""
        path = self.folder / f"person_keypoints_{split}.json"
        photos, names = self.folder / "photos", Names()
        for number, (name, found) in enumerate(coco_rows(self.folder, split)):
            try:
                item = self.person(names, split, (path, number), photos, found)
            except InputError as error:
                yield str(error)
                continue
            mask = self._mask_of(self.note_of(item), name)
            self._uses[mask] += 1
            item.mask = mask if mask.is_file() else None
            yield item

    def _mask_of(self, note: dict[str, Any], photo: str) -> Path:
        return self.folder / "masks" / (note.get("mask") or f"{Path(photo).stem}.png")

    def outlined(self, item: Item) -> bool:
        """Whether there is a mask."""
        return item.mask is not None

    def masked(self, item: Item, corrected: Path, values: dict[str, Any]) -> bool:
        """Keep the mask for later; one that several people share becomes the person's own."""
        note = self.note_of(item)
        before = None if item.mask is None else read_gray(item.mask)
        mask = corrected_mask(corrected, item, before)
        if before is not None and np.array_equal(before, mask):
            return False
        place = self._mask_of(note, item.photo.name)
        if self._uses[place] > 1 or place.suffix.lower() != ".png":
            place = self._free(item.photo.stem)
            values["mask"] = place.name
        values |= told_of(mask, note)
        self._masks[place] = mask_png(mask, item.mask or place)
        return True

    def _free(self, stem: str) -> Path:
        """A name for a mask that nobody has."""
        names = (f"{stem}_{n}.png" if n else f"{stem}.png" for n in range(10_000))
        places = (self.folder / "masks" / name for name in names)
        taken = self._masks.keys() | self._uses.keys()
        return next(place for place in places if place not in taken and not place.exists())

    def changed(self) -> dict[Path, bytes]:
        """Tables with their new values, and new masks."""
        return super().changed() | self._masks
