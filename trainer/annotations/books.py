"""Which layouts can be corrected, and what opens them: one list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError
from trainer.annotations.coco import CocoBook
from trainer.annotations.coco_official import OfficialBook
from trainer.annotations.colours import ColourBook
from trainer.annotations.index_p import IndexBook
from trainer.annotations.items import Book
from trainer.annotations.labelme import LabelmeBook
from trainer.annotations.maps import MapBook
from trainer.annotations.posegan import PoseGanBook
from trainer.data.layouts import Layout, layout_of
from trainer.data.people_folders import INDEX_P
from trainer.data.products import Direction


@dataclass(frozen=True)
class Place:
    """A folder and how its files are read.

    Attributes:
        direction: which half of side-by-side pictures, or which of the folders A and B, is the
            input.
        classes: number of ids of label maps; None = those of the label set.
    """

    folder: Path
    direction: Direction = "AtoB"
    classes: int | None = None


BOOKS: dict[str, Callable[[Place], Book]] = {
    "coco": lambda place: CocoBook(place.folder),
    "coco-official": lambda place: OfficialBook(place.folder),
    "index": lambda place: IndexBook(place.folder / INDEX_P),
    "pix2pixhd": lambda place: MapBook(place.folder, place.classes),
    "cityscapes": lambda place: MapBook(place.folder, place.classes),
    "labelme": lambda place: LabelmeBook(place.folder),
    "pix2pixhd-pictures": lambda place: ColourBook(place.folder, place.direction),
    "side-by-side": lambda place: ColourBook(place.folder, place.direction),
    "posegan": lambda place: PoseGanBook(place.folder),
}
"""Layout -> what opens its annotations."""
_OTHERS = {
    "shards": "{0} holds shards; correct the folder that they were made of, and make them anew.",
    "edges": "{0} has photos with edges; they have no joints, masks or labels to correct.",
    "photos": "{0} has photos alone; annotate them with `guise prepare` first.",
}
"""Layout without anything to correct -> the sentence of the refusal."""


def open_book(place: Place) -> tuple[Layout, Book]:
    """The annotations of a folder.

    Raises:
        InputError: no such folder, no known layout, or one without anything to correct.
    """
    folder = place.folder
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}; name your photos.")
    layout = layout_of(folder)
    if layout is None:
        raise InputError(f"{folder} has none of the layouts that are known; see `guise check`.")
    if layout.id not in BOOKS:
        raise InputError(_OTHERS[layout.id].format(folder))
    return layout, BOOKS[layout.id](place)
