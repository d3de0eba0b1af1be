"""The example sketches as a grid of small sheets, in a dialog."""

from __future__ import annotations

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from studio.canvas.paper import PAPER
from studio.editors.sketch.examples import Example, example_names, examples
from studio.editors.sketch.marks import draw_small
from studio.panels.cells import CellDelegate
from studio.panels.chooser import ITEM, ChooserDialog
from studio.theme import Tokens

CELL = QSize(132, 132)
_COLUMNS = 5
_ROOM, _NAME = 14.0, 20.0
_NAME_INK = QColor("#656973")
"""Legible on paper, which is white in every theme."""
_Index = QModelIndex | QPersistentModelIndex


class _Sheets(CellDelegate):
    """Draws a sketch with its name on paper."""

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        painter.fillRect(box, PAPER)
        place = QRectF(box)
        example: Example = index.data(ITEM)
        draw_small(painter, example.sketch, place.adjusted(_ROOM, _ROOM, -_ROOM, -_ROOM - _NAME))
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(_NAME_INK)
        below = place.adjusted(4, place.height() - _NAME - 4, -4, -4)
        name = index.data(Qt.ItemDataRole.ToolTipRole)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)


def examples_dialog(parent: QWidget | None, tokens: Tokens) -> ChooserDialog:
    """A dialog that asks for an Example; the sheets stay white in every theme."""
    tr = QCoreApplication.translate
    names = example_names()
    return ChooserDialog(
        parent,
        tokens,
        tr("ExamplesDialog", "Example sketches"),
        tr("ExamplesDialog", "It replaces the drawing; undo brings that back."),
        [(example, names[example.name]) for example in examples()],
        _Sheets(None, CELL),
        _COLUMNS,
    )
