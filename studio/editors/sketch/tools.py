"""The tool of a sketch's canvas: the chosen one, the eraser, or the axis under the hand."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QPainter

from studio.canvas.moving import MoveView
from studio.canvas.tool import Touch
from studio.editors.canvas_tools import BusyTool, CanvasTools
from studio.editors.sketch.axis import AxisGrip
from studio.editors.sketch.board import Board
from studio.editors.sketch.freehand import Freehand, WholeEraser
from studio.editors.sketch.lines import (
    Curve,
    DragShape,
    ellipse_outline,
    line_outline,
    rectangle_outline,
)
from studio.editors.sketch.select import SelectStrokes

_CTRL = Qt.KeyboardModifier.ControlModifier


class SketchTools(CanvasTools):
    """Gives each gesture to one tool; a pen's other end and the right button erase with any."""

    board: Board

    def __init__(self, board: Board) -> None:
        tr = QCoreApplication.translate
        self.select, self.curve = SelectStrokes(board), Curve(board)
        self._eraser, self._whole = Freehand(board, erase=True), WholeEraser(board)
        self._axis = AxisGrip(board)
        tools: dict[str, BusyTool] = {
            "select": self.select,
            "pencil": Freehand(board, erase=False),
            "line": DragShape(board, line_outline, tr("Sketch", "Draw line")),
            "curve": self.curve,
            "rectangle": DragShape(board, rectangle_outline, tr("Sketch", "Draw rectangle")),
            "ellipse": DragShape(board, ellipse_outline, tr("Sketch", "Draw ellipse")),
            "eraser": self._eraser,
            "hand": MoveView(board.view),
        }
        super().__init__(board, tools, self.curve)

    # Gestures

    def _meant(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch) -> BusyTool:
        if self.curve.busy:
            return self.curve
        if self._axis.takes(at):
            return self._axis
        erasing = touch.eraser or self.chosen is self._eraser
        if erasing:
            return self._whole if keys & _CTRL else self._eraser
        return self.chosen

    def hover(self, at: QPointF) -> None:
        self._axis.hover(at)
        super().hover(at)

    # Looks

    def cursor(self) -> Qt.CursorShape:
        if self._held is None and self._axis.hovered:
            return self._axis.cursor()
        return super().cursor()

    def draw(self, painter: QPainter) -> None:
        self._axis.draw(painter)
        super().draw(painter)
        if self.shown is not self.select:
            self.select.draw_selected(painter)
