"""How the box of a transform looks, and the cursors of its parts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

HALO = QColor(0, 0, 0, 150)
_WHITE = QColor("#FFFFFF")
_HANDLE = 4.5
_TURN_RADIUS = 20.0
_QUARTER = 90 * 16
_SIZES = {
    (0, 0): Qt.CursorShape.SizeFDiagCursor,
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (1, 0): Qt.CursorShape.SizeBDiagCursor,
    (0, 1): Qt.CursorShape.SizeBDiagCursor,
    (0.5, 0): Qt.CursorShape.SizeVerCursor,
    (0.5, 1): Qt.CursorShape.SizeVerCursor,
    (0, 0.5): Qt.CursorShape.SizeHorCursor,
    (1, 0.5): Qt.CursorShape.SizeHorCursor,
}


def cursor_for(part: str, handle: tuple[float, float], held: bool) -> Qt.CursorShape:
    """The cursor that says what a drag of a part would do."""
    match part:
        case "handle":
            return _SIZES[handle]
        case "corner":
            return Qt.CursorShape.ClosedHandCursor if held else Qt.CursorShape.PointingHandCursor
        case "pivot":
            return Qt.CursorShape.CrossCursor
        case "inside":
            return Qt.CursorShape.SizeAllCursor
        case _:
            return Qt.CursorShape.ArrowCursor


def draw_box(
    painter: QPainter,
    outline: Sequence[QPointF],
    handles: Sequence[QPointF],
    accent: QColor,
    turning: bool,
) -> None:
    """The outline through four corners, the handles, and arcs at the corners while turning."""
    for ink, width in ((HALO, 4.0), (accent, 1.5)):
        painter.setPen(QPen(ink, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(list(outline))
    if turning:
        _draw_arcs(painter, outline, accent)
    for at in handles:
        _draw_handle(painter, at, accent)


def _draw_handle(painter: QPainter, at: QPointF, accent: QColor) -> None:
    square = QRectF(at.x() - _HANDLE, at.y() - _HANDLE, 2 * _HANDLE, 2 * _HANDLE)
    painter.setBrush(_WHITE)
    for ink, width in ((HALO, 3.5), (accent, 1.5)):
        painter.setPen(QPen(ink, width))
        painter.drawRect(square)


def draw_pivot(painter: QPainter, at: QPointF, accent: QColor) -> None:
    """A ring with four hairs."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((HALO, 4.5), (_WHITE, 2.0), (accent, 1.0)):
        painter.setPen(QPen(ink, width))
        painter.drawEllipse(at, 5, 5)
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(at + QPointF(x, y) * 3, at + QPointF(x, y) * 9)


def _draw_arcs(painter: QPainter, corners: Sequence[QPointF], accent: QColor) -> None:
    """A quarter around each corner, on its outer side."""
    middle = (corners[0] + corners[2]) / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for corner in corners:
        out = corner - middle
        facing = round(_degrees_of(out) * 16)
        r = _TURN_RADIUS
        ring = QRectF(corner.x() - r, corner.y() - r, 2 * r, 2 * r)
        for ink, width in ((HALO, 4.5), (accent, 2.0)):
            painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawArc(ring, facing - _QUARTER // 2, _QUARTER)


def _degrees_of(way: QPointF) -> float:
    """The direction as Qt counts: degrees, counterclockwise from three o'clock."""
    return math.degrees(math.atan2(-way.y(), way.x()))
