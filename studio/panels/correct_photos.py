"""The photos of a folder as a list, with small pictures that are made when they are seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QImageIOHandler, QImageReader

from studio.saving_lane import Lane
from studio.training.annotations import Item

ITEM, PICTURE, CORRECTED, SEEN = (Qt.ItemDataRole.UserRole + n for n in range(1, 5))
"""The Item, its QImage, whether it is corrected, whether it is the one that is seen."""
PICTURES = QSize(168, 144)
"""Device pixels of a small picture; it fills them."""
_KEPT = 600
_WAITING = 60
_Index = QModelIndex | QPersistentModelIndex


class SmallPictures(QObject):
    """Reads small pictures beside the window, those that were asked for last first.

    Signals:
        made: path of a photo whose picture is there.
    """

    made = Signal(str)
    _read = Signal(str, QImage)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lane = Lane("guise-pictures")
        self._there: OrderedDict[str, QImage] = OrderedDict()
        self._asked: OrderedDict[str, None] = OrderedDict()
        self._closed = False
        self._read.connect(self._take)

    def of(self, path: str) -> QImage | None:
        """A picture; None = it is being made."""
        found = self._there.get(path)
        if found is None and path not in self._asked and not self._closed:
            self._asked[path] = None
            while len(self._asked) > _WAITING:
                self._asked.popitem(last=False)
            self._lane.run("read", self._work)
        return found

    def close(self) -> None:
        """Read nothing more."""
        self._closed = True
        self._asked.clear()
        self._lane.wait()

    def _work(self) -> None:
        """In the lane: one after the other until nobody waits."""
        while not self._closed:
            try:
                path, _ = self._asked.popitem()
            except KeyError:
                return
            with suppress(RuntimeError):  # the tab is gone
                self._read.emit(path, _small(path))

    def _take(self, path: str, image: QImage) -> None:
        self._there[path] = image
        while len(self._there) > _KEPT:
            self._there.popitem(last=False)
        self.made.emit(path)


def _small(path: str) -> QImage:
    """A photo that fills a small picture; a null image if it cannot be read."""
    reader = QImageReader(path)
    reader.setAutoTransform(True)
    size, filling = reader.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding
    if size.isValid():
        turned = reader.transformation() & QImageIOHandler.Transformation.TransformationRotate90
        around = PICTURES.transposed() if turned else PICTURES
        reader.setScaledSize(size.scaled(around, filling))
    image = reader.read()
    left = max(0, (image.width() - PICTURES.width()) // 2)
    return image.copy(left, 0, PICTURES.width(), PICTURES.height())  # heads matter: keep the top


class PhotoList(QAbstractListModel):
    """Items in their order, with their marks."""

    def __init__(self, items: Sequence[Item], parent: QObject) -> None:
        super().__init__(parent)
        self.items = list(items)
        self._rows = {item.id: row for row, item in enumerate(items)}
        self._of_photo: dict[str, set[str]] = {}
        for item in items:
            self._of_photo.setdefault(item.photo, set()).add(item.id)
        self._corrected: frozenset[str] = frozenset()
        self._seen = ""
        self.pictures = SmallPictures(self)
        self.pictures.made.connect(self._made)

    def row_of(self, item: str) -> int:
        """Where an item stands."""
        return self._rows[item]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.items[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return item.name
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join((f"{item.split} · {item.name}", *item.problems))
            case _:
                return self._own(item, role)

    def _own(self, item: Item, role: int) -> object:
        if role == ITEM:
            return item
        if role == PICTURE:
            return self.pictures.of(item.photo)
        if role == CORRECTED:
            return item.id in self._corrected
        return item.id == self._seen if role == SEEN else None

    def mark(self, corrected: frozenset[str]) -> None:
        """These are corrected."""
        if corrected != self._corrected:
            differing = corrected ^ self._corrected
            self._corrected = corrected
            self._tell(differing)

    def show_seen(self, item: str) -> None:
        """This is the one that is seen."""
        before, self._seen = self._seen, item
        self._tell({before, item})

    def refresh(self, items: Sequence[Item]) -> None:
        """The same items as they are now."""
        for item in items:
            if item.id in self._rows:
                self.items[self._rows[item.id]] = item
        self.dataChanged.emit(self.index(0), self.index(len(self.items) - 1))

    def _tell(self, names: set[str] | frozenset[str]) -> None:
        for name in names & self._rows.keys():
            index = self.index(self._rows[name])
            self.dataChanged.emit(index, index)

    def _made(self, path: str) -> None:
        self._tell(self._of_photo[path])


class OnlyProblems(QSortFilterProxyModel):
    """All items, or those of which there is something to say, and the one that is seen."""

    def __init__(self, photos: PhotoList) -> None:
        super().__init__(photos)
        self.wanted = False
        self.setSourceModel(photos)
        self.photos = photos

    def want(self, only: bool) -> None:
        """Show those with problems only, or all."""
        self.wanted = only
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: _Index) -> bool:
        if not self.wanted:
            return True
        index = self.photos.index(source_row)
        return bool(self.photos.items[source_row].problems) or bool(self.photos.data(index, SEEN))
