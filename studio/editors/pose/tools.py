"""The tool that drags joints."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.shapes.pose import JOINTS, Pose
from studio.canvas.transform import ViewTransform
from studio.document import Document
from studio.editors.pose.marks import (
    MarkStyle,
    draw_ghost,
    draw_skeleton,
    joint_at,
    joints_in,
)


class DragJoints:
    """Drag a joint, or all selected ones; drag on nothing to select with a box.

    Args:
        changed: called when the marks must be drawn again.
    """

    def __init__(
        self, document: Document, view: ViewTransform, accent: QColor, changed: Callable[[], None]
    ) -> None:
        self.document, self.view, self.accent, self._changed = document, view, accent, changed
        self._hovered: int | None = None
        self._start: tuple[QPointF, Pose] | None = None
        self._box: QRectF | None = None

    def press(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        hit = joint_at(self.document.edited, self.view, at)
        adding = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        if hit is None:
            self._box = QRectF(at, at)
            if not adding:
                self.document.select(frozenset())
            return
        selected = self.document.selected
        if adding:
            self.document.select(selected ^ {hit})
        elif hit not in selected:
            self.document.select(frozenset({hit}))
        self._start = (self.view.to_photo(at), self.document.edited)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        if self._box is not None:
            self._box.setBottomRight(at)
            self._changed()
        elif self._start is not None and self.document.selected:
            origin, pose = self._start
            by = self.view.to_photo(at) - origin
            joints = {
                JOINTS[i]: (pose.xy[i, 0] + by.x(), pose.xy[i, 1] + by.y())
                for i in self.document.selected
            }
            self.document.preview(pose.moved(**joints))

    def hover(self, at: QPointF) -> None:
        hit = joint_at(self.document.edited, self.view, at)
        if hit != self._hovered:
            self._hovered = hit
            self._changed()

    def release(self, at: QPointF) -> None:
        if self._box is not None:
            inside = joints_in(self.document.edited, self.view, self._box.normalized())
            self.document.select(self.document.selected | inside)
            self._box = None
            self._changed()
        self._start = None
        text = QCoreApplication.translate("DragJoints", "Move joints")
        self.document.commit(text)

    def cancel(self) -> bool:
        busy = self._start is not None or self._box is not None
        self._start = self._box = None
        aborted = self.document.abort()
        self._changed()
        return aborted or busy

    def cursor(self) -> Qt.CursorShape:
        if self._start is not None:
            return Qt.CursorShape.ClosedHandCursor
        over = self._hovered is not None
        return Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor

    def draw(self, painter: QPainter) -> None:
        document = self.document
        if document.pose != document.source and not document.fitting:
            draw_ghost(painter, document.source, self.view)
        style = MarkStyle(self.accent, document.selected, self._hovered)
        draw_skeleton(painter, document.edited, self.view, style)
        if self._box is not None:
            painter.setPen(QPen(self.accent, 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._box)
