"""What a tool is: small, told about press, move and release in pane points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter


@dataclass(frozen=True)
class Touch:
    """How the canvas is touched.

    Attributes:
        pressure: of the pen, 0..1; a mouse presses with 1.
        eraser: whether it is the pen's eraser end.
        twice: whether it is the second press of a double click.
    """

    pressure: float = 1.0
    eraser: bool = False
    twice: bool = False


MOUSE = Touch()


class Tool(Protocol):
    """The active tool of a canvas."""

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None: ...
    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
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
