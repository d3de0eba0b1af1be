"""Tools that draw a shape between two ends of a drag, and the curve through clicked points."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.shapes.sketch import Sketch
from studio.canvas.box import STILL
from studio.canvas.box_marks import HALO
from studio.canvas.tool import MOUSE, Touch
from studio.editors.sketch.board import Board
from studio.editors.sketch.curves import (
    Points,
    box_between,
    ellipse,
    rectangle,
    smooth_curve,
    straight,
)

_SHIFT, _ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
_POINT = 3.5
_AGAIN = 6.0
"""Pane points within which a click on the last point ends a curve."""


class Outline(Protocol):
    """The line that a drag between two places means."""

    def __call__(
        self, start: tuple[float, float], end: tuple[float, float], keys: Qt.KeyboardModifier
    ) -> Points: ...


def line_outline(
    start: tuple[float, float], end: tuple[float, float], keys: Qt.KeyboardModifier
) -> Points:
    """Straight; Shift keeps to steps of 15 degrees."""
    return straight(start, end, bool(keys & _SHIFT))


def rectangle_outline(
    start: tuple[float, float], end: tuple[float, float], keys: Qt.KeyboardModifier
) -> Points:
    """Shift makes a square, Alt begins in the middle."""
    return rectangle(*box_between(start, end, bool(keys & _SHIFT), bool(keys & _ALT)))


def ellipse_outline(
    start: tuple[float, float], end: tuple[float, float], keys: Qt.KeyboardModifier
) -> Points:
    """Shift makes a circle, Alt begins in the middle."""
    return ellipse(*box_between(start, end, bool(keys & _SHIFT), bool(keys & _ALT)))


class DragShape:
    """Draws an outline between press and release; a click draws nothing."""

    def __init__(self, board: Board, outline: Outline, text: str) -> None:
        self._board, self._outline, self._text = board, outline, text
        self._start: QPointF | None = None
        self._before: Sketch | None = None
        self._drawn: Sketch | None = None

    @property
    def busy(self) -> bool:
        """Whether the button is down."""
        return self._start is not None

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._start = at

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board, start = self._board, self._start
        if start is None:
            return
        if self._before is None:
            if (at - start).manhattanLength() < STILL:
                return
            self._before = board.sketch
        xy = self._outline(board.point(start), board.point(at), keys)
        self._drawn = self._before.drawn(*board.strokes(xy, board.options.width))
        board.document.preview(self._drawn)

    def release(self, at: QPointF) -> None:
        if self._drawn is not None:
            self._board.commit(self._drawn, self._text)
        self._start = self._before = self._drawn = None

    def cancel(self) -> bool:
        busy = self.busy
        self._start = self._before = self._drawn = None
        if busy:
            self._board.abort()
        return busy

    def hover(self, at: QPointF) -> None:
        """Nothing to show."""

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def draw(self, painter: QPainter) -> None:
        """No marks."""


class Curve:
    """A smooth line through clicked points; a double click, Enter or the right button ends it."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._points: list[tuple[float, float]] = []
        self._before: Sketch | None = None

    @property
    def busy(self) -> bool:
        """Whether a curve has been begun."""
        return bool(self._points)

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if touch.eraser or touch.twice or (len(self._points) > 1 and self._on_last(at)):
            self.finish()
            return
        if self._before is None:
            self._before = self._board.sketch
        self._points.append(self._board.point(at))
        self._show(self._points)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._points and not self._on_last(at):
            self._points[-1] = self._board.point(at)
            self._show(self._points)

    def hover(self, at: QPointF) -> None:
        if self._points:
            self._show([*self._points, self._board.point(at)])

    def release(self, at: QPointF) -> None:
        """The curve goes on."""

    def finish(self) -> bool:
        """The curve is as it should be; False if there was none."""
        before, points = self._before, self._points
        self._before, self._points = None, []
        if before is None:
            return False
        if len(points) < 2:
            self._board.abort()
        else:
            drawn = self._drawn(before, points)
            self._board.commit(drawn, QCoreApplication.translate("Sketch", "Draw curve"))
        self._board.changed()
        return True

    def take_back(self) -> bool:
        """The last point was wrong; False if there is no curve."""
        if not self._points:
            return False
        self._points.pop()
        if self._points:
            self._show(self._points)
        else:
            self.cancel()
        return True

    def cancel(self) -> bool:
        there = self._before is not None
        self._before, self._points = None, []
        if there:
            self._board.abort()
            self._board.changed()
        return there

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def _on_last(self, at: QPointF) -> bool:
        last = self._board.view.to_pane(*self._points[-1])
        return (at - last).manhattanLength() <= _AGAIN

    def _show(self, points: list[tuple[float, float]]) -> None:
        if self._before is not None:
            self._board.document.preview(self._drawn(self._before, points))
            self._board.changed()

    def _drawn(self, before: Sketch, points: list[tuple[float, float]]) -> Sketch:
        board = self._board
        xy = smooth_curve(np.array(points), 3 / board.view.scale)
        return before.drawn(*board.strokes(xy, board.options.width))

    def draw(self, painter: QPainter) -> None:
        """The points that were clicked."""
        painter.save()
        for point in self._points:
            at = self._board.view.to_pane(*point)
            painter.setPen(QPen(HALO, 3.0))
            painter.setBrush(QColor(self._board.accent))
            painter.drawEllipse(at, _POINT, _POINT)
        painter.restore()
