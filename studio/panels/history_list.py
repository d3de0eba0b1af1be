"""The finished pictures of one document, newest first, pruned by bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QBuffer,
    QIODevice,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
)
from PySide6.QtGui import QImage

from engine.photo import Mask, Photo
from engine.request import Quality
from engine.shape_files import shape_value
from studio.document import Document
from studio.entries import Entry
from studio.images import to_qimage
from studio.panels.thumbs import THUMB

MAX_BYTES = 64_000_000
"""Thumbnails and states together; entries with a star stay beyond it."""
_RATIO = 2
"""Thumbnails are made for dense screens."""
ENTRY = Qt.ItemDataRole.UserRole
SHOWN = Qt.ItemDataRole.UserRole + 1

_Index = QModelIndex | QPersistentModelIndex


class History(QAbstractListModel):
    """Notes every finished picture of a document; row 0 is the newest.

    Roles: ENTRY gives the Entry, SHOWN whether it is what the document asks for now.
    """

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self._document, self._max_bytes = document, MAX_BYTES
        self._entries: list[Entry] = []
        self.describe: Callable[[Entry], str] = lambda entry: entry.wanted.model
        document.picture_changed.connect(self._note)
        document.undo.indexChanged.connect(self._note)  # a gesture that ends changes no picture
        document.shape_changed.connect(self._mark_shown)
        document.look_changed.connect(self._mark_shown)

    @classmethod
    def of(cls, document: Document) -> History:
        """The document's history; made when it is first asked for."""
        found = document.findChild(cls)
        return found if isinstance(found, History) else cls(document)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What a project file keeps."""
        return tuple(self._entries)

    def fill(self, entries: Sequence[Entry]) -> None:
        """Take over the entries of a project file."""
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()
        self._prune()

    def limit(self, max_bytes: int) -> None:
        """Keep at most this many bytes from now on."""
        self._max_bytes = max_bytes
        self._prune()

    @property
    def nbytes(self) -> int:
        """Bytes held; a photo that several looks come from counts once."""
        weight = self._document.weight
        plain = sum(len(entry.thumbnail) + weight(entry.wanted) for entry in self._entries)
        return plain + sum(raster.pixels.nbytes for raster in self._rasters())

    def entry(self, row: int) -> Entry:
        """The entry in a row."""
        return self._entries[row]

    def shape_text(self, row: int) -> str:
        """The shape of an entry as JSON: a pose as an OpenPose document."""
        wanted = self._entries[row].wanted
        shape = self._document.request_for(wanted, Quality.full, None).shape
        return msgspec.json.encode(shape_value(shape)).decode()

    def restore(self, row: int) -> None:
        """Ask for exactly what an entry shows, as one step of the undo history."""
        self._document.restore(self._entries[row].wanted, self.tr("Restore from history"))

    def toggle_star(self, row: int) -> None:
        """Keep an entry for ever, or no longer."""
        self._entries[row] = replace(self._entries[row], starred=not self._entries[row].starred)
        self._changed(row)

    def delete(self, row: int) -> None:
        """Forget an entry."""
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._entries[row]
        self.endRemoveRows()

    # Qt's questions

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.describe(entry)
        if role == SHOWN:
            return entry.wanted == self._document.wanted
        return None

    # Keeping

    def _note(self) -> None:
        """Keep the picture, unless what it shows is kept already."""
        document = self._document
        if not document.finished or document.picture is None or document.failure:
            return
        if not document.worth_painting:
            return
        if any(entry.wanted == document.wanted for entry in self._entries):
            return
        thumbnail = png_of(document)
        entry = Entry(document.wanted, thumbnail, False, document.seconds, datetime.now(UTC))
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._entries.insert(0, entry)
        self.endInsertRows()
        self._prune()
        self._mark_shown()

    def _prune(self) -> None:
        """Forget the oldest without a star until the rest fits; the newest always stays."""
        row = len(self._entries) - 1
        while row > 0 and self.nbytes > self._max_bytes:
            if not self._entries[row].starred:
                self.delete(row)
            row -= 1

    def _rasters(self) -> set[Photo | Mask]:
        """The photos and masks of all entries, but for the document's own."""
        return set().union(*(self._document.rasters_of(entry.wanted) for entry in self._entries))

    def _mark_shown(self) -> None:
        if self._entries:
            self._changed(0, len(self._entries) - 1)

    def _changed(self, first: int, last: int | None = None) -> None:
        self.dataChanged.emit(self.index(first), self.index(first if last is None else last))


def png_of(document: Document) -> bytes:
    """What matters of the document's picture, small, as a PNG."""
    assert document.picture is not None
    pixels = document.picture.pixels
    step = pixels.shape[1] / document.size[0]
    seen = _shaped(document.focus, document.size)
    rows = slice(int(seen.top() * step), max(1, round((seen.bottom() + 1) * step)))
    columns = slice(int(seen.left() * step), max(1, round((seen.right() + 1) * step)))
    cut = pixels[rows, columns]
    size = THUMB * _RATIO * 2  # twice as fine as needed; the window must not wait for the rest
    skip = max(1, min(cut.shape[0] // size.height(), cut.shape[1] // size.width()))
    return _png(to_qimage(cut[::skip, ::skip]))


def _shaped(box: QRect, canvas: tuple[int, int]) -> QRect:
    """The box widened or heightened to the thumbnail's shape, as far as the canvas goes."""
    ratio = THUMB.width() / THUMB.height()
    width = max(box.width(), round(box.height() * ratio))
    height = max(box.height(), round(box.width() / ratio))
    wide = QRect(0, 0, width, height)
    wide.moveCenter(box.center())
    return wide.intersected(QRect(0, 0, *canvas))


def _png(image: QImage) -> bytes:
    size = THUMB * _RATIO
    filling = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = image.scaled(size, filling, Qt.TransformationMode.SmoothTransformation)
    spare = (scaled.size() - size) / 2
    cut = scaled.copy(QRect(QPoint(spare.width(), spare.height()), size))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    cut.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
