"""Key poses as cards in a row: put in order by dragging, or with Ctrl and the arrow keys."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication

from engine.animation import Key
from studio.panels.cells import CellDelegate, Cells
from studio.panels.figure import draw_figure
from studio.panels.strip_keys import KEY

CARD = QSize(80, 92)
_CAPTION = 18
_ROOM = 6.0
_EDGE = 16
"""Pixels at both ends over which a held card scrolls."""
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_Index = QModelIndex | QPersistentModelIndex


def seconds_text(seconds: float) -> str:
    """Seconds for people, as short as they can be."""
    return f"{seconds:.2f}".rstrip("0").rstrip(".")


class CardDelegate(CellDelegate):
    """A figure, and under it the seconds it is held and the seconds to the next one."""

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        key: Key = index.data(KEY)
        figure = QRectF(box).adjusted(_ROOM, _ROOM, -_ROOM, -_CAPTION - 2)
        draw_figure(painter, key.pose, figure, self.tokens)
        line = box.adjusted(8, box.height() - _CAPTION - 2, -8, -3)
        font = QFont(painter.font())
        font.setPixelSize(11)
        painter.setFont(font)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(self.tokens.text))
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignLeft, seconds_text(key.hold))
        painter.setPen(QColor(self.tokens.muted))
        onward = f"→ {seconds_text(key.move)}"
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, onward)

    def shown(self, index: _Index) -> bool:
        """The card whose times can be set is marked wherever the focus is."""
        view = self.parent()
        return isinstance(view, Cells) and view.currentIndex() == index


class Cards(Cells):
    """Cells that can be put in another order.

    Signals:
        moved: row, and the row where it shall stand.
    """

    moved = Signal(int, int)

    def __init__(self) -> None:
        super().__init__(CARD)
        self.delegate = CardDelegate(self, CARD)
        self.setItemDelegate(self.delegate)
        self._grabbed: QPoint | None = None
        self._gap: int | None = None

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._step_of(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, step = self.currentIndex().row(), self._step_of(event)
        if not step:
            super().keyPressEvent(event)
        elif 0 <= row + step < self.model().rowCount():
            self.moved.emit(row, row + step)

    def _step_of(self, event: QKeyEvent) -> int:
        """How far a key moves the card that has the focus."""
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held != Qt.KeyboardModifier.ControlModifier or not self.currentIndex().isValid():
            return 0
        return _STEPS.get(Qt.Key(event.key()), 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        at = event.position().toPoint()
        left = event.button() == Qt.MouseButton.LeftButton
        self._grabbed = at if left and self.indexAt(at).isValid() else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._grabbed is None:
            super().mouseMoveEvent(event)
        elif self._gap is not None or _far(at - self._grabbed):
            self._scroll_at(at.x())
            self._gap = self._gap_at(at.x())
            self.viewport().update()

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        gap, self._gap, self._grabbed = self._gap, None, None
        if gap is None:
            super().mouseReleaseEvent(e)
            return
        self.viewport().update()
        row = self.currentIndex().row()
        to = gap - (gap > row)
        if to != row:
            self.moved.emit(row, to)

    def paintEvent(self, e: QPaintEvent) -> None:
        super().paintEvent(e)
        if self._gap is None:
            return
        rows = self.model().rowCount()
        after = self._gap == rows
        beside = self.visualRect(self.model().index(self._gap - after, 0))
        x = beside.right() + 1 if after else beside.left()
        painter = QPainter(self.viewport())
        colour = QColor(self.delegate.tokens.accent)
        painter.fillRect(QRect(max(0, x - 1), beside.top() + 4, 2, CARD.height()), colour)

    def _scroll_at(self, x: int) -> None:
        """A card that is held over an edge reaches those beyond it."""
        bar, width = self.horizontalScrollBar(), self.viewport().width()
        step = (x > width - _EDGE) - (x < _EDGE)
        bar.setValue(bar.value() + step * _EDGE)

    def _gap_at(self, x: int) -> int:
        """Before which row a card would fall."""
        model = self.model()
        boxes = [self.visualRect(model.index(row, 0)) for row in range(model.rowCount())]
        return sum(box.center().x() < x for box in boxes)


def _far(way: QPoint) -> bool:
    return way.manhattanLength() >= QApplication.startDragDistance()
