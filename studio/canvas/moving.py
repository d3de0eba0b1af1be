"""The tool that moves the view."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from studio.canvas.tool import MOUSE, Touch
from studio.canvas.transform import ViewTransform


class MoveView:
    """Drags what is seen along."""

    def __init__(self, view: ViewTransform) -> None:
        self._view = view
        self._last: QPointF | None = None

    @property
    def busy(self) -> bool:
        """Whether the view is held."""
        return self._last is not None

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._last = at

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._last is not None:
            self._view.pan(at - self._last)
            self._last = at

    def release(self, at: QPointF) -> None:
        self._last = None

    def cancel(self) -> bool:
        busy, self._last = self.busy, None
        return busy

    def hover(self, at: QPointF) -> None:
        """Nothing to show."""

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.ClosedHandCursor if self.busy else Qt.CursorShape.OpenHandCursor

    def draw(self, painter: QPainter) -> None:
        """No marks."""
