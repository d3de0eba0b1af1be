"""The tool that drags joints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.shapes.pose import INDEX, JOINTS, LIMBS, Pose
from studio.canvas.tool import MOUSE, Touch
from studio.canvas.transform import ViewTransform
from studio.document import Document
from studio.editors.pose.marks import (
    MarkStyle,
    draw_ghost,
    draw_skeleton,
    joint_at,
    joints_in,
)

STILL = 3.0
"""Pane points that the pointer may slip before a click becomes a drag."""


@dataclass
class _Grip:
    """A press on a joint."""

    joint: int
    start: QPointF
    pose: Pose
    clicked: bool
    """Whether letting go without a drag selects this joint alone."""
    dragging: bool = False


class DragJoints:
    """Drag a joint, or all selected ones; drag on nothing to select with a box.

    With Ctrl the rest of the limb comes along.

    Args:
        changed: called when the marks must be drawn again.
    """

    def __init__(
        self, document: Document, view: ViewTransform, accent: QColor, changed: Callable[[], None]
    ) -> None:
        self.document, self.view, self.accent, self._changed = document, view, accent, changed
        self._hovered: int | None = None
        self._grip: _Grip | None = None
        self._box: QRectF | None = None

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
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
        if hit in self.document.selected:
            self._grip = _Grip(hit, at, self.document.edited, not adding)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._box is not None:
            self._box.setBottomRight(at)
            self._changed()
        elif self._grip is not None:
            self._drag(self._grip, at, bool(keys & Qt.KeyboardModifier.ControlModifier))

    def _drag(self, grip: _Grip, at: QPointF, whole_limb: bool) -> None:
        grip.dragging |= (at - grip.start).manhattanLength() >= STILL
        if not grip.dragging:
            return
        by = (at - grip.start) / self.view.scale
        moving = set(self.document.selected)
        if whole_limb:
            moving |= further_out(moving)
        there = (i for i in moving if grip.pose.presence[i])
        joints = {JOINTS[i]: tuple(grip.pose.xy[i] + (by.x(), by.y())) for i in there}
        self.document.preview(grip.pose.moved(**joints))

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
        grip, self._grip = self._grip, None
        if grip is not None and grip.clicked and not grip.dragging:
            self.document.select(frozenset({grip.joint}))
        self.document.commit(QCoreApplication.translate("DragJoints", "Move joints"))

    def cancel(self) -> bool:
        busy = self._grip is not None or self._box is not None
        self._grip = self._box = None
        aborted = self.document.abort()
        self._changed()
        return aborted or busy

    def cursor(self) -> Qt.CursorShape:
        if self._grip is not None:
            return Qt.CursorShape.ClosedHandCursor
        over = self._hovered is not None
        return Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.ArrowCursor

    def draw(self, painter: QPainter) -> None:
        document = self.document
        if document.pose != document.source and not document.fitting:
            draw_ghost(painter, document.source, self.view)
        style = MarkStyle(self.accent, document.selected, self._hovered)
        draw_skeleton(painter, document.edited, self.view, style)
        if self._box is not None:
            self._draw_box(painter, self._box)

    def _draw_box(self, painter: QPainter, box: QRectF) -> None:
        fill = QColor(self.accent)
        fill.setAlpha(30)
        painter.setPen(QPen(self.accent, 1))
        painter.setBrush(fill)
        painter.drawRect(box)


def further_out(joints: set[int]) -> set[int]:
    """The joints that hang on these ones, away from the neck."""
    found: set[int] = set()
    for a, b in LIMBS:  # inner limbs come before outer ones
        if INDEX[a] in joints or INDEX[a] in found:
            found.add(INDEX[b])
    return found - joints
