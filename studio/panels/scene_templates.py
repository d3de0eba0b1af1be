"""Scenes to start from, as a grid of small label maps in a dialog."""

from __future__ import annotations

from functools import cache
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from engine.shapes.label_templates import TEMPLATES, Template
from studio.images import to_qimage
from studio.panels.cells import CellDelegate, Cells
from studio.theme import Tokens

CELL = QSize(216, 136)
_STEP = CELL + QSize(8, 8)
"""From one to the next."""
_COLUMNS = 3
_NAME = 26
_DRAWN = (432, 220)
"""Pixels of the small maps, for the densest screens."""
_TEMPLATE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


def template_names() -> dict[str, str]:
    """Every template by its name in TEMPLATES."""
    tr = QCoreApplication.translate
    return {
        "Empty road": tr("Template", "Empty road"),
        "Busy road": tr("Template", "Busy road"),
        "Crossing": tr("Template", "Crossing"),
        "Square": tr("Template", "Square"),
        "House front": tr("Template", "House front"),
    }


@cache
def _image(template: Template) -> QImage:
    scene = template.draw(_DRAWN)
    return to_qimage(scene.label_set.colours[scene.labels])


class _Maps(CellDelegate):
    """Draws a map in its colours, its name below."""

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        template: Template = index.data(_TEMPLATE)
        painter.drawImage(QRectF(box.adjusted(0, 0, 0, -_NAME)), _image(template))
        painter.setPen(QColor(self.tokens.text))
        below = QRectF(box.left(), box.bottom() - _NAME, box.width(), _NAME)
        centre = Qt.AlignmentFlag.AlignCenter
        painter.drawText(below, centre, template_names()[template.name])


class _Templates(QAbstractListModel):
    """All templates."""

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(TEMPLATES)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        template = TEMPLATES[index.row()]
        if role == _TEMPLATE:
            return template
        named = role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        return template_names()[template.name] if named else None


class TemplatesDialog(QDialog):
    """Choose a scene to start from; it closes once one is chosen.

    Signals:
        chosen: the Template.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget, tokens: Tokens) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Start from a template"))
        said = QLabel(self.tr("It replaces the labels; undo brings them back."))
        said.setObjectName("muted")
        self._model = _Templates()
        self.cells = Cells(CELL, wrapping=True)
        self.cells.setAccessibleName(self.tr("Templates"))
        self.cells.setItemDelegate(_Maps(self.cells, CELL))
        self.cells.setModel(self._model)
        self.cells.dress(tokens)
        self.cells.chosen.connect(self._take)
        self.cells.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        rows = -(-len(TEMPLATES) // _COLUMNS)
        self.cells.setFixedSize(_COLUMNS * _STEP.width() + 2, rows * _STEP.height() + 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(said)
        column.addWidget(self.cells)
        self.cells.setFocus()

    def _take(self, row: int) -> None:
        self.accept()
        self.chosen.emit(TEMPLATES[row])
