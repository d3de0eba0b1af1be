"""The axis of symmetry: a line on the paper, dragged by a grip above it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from studio.canvas.box_marks import HALO
from studio.canvas.tool import MOUSE, Touch
from studio.editors.sketch.board import Board

_REACH = 12.0
_ABOVE = 11.0
"""Pane points between the paper and the grip."""
_SNAP = 8.0
"""Pane points from the middle of the paper within which the axis stands in it."""
_GRIP = 6.0


class AxisGrip:
    """Moves the axis; it snaps to the middle of the paper."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._before: float | None = None
        self.hovered = False

    @property
    def busy(self) -> bool:
        """Whether the axis is being dragged."""
        return self._before is not None

    def takes(self, at: QPointF) -> bool:
        """Whether a press here grabs the axis."""
        on = self._board.options.symmetric
        return on and (at - self._place()).manhattanLength() <= _REACH

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._before = self._board.axis

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board, width = self._board, self._board.sketch.size[0]
        x = min(max(board.point(at)[0], 0.0), float(width))
        near = abs(x - width / 2) * board.view.scale <= _SNAP
        board.axis = width / 2 if near else x
        board.changed()

    def release(self, at: QPointF) -> None:
        self._before = None

    def cancel(self) -> bool:
        before, self._before = self._before, None
        if before is None:
            return False
        self._board.axis = before
        self._board.changed()
        return True

    def hover(self, at: QPointF) -> None:
        over = self.takes(at)
        if over != self.hovered:
            self.hovered = over
            self._board.changed()

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.SplitHCursor

    def _place(self) -> QPointF:
        """The grip: above the paper, or at the top of the pane where the paper begins higher."""
        paper = self._board.view.rect()
        top = max(paper.top() - _ABOVE, _ABOVE)
        return QPointF(self._board.view.to_pane(self._board.axis, 0).x(), top)

    def draw(self, painter: QPainter) -> None:
        """Thin and dashed, so that it is no stroke; solid in the middle of the paper."""
        if not self._board.options.symmetric:
            return
        paper, grip = self._board.view.rect(), self._place()
        middle = self._board.axis == self._board.sketch.size[0] / 2
        dashes = Qt.PenStyle.SolidLine if middle else Qt.PenStyle.DashLine
        painter.save()
        painter.setPen(QPen(QColor(self._board.accent), 1.0, dashes))
        painter.drawLine(grip, QPointF(grip.x(), paper.bottom()))
        painter.setPen(QPen(HALO, 1.5))
        painter.setBrush(QColor(self._board.accent))
        radius = _GRIP + (1 if self.hovered or self.busy else 0)
        painter.drawEllipse(grip, radius, radius)
        painter.restore()
