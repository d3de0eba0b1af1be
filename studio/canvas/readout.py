"""Short texts on the canvas, legible on any photo: numbers near the hand, names of joints."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

_BACK = QColor(20, 21, 24, 225)
_INK = QColor("#FFFFFF")
_PIXELS = 12
_BESIDE = QPointF(16, 18)
"""From the hand to the text, clear of the cursor."""


def draw_readout(painter: QPainter, at: QPointF, text: str) -> None:
    """White on dark, beside a place in pane points, kept inside the pane."""
    painter.save()
    font = painter.font()
    font.setPixelSize(_PIXELS)
    painter.setFont(font)
    measure = QFontMetricsF(font)
    pill = QRectF(0, 0, measure.horizontalAdvance(text) + 16, measure.height() + 6)
    pill.moveTopLeft(_inside(painter, at, pill))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_BACK)
    painter.drawRoundedRect(pill, 6, 6)
    painter.setPen(_INK)
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def _inside(painter: QPainter, at: QPointF, pill: QRectF) -> QPointF:
    """Right and below; on the other side of the hand where there is no room."""
    device = painter.device()
    x, y = at.x() + _BESIDE.x(), at.y() + _BESIDE.y()
    if x + pill.width() > device.width() - 4:
        x = at.x() - _BESIDE.x() - pill.width()
    if y + pill.height() > device.height() - 4:
        y = at.y() - _BESIDE.y() - pill.height()
    return QPointF(max(x, 4), max(y, 4))
