"""The example sketches as a grid of small sheets, and the dialog around it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from studio.canvas.paper import PAPER
from studio.editors.sketch.examples import Example, example_names, examples
from studio.editors.sketch.marks import draw_small
from studio.panels.cells import CellDelegate, Cells
from studio.theme import Tokens

CELL = QSize(132, 132)
_STEP = CELL + QSize(8, 8)
"""From one to the next."""
_COLUMNS = 5
_ROOM, _NAME = 14.0, 20.0
_NAME_INK = QColor("#656973")
"""Legible on paper, which is white in every theme."""
_EXAMPLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class _Sheets(CellDelegate):
    """Draws a sketch with its name on paper."""

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        painter.fillRect(box, PAPER)
        place = QRectF(box)
        example: Example = index.data(_EXAMPLE)
        draw_small(painter, example.sketch, place.adjusted(_ROOM, _ROOM, -_ROOM, -_ROOM - _NAME))
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(_NAME_INK)
        below = place.adjusted(4, place.height() - _NAME - 4, -4, -4)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, example_names()[example.name])


class _Examples(QAbstractListModel):
    """All examples."""

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(examples())

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        example = examples()[index.row()]
        if role == _EXAMPLE:
            return example
        named = role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        return example_names()[example.name] if named else None


class ExampleChooser(QWidget):
    """Sheets to choose from, by mouse and by keyboard.

    Signals:
        chosen: the Example that was clicked.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._model = _Examples()
        self.cells = Cells(CELL, wrapping=True)
        self.cells.setAccessibleName(self.tr("Example sketches"))
        self.cells.setItemDelegate(_Sheets(self.cells, CELL))
        self.cells.setModel(self._model)
        self.cells.chosen.connect(lambda row: self.chosen.emit(examples()[row]))
        self.cells.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows = -(-len(examples()) // _COLUMNS)
        self.cells.setFixedSize(_COLUMNS * _STEP.width() + 2, rows * _STEP.height() + 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.cells)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme; the sheets stay white."""
        self.cells.dress(tokens)


class ExamplesDialog(QDialog):
    """Choose an example sketch; it closes once one is chosen.

    Signals:
        chosen: the Example.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget, tokens: Tokens) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Example sketches"))
        said = QLabel(self.tr("It replaces the drawing; undo brings that back."))
        said.setObjectName("muted")
        self.chooser = ExampleChooser()
        self.chooser.dress(tokens)
        self.chooser.chosen.connect(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(said)
        column.addWidget(self.chooser)
        self.chooser.cells.setFocus()

    def _take(self, example: Example) -> None:
        self.accept()
        self.chosen.emit(example)
