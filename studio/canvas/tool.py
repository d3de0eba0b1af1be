"""What a tool is: small, told about press, move and release in pane points."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter


class Tool(Protocol):
    """The active tool of a canvas."""

    def press(self, at: QPointF, keys: Qt.KeyboardModifier) -> None: ...
    def move(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        """The pointer moved, with the button held since `press`."""
        ...

    def hover(self, at: QPointF) -> None: ...
    def release(self, at: QPointF) -> None: ...
    def cancel(self) -> bool:
        """Abort the gesture; False if there was none."""
        ...

    def cursor(self) -> Qt.CursorShape: ...
    def draw(self, painter: QPainter) -> None:
        """Marks over the canvas, in pane points."""
        ...
