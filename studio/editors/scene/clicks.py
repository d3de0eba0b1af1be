"""Tools of one click: fill and picker."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QPainter

from engine.shapes.label_paint import region
from studio.canvas.tool import MOUSE, Touch
from studio.editors.scene.areas import paint_stamp
from studio.editors.scene.board import SceneBoard

_SHIFT = Qt.KeyboardModifier.ShiftModifier


class Fill:
    """Paints everything alike that hangs together; with Shift everything alike."""

    busy = False

    def __init__(self, board: SceneBoard) -> None:
        self._board = board

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board = self._board
        found = region(board.scene, board.point(at), everywhere=bool(keys & _SHIFT))
        if found is not None:
            text = QCoreApplication.translate("Scene", "Fill")
            paint_stamp(board, found, board.ink(touch.eraser), text)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        """A click is all."""

    def hover(self, at: QPointF) -> None:
        """Nothing to show."""

    def release(self, at: QPointF) -> None:
        """A click is all."""

    def cancel(self) -> bool:
        return False

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def draw(self, painter: QPainter) -> None:
        """No marks."""


class Picker(Fill):
    """Chooses the label and the object under it, to go on painting with them."""

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board = self._board
        found = board.scene.at(board.point(at))
        if found is not None:
            board.choice.choose(*found)
            board.document.select(found[1] or None)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self.press(at, keys, touch)

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.PointingHandCursor
