"""The tool of a canvas: the chosen one, or another under the hand for one gesture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from studio.canvas.tool import MOUSE, Tool, Touch
from studio.editors.canvas_board import CanvasBoard


class BusyTool(Tool, Protocol):
    """A tool that knows whether a gesture is under way."""

    @property
    def busy(self) -> bool: ...


class LastingTool(BusyTool, Protocol):
    """A tool whose gesture goes on between clicks."""

    def finish(self) -> bool:
        """End the gesture; False if there was none."""
        ...


class CanvasTools:
    """Gives each gesture to one tool.

    Args:
        by_name: the tools by the names that the options have for them.
        lasting: the one of them whose gesture goes on between clicks.
    """

    def __init__(
        self, board: CanvasBoard, by_name: Mapping[str, BusyTool], lasting: LastingTool
    ) -> None:
        self.board, self._by_name, self._lasting = board, by_name, lasting
        self._held: BusyTool | None = None
        self._chosen = board.options.tool

    @property
    def chosen(self) -> BusyTool:
        """The tool that the options name."""
        return self._by_name[self.board.options.tool]

    @property
    def busy(self) -> bool:
        """Whether a gesture is under way, one between two clicks included."""
        return self._held is not None or self._lasting.busy

    def options_changed(self) -> None:
        """Another tool: a gesture between two clicks is finished first."""
        if self.board.options.tool != self._chosen:
            self._chosen = self.board.options.tool
            self._lasting.finish()
        self.board.changed()

    # Gestures

    def _meant(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch) -> BusyTool:
        """The tool for a gesture that begins."""
        raise NotImplementedError

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._held = self._meant(at, keys, touch)
        self._held.press(at, keys, touch)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._held is not None:
            self._held.move(at, keys, touch)

    def release(self, at: QPointF) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.release(at)

    def hover(self, at: QPointF) -> None:
        self.chosen.hover(at)

    def cancel(self) -> bool:
        held, self._held = self._held, None
        cancelled = held is not None and held.cancel()
        return (self._lasting.busy and self._lasting.cancel()) or cancelled

    def settle(self) -> None:
        """End what is under way, so that a command meets a document at rest."""
        if not self._lasting.finish():
            self.cancel()

    # Looks

    @property
    def shown(self) -> BusyTool:
        """The tool whose marks and cursor are seen."""
        return self._held or self.chosen

    def cursor(self) -> Qt.CursorShape:
        return self.shown.cursor()

    def draw(self, painter: QPainter) -> None:
        self.shown.draw(painter)
