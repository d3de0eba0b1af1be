"""The tool that selects strokes, and moves, scales and turns them in a box."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from operator import is_not

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.shapes.sketch import Sketch, Stroke
from studio.canvas.box import BoxTransform, Part
from studio.canvas.tool import MOUSE, Touch
from studio.editors.sketch.board import Board
from studio.editors.sketch.glow import Glow
from studio.editors.sketch.marks import draw_path, path_of
from studio.editors.sketch.picking import carried

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_REACH = 8.0
"""Pane points beside a line that still pick it."""
_HOVER = 5.0
"""Pane points: width of the mark on what a click would select."""


@dataclass(frozen=True)
class _Lifted:
    """Strokes in the hand: the ink shows the sketch without them.

    Attributes:
        start: the sketch when the gesture began.
        moving: numbers of the strokes in the hand, with the erasures that go along.
        matrix: (2, 3) where they are now.
    """

    start: Sketch
    moving: frozenset[int]
    matrix: NDArray[np.float64]

    def put_down(self) -> Sketch:
        """The sketch with the strokes where they are now."""
        return self.start.moved(self.moving, self.matrix)


class StrokePoints:
    """The selected strokes as the points that a box holds; they are lifted while it moves."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.lifted: _Lifted | None = None
        self._strokes: list[Stroke] = []
        self._points = np.zeros((0, 2))

    @property
    def picked(self) -> tuple[int, ...]:
        """Numbers of the selected strokes, lowest first."""
        there = len(self._board.sketch.strokes)
        return tuple(sorted(n for n in self._board.document.selected if n < there))

    def points(self) -> NDArray[np.float64]:
        lifted = self.lifted
        points = self._resting(lifted.start if lifted else self._board.sketch)
        if lifted is not None and len(points):
            points = points @ lifted.matrix[:, :2].T + lifted.matrix[:, 2]
        return points

    def _resting(self, sketch: Sketch) -> NDArray[np.float64]:
        """Where the points were before they were lifted; a box asks for them all the time."""
        strokes = [sketch.strokes[n] for n in self.picked]
        if len(strokes) != len(self._strokes) or any(map(is_not, strokes, self._strokes)):
            found = [stroke.xy for stroke in strokes]
            points = np.concatenate(found) if found else np.zeros((0, 2))
            self._strokes = strokes
            self._points = points if len(points) != 1 else points.repeat(2, 0)
        return self._points

    def identity(self) -> Hashable:
        return self.picked

    def pivot(self) -> tuple[float, float] | None:
        return None

    def preview(self, matrix: NDArray[np.float64]) -> None:
        board = self._board
        if self.lifted is None:
            start = board.sketch
            moving = carried(start, self.picked)
            board.drawing = True
            board.ink.show(start.without(moving))
            self.lifted = _Lifted(start, moving, matrix)
        else:
            self.lifted = replace(self.lifted, matrix=matrix)
        board.tell_soon(self.lifted.put_down)

    def commit(self, text: str) -> None:
        lifted, self.lifted = self.lifted, None
        if lifted is not None:
            self._board.commit(lifted.put_down(), text)

    def abort(self) -> bool:
        there, self.lifted = self.lifted is not None, None
        if there:
            self._board.abort()
        return there


class SelectStrokes:
    """Click a line, or drag a band around some; Shift adds; the box does the rest."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.points = StrokePoints(board)
        self.box = BoxTransform(self.points, board.view, board.accent, board.changed)
        self._glow = Glow(board)
        self._band: QRectF | None = None
        self._in_box = False
        self._hovered: int | None = None

    @property
    def busy(self) -> bool:
        """Whether a button is down."""
        return self._in_box or self._band is not None

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        document, self._hovered = self._board.document, None
        hit, adding = self._stroke_at(at), bool(keys & _SHIFT)
        if self.box.part_at(at)[0] is not Part.outside and not (adding and hit is not None):
            self._grab(at, keys, touch)
        elif hit is None:
            self._band = QRectF(at, at)
            if not adding:
                document.select(frozenset())
        elif adding:
            document.select(document.selected ^ {hit})
        else:
            document.select(frozenset({hit}))
            self._grab(at, keys, touch)

    def _grab(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch) -> None:
        self.box.accent = self._board.accent
        self._in_box = True
        self.box.press(at, keys, touch)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._in_box:
            self.box.move(at, keys, touch)
        elif self._band is not None:
            self._band.setBottomRight(at)
            self._board.changed()

    def release(self, at: QPointF) -> None:
        if self._in_box:
            self._release_box(at)
        elif self._band is not None:
            band, self._band = self._band.normalized(), None
            board = self._board
            corners = board.point(band.topLeft()), board.point(band.bottomRight())
            inside = frozenset(board.sketch.inside(*corners))
            board.document.select(board.document.selected | inside)
            board.changed()

    def _release_box(self, at: QPointF) -> None:
        clicked, self._in_box = not self.box.dragging, False
        grabbed = self.box.part_at(at)[0]
        self.box.release(at)
        if clicked and grabbed is Part.inside:
            hit = self._stroke_at(at)
            self._board.document.select(frozenset() if hit is None else frozenset({hit}))

    def cancel(self) -> bool:
        busy, self._band, self._in_box = self.busy, None, False
        aborted = self.box.cancel()
        if busy:
            self._board.changed()
        return aborted or busy

    def hover(self, at: QPointF) -> None:
        self.box.hover(at)
        hit = self._stroke_at(at)
        if hit != self._hovered:
            self._hovered = hit
            self._board.changed()

    def cursor(self) -> Qt.CursorShape:
        if self._in_box or self.box.hovered is not Part.outside:
            return self.box.cursor()
        hovering = self._hovered is not None
        return Qt.CursorShape.PointingHandCursor if hovering else Qt.CursorShape.ArrowCursor

    def _stroke_at(self, at: QPointF) -> int | None:
        return self._board.sketch.near(self._board.point(at), _REACH / self._board.view.scale)

    # Looks

    def draw(self, painter: QPainter) -> None:
        """The selected lines in accent, what lies under the pointer, the box, the band."""
        strokes, picked = self._board.sketch.strokes, self.points.picked
        self.draw_selected(painter)
        hovered = self._hovered
        if (
            hovered is not None
            and hovered < len(strokes)
            and hovered not in picked
            and not self.busy
        ):
            self._draw_hovered(painter, strokes[hovered])
        if picked:
            self.box.accent = self._board.accent
            self.box.draw(painter)
        if self._band is not None:
            fill = QColor(self._board.accent)
            fill.setAlpha(30)
            painter.setPen(QPen(self._board.accent, 1))
            painter.setBrush(fill)
            painter.drawRect(self._band)

    def draw_selected(self, painter: QPainter) -> None:
        """The selected lines in accent, without a box; with their ink while they are moved."""
        lifted = self.points.lifted
        if lifted is None:
            strokes = self._board.sketch.strokes
            self._glow.draw(painter, [strokes[n] for n in self.points.picked])
        else:
            moving = [lifted.start.strokes[n] for n in sorted(lifted.moving)]
            drawn = [stroke for stroke in moving if not stroke.erase]
            self._glow.draw(painter, drawn, lifted.matrix)

    def _draw_hovered(self, painter: QPainter, stroke: Stroke) -> None:
        glow = QColor(self._board.accent)
        glow.setAlpha(110)
        painter.save()
        painter.setTransform(self._board.view.matrix(), True)
        draw_path(painter, path_of(stroke), glow, _HOVER)
        painter.restore()
