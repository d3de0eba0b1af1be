"""Photos and masks of a folder, read beside the window; the neighbours are read ahead."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

from engine.errors import GuiseError, InputError
from engine.photo import Photo
from engine.photo_files import open_photo
from studio.images import Pyramid
from studio.training.annotations import Correction, Item

_KEPT = 5
"""Photos that are kept; the one that is seen and its neighbours are among them."""


@dataclass(frozen=True)
class Wish:
    """An item to read, and its correction that was not saved before a crash."""

    item: Item
    draft: Correction | None = None


@dataclass(frozen=True)
class Loaded:
    """What was read.

    Attributes:
        image: the photo as it is drawn.
        annotated: what is annotated in files beside it.
    """

    wish: Wish
    photo: Photo
    image: Pyramid
    annotated: Any


class PhotoLoader(QObject):
    """Reads what is wished for, the newest wish first.

    Args:
        read: reads what is annotated in files; called in a thread. GuiseError: it cannot be used.

    Signals:
        loaded: id of an item, and its Loaded.
        failed: id of an item, and why its files cannot be read.
    """

    loaded = Signal(str, object)
    failed = Signal(str, str)
    _read = Signal(str, object)

    def __init__(self, read: Callable[[Wish], Any], parent: QObject) -> None:
        super().__init__(parent)
        self._annotated = read
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._kept: OrderedDict[str, Loaded] = OrderedDict()
        self._read.connect(self._take)

    def ask(self, wishes: list[Wish]) -> None:
        """Read these, in this order; what was wished for before and waits is given up."""
        self._pool.clear()
        for wish in wishes:
            if wish.item.id in self._kept:
                self._kept.move_to_end(wish.item.id)
                self.loaded.emit(wish.item.id, self._kept[wish.item.id])
            else:
                self._pool.start(lambda wish=wish: self._load(wish))

    def forget(self, item: str) -> None:
        """The files of an item are others now."""
        self._kept.pop(item, None)

    def wait(self) -> None:
        """Until nothing is being read; before the window goes away."""
        self._pool.clear()
        self._pool.waitForDone()

    def _load(self, wish: Wish) -> None:
        item = wish.item
        with suppress(RuntimeError):  # the tab is gone and nobody waits for it
            try:
                photo, annotated = _photo(item), self._annotated(wish)
                loaded = Loaded(wish, photo, Pyramid.of(photo.pixels), annotated)
            except (GuiseError, OSError) as error:
                self.failed.emit(item.id, str(error))
            else:
                self._read.emit(item.id, loaded)

    def _take(self, item: str, loaded: Loaded) -> None:
        self._kept[item] = loaded
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.loaded.emit(item, loaded)


def _photo(item: Item) -> Photo:
    photo = open_photo(Path(item.photo))
    if photo.size != item.size:
        raise InputError(f"{item.photo} is of another size than before; list the folder again.")
    return photo
