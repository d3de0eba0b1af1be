"""Brush and eraser of a label map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from engine.boxes import rows
from engine.shapes.label_objects import backdrop
from engine.shapes.label_paint import Ink, Stamp, paintable, painted, replaced, stroke
from engine.shapes.labels import LabelMap
from studio.canvas.tool import MOUSE, Touch
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.marks import draw_ring

_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_AWAY = QPointF(-1e6, -1e6)


@dataclass
class _Gesture:
    """A stroke under way.

    Attributes:
        ink: what it paints; the eraser paints that nothing is labelled.
        erasing: whether it is the eraser's.
        behind: (H, W) what the eraser brings to light instead.
        at: where it is, in pixels of the map.
    """

    ink: Ink
    erasing: bool
    behind: NDArray[Any] | None
    at: tuple[float, float]
    radius: float


class LabelBrush:
    """A round brush; Ctrl, the pen's other end and the right button erase with it.

    Shift draws a straight line from where the last stroke ended.

    Args:
        erase: whether it erases anyway.
    """

    def __init__(self, board: SceneBoard, erase: bool) -> None:
        self._board, self._erase = board, erase
        self._gesture: _Gesture | None = None
        self._last: tuple[float, float] | None = None
        self._pointer = _AWAY
        self._marked = QRectF()

    @property
    def busy(self) -> bool:
        """Whether a stroke is under way."""
        return self._gesture is not None

    # Gestures

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board = self._board
        erasing = self._erase or touch.eraser or bool(keys & _CTRL)
        here = board.point(at)
        radius = board.options.radius(touch.pressure, erasing)
        start = self._last if keys & _SHIFT and self._last is not None else here
        behind = backdrop(board.scene) if erasing and board.options.behind else None
        self._gesture = _Gesture(board.ink(erasing), erasing, behind, start, radius)
        self._extend(at, radius)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._gesture is not None:
            radius = self._board.options.radius(touch.pressure, self._gesture.erasing)
            self._extend(at, radius)

    def _extend(self, at: QPointF, radius: float) -> None:
        board, gesture = self._board, self._gesture
        assert gesture is not None
        here = board.point(at)
        piece = stroke(board.scene.size, gesture.at, here, (gesture.radius, radius))
        scene = self._after(piece, gesture)
        gesture.at, gesture.radius = here, radius
        if scene is not board.scene:
            board.show(scene)
        self.hover(at)

    def _after(self, piece: Stamp, gesture: _Gesture) -> LabelMap:
        scene, rules = self._board.scene, self._board.rules_for(gesture.ink)
        if gesture.behind is None:
            return painted(scene, piece, gesture.ink, rules)
        mask = piece.mask & paintable(scene, piece.box, gesture.ink, rules)
        return replaced(scene, Stamp(piece.box, mask), gesture.behind[rows(piece.box)], 0)

    def release(self, at: QPointF) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return
        self._last = gesture.at
        tr = QCoreApplication.translate
        text = tr("Scene", "Erase") if gesture.erasing else tr("Scene", "Paint")
        self._board.finish(text, gesture.ink)

    def cancel(self) -> bool:
        busy, self._gesture = self.busy, None
        if busy:
            self._board.abort()
        return busy

    # Marks

    def hover(self, at: QPointF) -> None:
        """The pointer is here: its ring is drawn anew."""
        self._pointer = at
        room = self._radius() + 6
        marked = QRectF(at.x() - room, at.y() - room, 2 * room, 2 * room)
        self._board.touched(marked.united(self._marked) if self._marked.isValid() else marked)
        self._marked = marked

    def _radius(self) -> float:
        """Pane points of the ring."""
        gesture, board = self._gesture, self._board
        radius = gesture.radius if gesture else board.options.radius(1.0, self._erase)
        return max(radius * board.view.scale, 3.0)

    def cursor(self) -> Qt.CursorShape:
        """None: the ring shows where it is."""
        return Qt.CursorShape.BlankCursor

    def draw(self, painter: QPainter) -> None:
        """The ring."""
        gesture = self._gesture
        erasing = self._erase if gesture is None else gesture.erasing
        draw_ring(painter, self._pointer, self._radius(), erasing)
