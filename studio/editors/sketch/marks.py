"""Strokes as paths of the painter: for what is selected, and for small pictures."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from engine.shapes.sketch import Sketch, Stroke
from studio.canvas.box_frame import box_of

_CAP, _JOIN = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin


@lru_cache(maxsize=2048)
def path_of(stroke: Stroke) -> QPainterPath:
    """A stroke's middle line in pixels of the canvas; a dot is a line without length."""
    points = [QPointF(x, y) for x, y in stroke.xy.tolist()]
    path = QPainterPath()
    path.addPolygon(QPolygonF(points if len(points) > 1 else points * 2))
    return path


def draw_path(
    painter: QPainter, path: QPainterPath, ink: QColor | Qt.GlobalColor, width: float
) -> None:
    """Middle lines, `width` wide in the painter's units whatever its zoom."""
    pen = QPen(ink, width, c=_CAP, j=_JOIN)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)


def draw_small(painter: QPainter, sketch: Sketch, place: QRectF, width: float = 1.2) -> None:
    """The lines of a sketch, as large as they can be in the middle of a place."""
    drawn = [stroke for stroke in sketch.strokes if not stroke.erase]
    if not drawn:
        return
    box = box_of(np.concatenate([stroke.xy for stroke in drawn]))
    scale = min(place.width() / max(box.width(), 1), place.height() / max(box.height(), 1))
    painter.save()
    painter.translate(place.center())
    painter.scale(scale, scale)
    painter.translate(-box.center())
    for stroke in drawn:
        draw_path(painter, path_of(stroke), Qt.GlobalColor.black, width)
    painter.restore()
