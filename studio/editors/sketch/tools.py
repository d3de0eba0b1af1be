"""The tool of a sketch's canvas: the chosen one, the eraser, or the axis under the hand."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QPainter

from studio.canvas.moving import MoveView
from studio.canvas.tool import MOUSE, Tool, Touch
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


class DrawingTool(Tool, Protocol):
    """A tool that knows whether a gesture is under way."""

    @property
    def busy(self) -> bool: ...


class SketchTools:
    """Gives each gesture to one tool; a pen's other end and the right button erase with any."""

    def __init__(self, board: Board) -> None:
        self.board = board
        tr = QCoreApplication.translate
        self.select, self.curve = SelectStrokes(board), Curve(board)
        self._eraser, self._whole = Freehand(board, erase=True), WholeEraser(board)
        self._axis = AxisGrip(board)
        self._by_name: dict[str, DrawingTool] = {
            "select": self.select,
            "pencil": Freehand(board, erase=False),
            "line": DragShape(board, line_outline, tr("Sketch", "Draw line")),
            "curve": self.curve,
            "rectangle": DragShape(board, rectangle_outline, tr("Sketch", "Draw rectangle")),
            "ellipse": DragShape(board, ellipse_outline, tr("Sketch", "Draw ellipse")),
            "eraser": self._eraser,
            "hand": MoveView(board.view),
        }
        self._held: DrawingTool | None = None
        self._chosen = board.options.tool

    @property
    def chosen(self) -> DrawingTool:
        """The tool that the options name."""
        return self._by_name[self.board.options.tool]

    @property
    def busy(self) -> bool:
        """Whether a gesture is under way, a curve between two clicks included."""
        return self._held is not None or self.curve.busy

    def options_changed(self) -> None:
        """Another tool or width: a curve that was begun is finished first."""
        if self.board.options.tool != self._chosen:
            self._chosen = self.board.options.tool
            self.curve.finish()
        self.board.changed()

    # Gestures

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._held = self._meant(at, keys, touch)
        self._held.press(at, keys, touch)

    def _meant(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch) -> DrawingTool:
        if self.curve.busy:
            return self.curve
        if self._axis.takes(at):
            return self._axis
        erasing = touch.eraser or self.chosen is self._eraser
        if erasing:
            return self._whole if keys & _CTRL else self._eraser
        return self.chosen

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._held is not None:
            self._held.move(at, keys, touch)

    def release(self, at: QPointF) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.release(at)

    def hover(self, at: QPointF) -> None:
        self._axis.hover(at)
        self.chosen.hover(at)

    def cancel(self) -> bool:
        held, self._held = self._held, None
        cancelled = held is not None and held.cancel()
        return self.curve.cancel() or cancelled

    def settle(self) -> None:
        """End what is under way, so that a command meets a sketch at rest."""
        if not self.curve.finish():
            self.cancel()

    # Looks

    def cursor(self) -> Qt.CursorShape:
        if self._held is None and self._axis.hovered:
            return self._axis.cursor()
        return (self._held or self.chosen).cursor()

    def draw(self, painter: QPainter) -> None:
        self._axis.draw(painter)
        shown = self._held or self.chosen
        shown.draw(painter)
        if shown is not self.select:
            self.select.draw_selected(painter)
