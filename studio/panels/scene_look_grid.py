"""Small pictures of the looks that an object or a scene can have; a click takes one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.appearance import Appearance
from studio.panels.cells import CellDelegate, Cells
from studio.theme import Tokens

CELL = QSize(72, 54)
_STEP = CELL + QSize(8, 8)
_ACROSS = 3
_IMAGE, _SHOWN = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex


class _Pictures(CellDelegate):
    """Draws the looks."""

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        image = index.data(_IMAGE)
        if image is None:
            painter.setPen(QColor(self.tokens.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "…")
        else:
            painter.drawImage(box, image)

    def shown(self, index: _Index) -> bool:
        return bool(index.data(_SHOWN))


class _Looks(QAbstractListModel):
    """Looks and their pictures as Qt sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: tuple[Appearance, ...] = ()
        self.images: dict[int, QImage] = {}
        self.own: Appearance | None = None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self.looks)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        match role:
            case _ if role == _IMAGE:
                return self.images.get(index.row())
            case _ if role == _SHOWN:
                return self.looks[index.row()] == self.own
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                return self.tr("Look {0}").format(index.row() + 1)
        return None


class LookGrid(QWidget):
    """Looks side by side.

    Signals:
        chosen: the Appearance that was clicked.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.rows = _Looks()
        self.cells = Cells(CELL, wrapping=True)
        self.cells.setAccessibleName(self.tr("Looks"))
        self.cells.setItemDelegate(_Pictures(self.cells, CELL))
        self.cells.setModel(self.rows)
        self.cells.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.cells.chosen.connect(lambda row: self.chosen.emit(self.rows.looks[row]))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.cells)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.cells.dress(tokens)

    def offer(self, looks: Sequence[Appearance]) -> None:
        """Other looks, whose pictures are still to come."""
        self.rows.beginResetModel()
        self.rows.looks, self.rows.images = tuple(looks), {}
        self.rows.endResetModel()
        lines = -(-len(looks) // _ACROSS)
        self.cells.setFixedHeight(max(lines, 1) * _STEP.height() + 2)

    def put(self, row: int, picture: QImage) -> None:
        """The picture of one, cut to the cell's form."""
        if row < len(self.rows.looks):
            ratio = self.devicePixelRatioF()
            fill = Qt.AspectRatioMode.KeepAspectRatioByExpanding
            how = Qt.TransformationMode.SmoothTransformation
            scaled = picture.scaled(CELL * ratio, fill, how)
            spare = scaled.size() - CELL * ratio
            cut = scaled.copy(QRect(spare.width() // 2, spare.height() // 2, *_whole(ratio)))
            self.rows.images[row] = cut
            self.refresh()

    def show_own(self, own: Appearance | None) -> None:
        """The look that is in use now."""
        self.rows.own = own
        self.refresh()

    def refresh(self) -> None:
        """Draw the cells anew."""
        if self.rows.looks:
            self.rows.dataChanged.emit(
                self.rows.index(0), self.rows.index(len(self.rows.looks) - 1)
            )


def _whole(ratio: float) -> tuple[int, int]:
    size = CELL * ratio
    return size.width(), size.height()
