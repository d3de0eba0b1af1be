"""Lists whose items have a title and a caption under it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from studio.theme import DARK, Tokens

CAPTION = Qt.ItemDataRole.UserRole
PROBLEM = Qt.ItemDataRole.UserRole + 1
_ROW = 48
_Index = QModelIndex | QPersistentModelIndex


class TwoLines(QStyledItemDelegate):
    """Draws an item's text, and under it its caption; in red what has a problem."""

    tokens: Tokens = DARK

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, _ROW)

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        option.text = ""  # type: ignore[attr-defined]  (drawn below, in two lines)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        box = option.rect.adjusted(12, 7, -12, -7)  # type: ignore[attr-defined]
        self._line(painter, box, Qt.AlignmentFlag.AlignTop, index.data(), self.tokens.text, 13)
        caption, problem = index.data(CAPTION), index.data(PROBLEM)
        colour = self.tokens.error if problem else self.tokens.muted
        self._line(painter, box, Qt.AlignmentFlag.AlignBottom, caption, colour, 11)

    def _line(
        self,
        painter: QPainter,
        box: QRect,
        side: Qt.AlignmentFlag,
        text: str,
        colour: str,
        pixels: int,
    ) -> None:
        font = QFont(painter.font())
        font.setPixelSize(pixels)
        painter.save()
        painter.setFont(font)
        painter.setPen(QColor(colour))
        elide = Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(text, elide, box.width())
        painter.drawText(box, side | Qt.AlignmentFlag.AlignLeft, shown)
        painter.restore()
