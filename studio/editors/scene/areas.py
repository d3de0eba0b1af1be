"""Tools that paint what lies between or within: line, rectangle, polygon, lasso."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QPainter

from engine.shapes.label_paint import Ink, Point, Stamp, painted, polygon, rectangle, stroke
from engine.shapes.labels import LabelMap
from studio.canvas.box import STILL
from studio.canvas.tool import MOUSE, Touch
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.marks import draw_path

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_STEP = math.radians(15)
_AGAIN = 8.0
"""Pane points within which a click on the first corner closes a polygon."""
_FINE = 2.0
"""Pane points that a lasso goes before it has another corner."""
Between = Callable[[SceneBoard, Point, Point, bool], Stamp]
"""The pixels that a drag between two places means; the last says whether Shift is held."""


def line_between(board: SceneBoard, start: Point, end: Point, shift: bool) -> Stamp:
    """As wide as the brush; Shift keeps to steps of 15 degrees."""
    if shift:
        length = math.dist(start, end)
        angle = round(math.atan2(end[1] - start[1], end[0] - start[0]) / _STEP) * _STEP
        end = start[0] + length * math.cos(angle), start[1] + length * math.sin(angle)
    radius = board.options.radius(1.0, False)
    return stroke(board.scene.size, start, end, (radius, radius))


def rectangle_between(board: SceneBoard, start: Point, end: Point, shift: bool) -> Stamp:
    """Shift makes a square."""
    if shift:
        side = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
        across, down = end[0] - start[0], end[1] - start[1]
        end = start[0] + math.copysign(side, across), start[1] + math.copysign(side, down)
    return rectangle(board.scene.size, start, end)


class PaintBetween:
    """Paints between press and release; a click paints nothing."""

    def __init__(self, board: SceneBoard, between: Between, text: str) -> None:
        self._board, self._between, self._text = board, between, text
        self._start: QPointF | None = None
        self._before: LabelMap | None = None
        self._ink = Ink(0)

    @property
    def busy(self) -> bool:
        """Whether the button is down."""
        return self._start is not None

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board = self._board
        self._start, self._ink = at, board.ink(touch.eraser)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board, start = self._board, self._start
        if start is None:
            return
        if self._before is None:
            if (at - start).manhattanLength() < STILL:
                return
            self._before = board.scene
        ends = board.point(start), board.point(at)
        stamp = self._between(board, *ends, bool(keys & _SHIFT))
        board.show(painted(self._before, stamp, self._ink, board.rules_for(self._ink)))

    def release(self, at: QPointF) -> None:
        if self._before is not None:
            self._board.finish(self._text, self._ink)
        self._start = self._before = None

    def cancel(self) -> bool:
        busy, self._start, self._before = self.busy, None, None
        if busy:
            self._board.abort()
        return busy

    def hover(self, at: QPointF) -> None:
        """Nothing to show."""

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def draw(self, painter: QPainter) -> None:
        """No marks."""


class Lasso:
    """Paints what the hand goes around."""

    def __init__(self, board: SceneBoard) -> None:
        self._board = board
        self._points: list[QPointF] = []
        self._ink = Ink(0)

    @property
    def busy(self) -> bool:
        """Whether the button is down."""
        return bool(self._points)

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._points, self._ink = [at], self._board.ink(touch.eraser)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._points and (at - self._points[-1]).manhattanLength() >= _FINE:
            self._points.append(at)
            self._board.changed()

    def release(self, at: QPointF) -> None:
        points, self._points = self._points, []
        if len(points) > 2:
            text = QCoreApplication.translate("Scene", "Paint with lasso")
            paint_within(self._board, points, self._ink, text)
        self._board.changed()

    def cancel(self) -> bool:
        busy, self._points = self.busy, []
        self._board.changed()
        return busy

    def hover(self, at: QPointF) -> None:
        """Nothing to show."""

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def draw(self, painter: QPainter) -> None:
        """The way so far, closed."""
        if self._points:
            draw_path(painter, [*self._points, self._points[0]], self._board.accent, dots=False)


class Polygon:
    """Paints between clicked corners; a double click, Enter or the first corner closes it."""

    def __init__(self, board: SceneBoard) -> None:
        self._board = board
        self._corners: list[Point] = []
        self._pointer = QPointF()
        self._ink = Ink(0)

    @property
    def busy(self) -> bool:
        """Whether there are corners."""
        return bool(self._corners)

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._pointer = at
        if self._corners and (touch.twice or self._on_first(at)):
            self.finish()
            return
        if not self._corners:
            self._ink = self._board.ink(touch.eraser)
        self._corners.append(self._board.point(at))
        self._board.changed()

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._corners:
            self._corners[-1] = self._board.point(at)
        self.hover(at)

    def hover(self, at: QPointF) -> None:
        self._pointer = at
        if self._corners:
            self._board.changed()

    def release(self, at: QPointF) -> None:
        """The polygon goes on."""

    def finish(self) -> bool:
        """Paint it; False if there was none."""
        corners, self._corners = self._corners, []
        if not corners:
            return False
        if len(corners) > 2:
            text = QCoreApplication.translate("Scene", "Paint polygon")
            paint_stamp(self._board, polygon(self._board.scene.size, corners), self._ink, text)
        self._board.changed()
        return True

    def take_back(self) -> bool:
        """The last corner was wrong; False if there are none."""
        if not self._corners:
            return False
        self._corners.pop()
        self._board.changed()
        return True

    def cancel(self) -> bool:
        busy, self._corners = self.busy, []
        self._board.changed()
        return busy

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def _on_first(self, at: QPointF) -> bool:
        first = self._board.view.to_pane(*self._corners[0])
        return len(self._corners) > 2 and (at - first).manhattanLength() <= _AGAIN

    def draw(self, painter: QPainter) -> None:
        """The corners, and the side that follows the pointer."""
        if self._corners:
            points = [self._board.view.to_pane(*corner) for corner in self._corners]
            draw_path(painter, [*points, self._pointer], self._board.accent, dots=True)


def paint_within(board: SceneBoard, points: list[QPointF], ink: Ink, text: str) -> None:
    """Paint what an outline in pane points goes around, as one step."""
    corners = [board.point(point) for point in points]
    paint_stamp(board, polygon(board.scene.size, corners), ink, text)


def paint_stamp(board: SceneBoard, stamp: Stamp, ink: Ink, text: str) -> None:
    """Paint some pixels as one step."""
    scene = painted(board.scene, stamp, ink, board.rules_for(ink))
    if scene is not board.scene:
        board.show(scene)
        board.finish(text, ink)
