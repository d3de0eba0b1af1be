"""Marks over a label map, legible on any colour: outlines of objects, the brush's ring."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.canvas.box_marks import HALO
from studio.canvas.transform import ViewTransform

_WHITE = QColor("white")
_SMALLEST = 3.0
"""Pane points: a finer brush shows as a ring of this radius."""
_ARM = 3.5


def draw_outline(
    painter: QPainter, lines: NDArray[np.float64], view: ViewTransform, colour: QColor
) -> None:
    """Straight lines (N, 4) in pixels of the map, in a colour with a dark halo."""
    pieces = [QLineF(*line) for line in lines.tolist()]
    painter.save()
    painter.setTransform(view.matrix(), True)
    for ink, width in ((HALO, 4.0), (colour, 1.75)):
        pen = QPen(ink, width, c=Qt.PenCapStyle.RoundCap)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines(pieces)
    painter.restore()


def draw_ring(painter: QPainter, at: QPointF, radius: float, erasing: bool) -> None:
    """Where a brush is, its radius in pane points: a cross in it paints, a dash takes away."""
    shown = max(radius, _SMALLEST)
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for width, colour in ((3.5, HALO), (1.25, _WHITE)):
        painter.setPen(QPen(colour, width, c=Qt.PenCapStyle.RoundCap))
        painter.drawEllipse(at, shown, shown)
        if shown > 2 * _ARM:
            painter.drawLine(at - QPointF(_ARM, 0), at + QPointF(_ARM, 0))
            if not erasing:
                painter.drawLine(at - QPointF(0, _ARM), at + QPointF(0, _ARM))
    painter.restore()


def draw_path(painter: QPainter, points: list[QPointF], accent: QColor, dots: bool) -> None:
    """An outline under the hand, in pane points, with its corners if they were clicked."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for width, colour in ((4.0, HALO), (1.5, _WHITE)):
        painter.setPen(QPen(colour, width, c=Qt.PenCapStyle.RoundCap))
        painter.drawPolyline(QPolygonF(points))
    for point in points if dots else ():
        painter.setPen(QPen(HALO, 3.0))
        painter.setBrush(accent)
        painter.drawEllipse(point, _ARM, _ARM)
    painter.restore()
