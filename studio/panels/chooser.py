"""Things to start from, as a grid of small pictures with names in a dialog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from studio.panels.cells import CellDelegate, Cells
from studio.theme import Tokens

ITEM = Qt.ItemDataRole.UserRole
"""The thing of a cell; its name is the tool tip."""
_GAP = QSize(8, 8)
_NAMED = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
_Index = QModelIndex | QPersistentModelIndex


class _Items(QAbstractListModel):
    """Things and their names as Qt sees them."""

    def __init__(self, items: Sequence[tuple[object, str]]) -> None:
        super().__init__()
        self.items = items

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item, name = self.items[index.row()]
        if role == ITEM:
            return item
        return name if role in _NAMED else None


class ChooserDialog(QDialog):
    """Choose one of some things; it closes once one is chosen.

    Args:
        said: one line on what choosing does.
        items: the things with their names.
        delegate: draws the cells.
        columns: cells side by side.

    Signals:
        chosen: the thing.
    """

    chosen = Signal(object)

    def __init__(
        self,
        parent: QWidget | None,
        tokens: Tokens,
        title: str,
        said: str,
        items: Sequence[tuple[object, str]],
        delegate: CellDelegate,
        columns: int,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        line = QLabel(said)
        line.setObjectName("muted")
        self._model, self._delegate = _Items(items), delegate
        self.cells = Cells(delegate.cell, wrapping=True)
        self.cells.setAccessibleName(title)
        self.cells.setItemDelegate(delegate)
        self.cells.setModel(self._model)
        self.cells.dress(tokens)
        self.cells.chosen.connect(self._take)
        self.cells.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        step, rows = delegate.cell + _GAP, -(-len(items) // columns)
        self.cells.setFixedSize(columns * step.width() + 2, rows * step.height() + 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(line)
        column.addWidget(self.cells)
        self.cells.setFocus()

    def _take(self, row: int) -> None:
        item, _ = self._model.items[row]
        self.accept()
        self.chosen.emit(item)
