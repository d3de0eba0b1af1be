"""Labels in labelme's files: corrected areas become polygons, all other shapes stay."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.errors import InputError
from engine.files import read_limited
from engine.shapes.label_labelme import MAX_FILE, stamps_of
from engine.shapes.label_sets import in_order
from trainer.annotations.items import Book, Correction, Item, sized
from trainer.annotations.json_text import Span, elements, exchanged, members, written
from trainer.annotations.labelme_shapes import New, grouped, key_of, reshaped
from trainer.annotations.made_pictures import made_picture
from trainer.annotations.maps import fitting, given_maps
from trainer.annotations.merging import Maps, corrected, seen
from trainer.data.examining import LabelRules
from trainer.data.labelme_folders import labelme_rows, read_labelme
from trainer.data.pictures import contents, size_of
from trainer.data.scene_files import SceneFiles
from trainer.data.scenes import scene_folder


class LabelmeBook(Book):
    """labelme's files, one a photo."""

    kind = "scenes"
    writes = ("labels", "objects")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = scene_folder(folder, ())
        assert found.known is not None
        self.rules = LabelRules(found.classes, found.known)
        self.label_set = self._known = in_order(found.known)
        self._contents: dict[Path, bytes] = {}

    def items(self, split: str) -> Iterator[Item | str]:
        """One for each file that has its photo."""
        for row in sized(labelme_rows(self._folder, split), lambda paths: size_of(paths[1])):
            if isinstance(row, str):
                yield row
                continue
            name, (path, photo), size = row
            yield Item(f"{split}/{name}", split, photo, size, SceneFiles(name, path, photo), path)

    def show(self, item: Item) -> Item:
        """With pictures of labels and objects, and of a photo that lies in the file itself."""
        path: Path = item.place
        if item.photo == path:
            item.photo = made_picture(path, "photo", lambda: _embedded(path))
        item.labels = made_picture(path, "labels", lambda: self._maps(path)[0].astype(np.uint8))
        item.objects = made_picture(path, "objects", lambda: fitting(self._maps(path)[1]))
        return item

    def _maps(self, path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
        return read_labelme(path, self._known)[:2]

    def correct(self, item: Item, correction: Correction) -> bool:
        """Exchange shapes."""
        path: Path = item.place
        labels, objects = self._maps(path)
        if labels.shape[::-1] != item.size:
            raise InputError(f"{path} is not as large as its photo; correct it in labelme first.")
        before = seen(labels.astype(np.int32), objects, self._known)
        after = corrected(*given_maps(correction, item), before, self._known)
        if np.array_equal(before.labels, after.labels) and np.array_equal(
            before.objects, after.objects
        ):
            return False
        self._contents[path] = self._written(path, before, after).encode()
        return True

    def _written(self, path: Path, before: Maps, after: Maps) -> str:
        text = read_limited(path, MAX_FILE).decode()
        span = members(text)["shapes"]
        old = list(elements(text, span.start))
        shapes = reshaped(stamps_of(path, self._known), before, after, self._known)
        groups = grouped(shapes, [shape.get("group_id") for _, shape in old], self._known)
        listed = [
            text[slice(*old[one][0])]
            if isinstance(one, int)
            else written(self._told(one, old, groups), text)
            for one in shapes
        ]
        return exchanged(text, [(span, _joined(text, span, [place for place, _ in old], listed))])

    def _told(self, new: New, old: Sequence[tuple[Span, Any]], groups: dict[int, int]) -> Any:
        """A new shape as labelme has it; what it replaces keeps its name, group and notes."""
        like = {} if new.like is None else old[new.like][1]
        shape = {
            "label": self._known[new.label].name,
            "points": [],
            "group_id": None,
            "shape_type": "polygon",
            "flags": {},
        } | like
        shape |= {"points": new.ring.tolist(), "shape_type": "polygon"}
        shape["group_id"] = groups.get(key_of(new), shape["group_id"])
        return shape | ({"mask": None} if "mask" in shape else {})

    def changed(self) -> dict[Path, bytes]:
        """The files with their new shapes."""
        return self._contents


def _joined(text: str, span: Span, old: Sequence[Span], shapes: Sequence[str]) -> str:
    """A list of shapes with the blanks between them that the old one has."""
    if not old:
        return f"[{', '.join(shapes)}]"
    lead = text[span.start + 1 : old[0].start]
    between = text[old[0].end : old[1].start] if len(old) > 1 else f",{lead}"
    return f"[{lead}{between.join(shapes)}{text[old[-1].end : span.end - 1]}]"


def _embedded(path: Path) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(contents(path))) as image:
        return np.asarray(image.convert("RGB"))
