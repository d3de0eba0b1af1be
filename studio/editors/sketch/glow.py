"""How selected strokes look: their lines in accent, and their ink while they are in the hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_not

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QTransform

from engine.shapes.sketch import Stroke
from studio.canvas.box_frame import Matrix
from studio.editors.sketch.board import Board
from studio.editors.sketch.marks import draw_path, path_of

_GLOW, _CORE = 5.0, 1.5
"""Pane points: a selected line shines through its own ink."""
_MANY = 1500
"""Points from which lines are drawn once and kept as pixels: to draw them takes longer than a
frame."""

_Layer = Callable[[QPainter, float], None]


class Glow:
    """Draws the same strokes again and again, wherever they are moved."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._strokes: tuple[Stroke, ...] = ()
        self._points = 0
        self._kept: dict[_Layer, tuple[object, QPixmap]] = {}

    def draw(
        self, painter: QPainter, strokes: Sequence[Stroke], matrix: Matrix | None = None
    ) -> None:
        """The marks of strokes.

        Args:
            matrix: where they are in the hand, with their ink; None = the ink lies there already.
        """
        strokes = tuple(strokes)
        if not strokes:
            return
        if len(strokes) != len(self._strokes) or any(map(is_not, strokes, self._strokes)):
            self._strokes, self._kept = strokes, {}
            self._points = sum(len(stroke.xy) for stroke in strokes)
        moved = QTransform() if matrix is None else _transform(matrix)
        layers = (self._draw_marks,) if matrix is None else (self._draw_ink, self._draw_marks)
        view = self._board.view.matrix()
        painter.save()
        painter.setClipRect(self._board.view.rect())
        if self._points < _MANY:
            painter.setTransform(moved * view, True)
            for layer in layers:
                layer(painter, np.sqrt(abs(moved.determinant())))
        else:
            back, _ = view.inverted()
            painter.setTransform(back * moved * view, True)
            for layer in layers:
                painter.drawPixmap(0, 0, self._pixels(painter, layer))
        painter.restore()

    def _draw_ink(self, painter: QPainter, grown: float) -> None:
        for stroke in self._strokes:
            width = float(stroke.width.mean() * grown) * self._board.view.scale
            draw_path(painter, path_of(stroke), Qt.GlobalColor.black, width)

    def _draw_marks(self, painter: QPainter, grown: float) -> None:
        accent = QColor(self._board.accent)
        glow = QColor(accent)
        glow.setAlpha(110)
        for ink, width in ((glow, _GLOW), (accent, _CORE)):
            for stroke in self._strokes:
                draw_path(painter, path_of(stroke), ink, width)

    def _pixels(self, painter: QPainter, layer: _Layer) -> QPixmap:
        """A layer as it is seen where the strokes lie, without a map."""
        view, room = self._board.view, painter.viewport().size()
        ratio = painter.device().devicePixelRatio()
        looks = (view.scale, view.offset.toTuple(), room.toTuple(), ratio, self._board.accent.rgb())
        kept = self._kept.get(layer)
        if kept is None or kept[0] != looks:
            pixels = QPixmap(room * ratio)
            pixels.setDevicePixelRatio(ratio)
            pixels.fill(Qt.GlobalColor.transparent)
            with QPainter(pixels) as inner:
                inner.setRenderHint(QPainter.RenderHint.Antialiasing)
                inner.setTransform(view.matrix(), True)
                layer(inner, 1.0)
            kept = self._kept[layer] = (looks, pixels)
        return kept[1]


def _transform(matrix: Matrix) -> QTransform:
    (a, b, c), (d, e, f) = matrix.tolist()
    return QTransform(a, d, b, e, c, f)
