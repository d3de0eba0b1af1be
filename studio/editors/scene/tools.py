"""The tool of a scene's canvas: the chosen one, the picker or the eraser under the hand."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from studio.canvas.moving import MoveView
from studio.canvas.readout import draw_readout
from studio.canvas.tool import MOUSE, Touch
from studio.editors.canvas_tools import BusyTool, CanvasTools
from studio.editors.scene.areas import (
    Lasso,
    PaintBetween,
    Polygon,
    line_between,
    rectangle_between,
)
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.brush import LabelBrush
from studio.editors.scene.clicks import Fill, Picker
from studio.editors.scene.names import label_name, object_name
from studio.editors.scene.objects import CutObject, SelectObjects

_ALT = Qt.KeyboardModifier.AltModifier
_NAMELESS = ("hand",)
_TEXT = QRectF(-260, -40, 520, 80)
"""Around the pointer, where its readout may stand."""


class SceneTools(CanvasTools):
    """Gives each gesture to one tool; Alt picks with any that paints."""

    board: SceneBoard

    def __init__(self, board: SceneBoard) -> None:
        tr = QCoreApplication.translate
        self.select, self.polygon = SelectObjects(board), Polygon(board)
        self._picker = Picker(board)
        tools: dict[str, BusyTool] = {
            "select": self.select,
            "brush": LabelBrush(board, erase=False),
            "eraser": LabelBrush(board, erase=True),
            "line": PaintBetween(board, line_between, tr("Scene", "Paint line")),
            "rectangle": PaintBetween(board, rectangle_between, tr("Scene", "Paint rectangle")),
            "polygon": self.polygon,
            "lasso": Lasso(board),
            "fill": Fill(board),
            "picker": self._picker,
            "cut": CutObject(board),
            "hand": MoveView(board.view),
        }
        super().__init__(board, tools, self.polygon)
        self._pointer = QPointF(-1e6, -1e6)
        self._name = ""

    # Gestures

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self.board.lending:
            self.board.lend(at)
        else:
            super().press(at, keys, touch)

    def _meant(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch) -> BusyTool:
        picking = bool(keys & _ALT) and self.chosen not in (self.select, self._by_name["hand"])
        return self._picker if picking and not self.polygon.busy else self.chosen

    def hover(self, at: QPointF) -> None:
        super().hover(at)
        self._tell(at)

    def _tell(self, at: QPointF) -> None:
        """The name of what lies under the pointer goes with it."""
        before, self._pointer = self._pointer, at
        name, self._name = self._name, self._name_at(at)
        for place in (before, at) if name or self._name else ():
            self.board.touched(_TEXT.adjusted(place.x(), place.y(), place.x(), place.y()))

    def _name_at(self, at: QPointF) -> str:
        options, scene = self.board.options, self.board.scene
        found = scene.at(self.board.point(at))
        if found is None or not options.names or options.tool in _NAMELESS:
            return ""
        label, number = found
        return object_name(scene, number) if number else label_name(scene.label_set, label)

    def cancel(self) -> bool:
        if self.board.lending:
            self.board.lend_to(None)
            return True
        return super().cancel()

    # Looks

    def cursor(self) -> Qt.CursorShape:
        lending = Qt.CursorShape.PointingHandCursor
        return lending if self.board.lending else super().cursor()

    def draw(self, painter: QPainter) -> None:
        self.select.draw_selected(painter)
        super().draw(painter)
        if self._name and not self.busy:
            draw_readout(painter, self._pointer, self._name)
