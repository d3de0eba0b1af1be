"""Joints and outlines in COCO as downloaded, where photos show several people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import InputError
from trainer.annotations.coco_notes import TableBook, told_of
from trainer.annotations.items import Item, Names
from trainer.annotations.made_pictures import made_picture
from trainer.annotations.mask_files import Mask, corrected_mask
from trainer.annotations.rings import rings_of
from trainer.data.coco_crops import large_enough, photos_of, splits_of
from trainer.data.coco_outlines import mask_of, packed, run_lengths


class OfficialBook(TableBook):
    """The tables below annotations/; of everybody who is large enough to be learned from."""

    def items(self, split: str) -> Iterator[Item | str]:
        """One for each of them whose photo can be read."""
        path = splits_of(self.folder)[split]
        photos, names = photos_of(self.folder, path), Names()
        for number, _, found in large_enough(self.folder, path):
            try:
                yield self.person(names, split, (path, number), photos, found)
            except InputError as error:
                yield str(error)

    def show(self, item: Item) -> Item:
        """With a picture of the outline."""
        if self.outlined(item):
            path, number = item.place
            item.mask = made_picture(path, f"mask {number}", lambda: self._mask(item))
        return item

    def outlined(self, item: Item) -> bool:
        """Whether the annotation has an outline."""
        return bool(self.note_of(item).get("segmentation"))

    def _mask(self, item: Item) -> Mask:
        return mask_of(self.note_of(item)["segmentation"], item.size)

    def masked(self, item: Item, corrected: Path, values: dict[str, Any]) -> bool:
        """Outline the person anew, in the form that the outline has."""
        before = self._mask(item) if self.outlined(item) else None
        mask = corrected_mask(corrected, item)
        if before is not None and np.array_equal(before > 127, mask > 127):
            return False
        note = self.note_of(item)
        values["segmentation"] = _outline(mask > 127, note.get("segmentation"))
        values |= told_of(mask, note)
        return True


def _outline(mask: np.ndarray, like: Any) -> Any:
    """An outline as polygons, or as run lengths if another one has these."""
    if not isinstance(like, dict):
        return [ring.ravel().tolist() for ring in rings_of(mask)]
    counts = run_lengths(mask)
    return like | {"counts": packed(counts) if isinstance(like.get("counts"), str) else counts}
