"""Drawing and erasing by hand: ink flows at once, the document hears of it when there is time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.shapes.sketch import Sketch, Stroke
from studio.canvas.tool import MOUSE, Touch
from studio.editors.sketch.board import Board
from studio.editors.sketch.curves import Points
from studio.editors.sketch.stabiliser import Sample, Stabiliser

_AWAY = QPointF(-1e6, -1e6)
_SMALLEST = 3.0
"""Pane points of radius below which a ring would hide what it stands for."""


@dataclass
class _Gesture:
    """A stroke under the hand.

    Attributes:
        before: the sketch that it is drawn on.
        samples: all its points up to now.
    """

    before: Sketch
    erase: bool
    steadied: Stabiliser
    samples: list[Sample] = field(default_factory=list)

    @property
    def xy(self) -> Points:
        return np.array(self.samples)[:, :2]

    @property
    def width(self) -> Points:
        return np.array(self.samples)[:, 2]


class Freehand:
    """A line where the hand goes, as wide as the pen is pressed; or an eraser.

    Shift begins with a straight line from where the last stroke ended.
    """

    def __init__(self, board: Board, erase: bool) -> None:
        self._board, self._erase = board, erase
        self._gesture: _Gesture | None = None
        self._last: Sample | None = None
        self._pointer = _AWAY
        self._marked = QRectF()

    @property
    def busy(self) -> bool:
        """Whether a stroke is under the hand."""
        return self._gesture is not None

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board = self._board
        first = self._sample(at, touch)
        smoothing = 0.0 if self._erase else board.options.smoothing
        steadied = Stabiliser.of(first, smoothing, board.view.scale)
        self._gesture = _Gesture(board.sketch, self._erase, steadied)
        board.drawing = True
        straight = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        self._flow([self._last, first] if straight and self._last else [first], at)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._gesture is not None:
            self._flow(self._gesture.steadied.add(self._sample(at, touch)), at)

    def release(self, at: QPointF) -> None:
        gesture = self._gesture
        if gesture is None:
            return
        self._flow(gesture.steadied.finish(), at)
        self._gesture, self._last = None, gesture.steadied.head
        drawn = self._drawn(gesture)
        self._board.ink.keep(drawn)
        tr = QCoreApplication.translate
        text = tr("Sketch", "Erase") if gesture.erase else tr("Sketch", "Draw stroke")
        self._board.commit(drawn, text)
        self._mark(at)

    def cancel(self) -> bool:
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return False
        self._board.abort()
        self._mark(self._pointer)
        return True

    def hover(self, at: QPointF) -> None:
        self._mark(at)

    def cursor(self) -> Qt.CursorShape:
        ring = self._radius() >= _SMALLEST
        return Qt.CursorShape.BlankCursor if ring else Qt.CursorShape.CrossCursor

    # The stroke

    def _sample(self, at: QPointF, touch: Touch) -> Sample:
        return *self._board.point(at), self._board.options.width_at(touch.pressure, self._erase)

    def _flow(self, more: list[Sample], at: QPointF) -> None:
        """Go on with the stroke, in the ink alone."""
        gesture, board = self._gesture, self._board
        assert gesture is not None
        if more:
            run = np.array([*gesture.samples[-1:], *more])
            gesture.samples += more
            for side in board.sides(run[:, :2]):
                place = board.ink.line(side, run[:, 2], gesture.erase)
                if not place.isEmpty():
                    board.touched(board.pane(place))
            board.tell_soon(lambda: self._drawn(gesture))
        self._mark(at)

    def _drawn(self, gesture: _Gesture) -> Sketch:
        strokes: list[Stroke] = self._board.strokes(gesture.xy, gesture.width, gesture.erase)
        return gesture.before.drawn(*strokes)

    # Marks

    def _radius(self) -> float:
        """Of the pen or eraser as it is seen, in pane points."""
        options = self._board.options
        width = options.eraser if self._erase else options.width
        if self._gesture is not None:
            width = self._gesture.steadied.hand[2]
        return width / 2 * self._board.view.scale

    def _mark(self, at: QPointF) -> None:
        """The pointer is here: its ring, and the string to the line's head, are drawn anew."""
        self._pointer = at
        ends = [at]
        if self._gesture is not None:
            ends.append(self._board.view.to_pane(*self._gesture.steadied.head[:2]))
        room = self._radius() + 4
        low = QPointF(min(p.x() for p in ends), min(p.y() for p in ends))
        high = QPointF(max(p.x() for p in ends), max(p.y() for p in ends))
        marked = QRectF(low, high).adjusted(-room, -room, room, room)
        self._board.touched(marked.united(self._marked))
        self._marked = marked

    def draw(self, painter: QPainter) -> None:
        """The ring, and what of the line has not been drawn yet because it is steadied."""
        gesture, radius = self._gesture, self._radius()
        painter.save()
        if gesture is not None and not gesture.erase:
            head = self._board.view.to_pane(*gesture.steadied.head[:2])
            hand = self._board.view.to_pane(*gesture.steadied.hand[:2])
            if head != hand:
                cap = Qt.PenCapStyle.RoundCap
                painter.setPen(QPen(Qt.GlobalColor.black, max(2 * radius, 0.5), c=cap))
                painter.drawLine(head, hand)
        if radius >= _SMALLEST:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for width, colour in ((2.5, QColor(255, 255, 255, 200)), (1.0, QColor(0, 0, 0, 190))):
                painter.setPen(QPen(colour, width))
                painter.drawEllipse(self._pointer, radius, radius)
        painter.restore()


class WholeEraser:
    """Takes away whole strokes that it touches."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._left: Sketch | None = None

    @property
    def busy(self) -> bool:
        """Whether it is pressed."""
        return self._left is not None

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._left = self._board.sketch
        self.move(at, keys, touch)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board, before = self._board, self._left
        if before is None:
            return
        reach = board.options.eraser / 2
        while (hit := before.near(board.point(at), reach)) is not None:
            before = before.without({hit})
        if before is not self._left:
            self._left = before
            board.document.select(frozenset())
            board.document.preview(before)

    def release(self, at: QPointF) -> None:
        left, self._left = self._left, None
        if left is not None:
            text = QCoreApplication.translate("Sketch", "Delete strokes")
            self._board.commit(left, text)

    def cancel(self) -> bool:
        busy, self._left = self.busy, None
        if busy:
            self._board.abort()
        return busy

    def hover(self, at: QPointF) -> None:
        """Nothing to show."""

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def draw(self, painter: QPainter) -> None:
        """No marks."""
