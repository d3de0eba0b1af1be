"""How selected strokes look: their lines in accent, and their ink while they are in the hand."""

from __future__ import annotations

from collections.abc import Sequence

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


class Glow:
    """Draws the same strokes again and again, wherever they are moved.

    Args:
        ink: whether the strokes themselves are drawn below their marks.
    """

    def __init__(self, board: Board, ink: bool) -> None:
        self._board, self._ink = board, ink
        self._strokes: tuple[Stroke, ...] = ()
        self._points = 0
        self._kept: tuple[object, QPixmap] | None = None

    def draw(self, painter: QPainter, strokes: Sequence[Stroke], matrix: Matrix | None) -> None:
        """The strokes under a map of the canvas; None = where they are."""
        strokes = tuple(strokes)
        if not strokes:
            return
        if len(strokes) != len(self._strokes) or any(
            a is not b for a, b in zip(strokes, self._strokes, strict=True)
        ):
            self._strokes, self._kept = strokes, None
            self._points = sum(len(stroke.xy) for stroke in strokes)
        moved = QTransform() if matrix is None else _transform(matrix)
        view = self._board.view.matrix()
        painter.save()
        painter.setClipRect(self._board.view.rect())
        if self._points < _MANY:
            painter.setTransform(moved * view, True)
            self._draw_lines(painter, np.sqrt(abs(moved.determinant())))
        else:
            back, _ = view.inverted()
            painter.setTransform(back * moved * view, True)
            painter.drawPixmap(0, 0, self._pixels(painter))
        painter.restore()

    def _draw_lines(self, painter: QPainter, grown: float) -> None:
        accent = QColor(self._board.accent)
        glow = QColor(accent)
        glow.setAlpha(110)
        for stroke in self._strokes if self._ink else ():
            width = float(stroke.width.mean() * grown) * self._board.view.scale
            draw_path(painter, path_of(stroke), Qt.GlobalColor.black, width)
        for ink, width in ((glow, _GLOW), (accent, _CORE)):
            for stroke in self._strokes:
                draw_path(painter, path_of(stroke), ink, width)

    def _pixels(self, painter: QPainter) -> QPixmap:
        """The lines as they are seen where they lie, without a map."""
        view, room = self._board.view, painter.viewport().size()
        ratio = painter.device().devicePixelRatio()
        looks = (view.scale, view.offset.toTuple(), room.toTuple(), ratio, self._board.accent.rgb())
        if self._kept is None or self._kept[0] != looks:
            pixels = QPixmap(room * ratio)
            pixels.setDevicePixelRatio(ratio)
            pixels.fill(Qt.GlobalColor.transparent)
            with QPainter(pixels) as inner:
                inner.setRenderHint(QPainter.RenderHint.Antialiasing)
                inner.setTransform(view.matrix(), True)
                self._draw_lines(inner, 1.0)
            self._kept = (looks, pixels)
        return self._kept[1]


def _transform(matrix: Matrix) -> QTransform:
    (a, b, c), (d, e, f) = matrix.tolist()
    return QTransform(a, d, b, e, c, f)
