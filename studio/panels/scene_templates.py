"""Scenes to start from, as a grid of small label maps in a dialog."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import (
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from engine.shapes.label_templates import TEMPLATES, Template
from studio.images import to_qimage
from studio.panels.cells import CellDelegate
from studio.panels.chooser import ITEM, ChooserDialog
from studio.theme import Tokens

CELL = QSize(216, 136)
_COLUMNS = 3
_NAME = 26
_DRAWN = (432, 220)
"""Pixels of the small maps, for the densest screens."""
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
        painter.drawImage(QRectF(box.adjusted(0, 0, 0, -_NAME)), _image(index.data(ITEM)))
        painter.setPen(QColor(self.tokens.text))
        below = QRectF(box.left(), box.bottom() - _NAME, box.width(), _NAME)
        name = index.data(Qt.ItemDataRole.ToolTipRole)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)


def templates_dialog(parent: QWidget | None, tokens: Tokens) -> ChooserDialog:
    """A dialog that asks for a Template."""
    tr = QCoreApplication.translate
    names = template_names()
    return ChooserDialog(
        parent,
        tokens,
        tr("TemplatesDialog", "Start from a template"),
        tr("TemplatesDialog", "It replaces the labels; undo brings them back."),
        [(template, names[template.name]) for template in TEMPLATES],
        _Maps(None, CELL),
        _COLUMNS,
    )
