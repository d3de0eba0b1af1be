"""Joints and masks in folders with COCO key points: photos/, masks/ and a table a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from engine.errors import InputError
from engine.shapes.labels import LabelSet
from engine.shapes.pose_files import COCO17
from trainer.annotations.coco_notes import Table, checked_hidden, pose_of, with_joints
from trainer.annotations.items import Correction, Item, Names, Part
from trainer.annotations.joints import named
from trainer.annotations.mask_files import box_of, corrected_mask, mask_png
from trainer.data.coco import coco_rows
from trainer.data.examining import LabelRules
from trainer.data.pictures import read_gray, size_of


class CocoBook:
    """The tables of a folder and its masks."""

    kind: Literal["people"] = "people"
    writes: tuple[Part, ...] = ("joints", "mask")
    holds = COCO17
    label_set: LabelSet | None = None
    rules = LabelRules()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[Path, Table] = {}
        self._masks: dict[Path, bytes] = {}
        self._uses: Counter[Path] = Counter()
        self._changed: set[Path] = set()

    def items(self, split: str) -> Iterator[Item | str]:
        """One for each annotation whose photo can be read."""
        path = self._folder / f"person_keypoints_{split}.json"
        rows = list(coco_rows(self._folder, split))
        table = self._tables[path] = Table(path)
        names = Names()
        for number, ((_, found), note) in enumerate(zip(rows, table.notes, strict=True)):
            image = table.images.get(note["image_id"])
            try:
                if image is None:
                    raise found if isinstance(found, InputError) else InputError("No image.")
                photo = self._folder / "photos" / image["file_name"]
                size = size_of(photo)
            except InputError as error:
                yield str(error)
                continue
            joints, hidden = named(pose_of(note, size), COCO17)
            mask = self._mask_of(note, image["file_name"])
            self._uses[mask] += 1
            yield Item(
                names.of(split, image["file_name"]),
                split,
                photo,
                size,
                found,
                (path, number),
                joints,
                hidden,
                mask if mask.is_file() else None,
            )

    def _mask_of(self, note: dict[str, Any], photo: str) -> Path:
        return self._folder / "masks" / (note.get("mask") or f"{Path(photo).stem}.png")

    def correct(self, item: Item, correction: Correction) -> bool:
        """Exchange values of an annotation, and the mask file."""
        checked_hidden(correction)
        path, number = item.place
        table = self._tables[path]
        note = table.notes[number]
        outlined = correction.mask is not None or item.mask is not None
        values = with_joints(note, item, correction, outlined)
        masked = correction.mask is not None and self._with_mask(item, correction.mask, values)
        if values:
            table.change(number, values)
            self._changed.add(path)
        return bool(values) or masked

    def _with_mask(self, item: Item, corrected: str, values: dict[str, Any]) -> bool:
        """Keep the mask for later, and what an annotation says of it in `values`."""
        path, number = item.place
        note = self._tables[path].notes[number]
        before = None if item.mask is None else read_gray(item.mask)
        mask = corrected_mask(Path(corrected), item, before)
        if before is not None and before.shape == mask.shape and (before == mask).all():
            return False
        place = self._mask_of(note, item.photo.name)
        if self._uses[place] > 1 or place.suffix.lower() != ".png":
            place = self._free(item)
            values["mask"] = place.name
        box = box_of(mask)
        told = {"bbox": box, "area": int((mask > 127).sum())}
        values |= {key: value for key, value in told.items() if key in note}
        self._masks[place] = mask_png(mask, item.mask or place)
        return True

    def _free(self, item: Item) -> Path:
        """A name for a mask of a person's own."""
        stem = item.photo.stem
        names = (f"{stem}_{n}.png" if n else f"{stem}.png" for n in range(10_000))
        places = (self._folder / "masks" / name for name in names)
        return next(
            place
            for place in places
            if not (place.exists() or place in self._masks or self._uses[place])
        )

    def changed(self) -> dict[Path, bytes]:
        """Tables with their new values, and new masks."""
        return {path: self._tables[path].content for path in self._changed} | self._masks
