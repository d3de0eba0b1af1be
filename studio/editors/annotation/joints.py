"""The joint tool and the joint commands on training photos: also for joints that are missing."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QPainter

from engine.shapes.pose import INDEX, JOINTS, Presence
from studio.canvas.readout import draw_readout
from studio.canvas.tool import MOUSE, Touch
from studio.editors.annotation.document import AnnotationDocument
from studio.editors.pose.body import BodyDocument
from studio.editors.pose.joint_editor import JointEditor
from studio.editors.pose.names import joint_names
from studio.editors.pose.tools import DragJoints


class PlaceJoints(DragJoints):
    """Drags joints; if one that is not on the photo is selected alone, a press puts it there."""

    document: BodyDocument
    _placing = False
    _pointer: QPointF | None = None

    @property
    def awaited(self) -> int | None:
        """The joint that the next press puts on the photo; None = none."""
        document = self.document
        if not isinstance(document, AnnotationDocument) or len(document.selected) != 1:
            return None
        (joint,) = document.selected
        return joint if document.lacks(joint) and JOINTS[joint] in document.holds else None

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        joint = self.awaited
        if joint is None or self._joint_at(at) is not None:
            super().press(at, keys, touch)
            return
        there = self.view.to_photo(at)
        placed = self.document.edited.moved(**{JOINTS[joint]: (there.x(), there.y())})
        self.document.preview(placed)
        self._placing = True
        self._press_joint(joint, at, adding=False)

    def release(self, at: QPointF) -> None:
        if self._placing:
            self._placing = False
            self.document.commit(QCoreApplication.translate("PlaceJoints", "Place joint"))
        super().release(at)

    def cancel(self) -> bool:
        self._placing = False
        return super().cancel()

    def hover(self, at: QPointF) -> None:
        self._pointer = at
        super().hover(at)
        if self.awaited is not None:
            self._changed()

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor if self.awaited is not None else super().cursor()

    def draw(self, painter: QPainter) -> None:
        super().draw(painter)
        joint = self.awaited
        if joint is not None and self._pointer is not None:
            draw_readout(painter, self._pointer, joint_names()[JOINTS[joint]])


class AnnotationEditor(JointEditor):
    """Commands on the joints of the photo that is shown; also steps to missing ones."""

    _removed: int | None = None
    """The joint that was removed last: one goes on from there."""

    def follow(self, document: AnnotationDocument, tool: PlaceJoints) -> None:
        """Edit another document."""
        self.document, self.tool, self._removed = document, tool, None

    def _before_first(self, step: int) -> int:
        return super()._before_first(step) if self._removed is None else self._removed

    def _shown(self) -> AnnotationDocument | None:
        """The document, with no gesture in progress."""
        document = self._at_rest()
        return document if isinstance(document, AnnotationDocument) else None

    def _in_turn(self, document: BodyDocument) -> list[int]:
        holds = document.holds if isinstance(document, AnnotationDocument) else JOINTS
        return [INDEX[name] for name in JOINTS if name in holds]

    def toggle_hidden(self) -> None:
        """Mark the selected joints as covered, or as seen."""
        document = self._shown()
        if document is not None:
            document.toggle_hidden()

    def swap_sides(self) -> None:
        """Exchange left and right of what is selected, or of the whole person."""
        document = self._shown()
        if document is not None:
            document.swap_sides(self.tr("Swap left and right"))

    def remove_joints(self) -> None:
        """The selected joints are not seen."""
        document = self._shown()
        if document is not None:
            gone = document.selected - document.locked
            pose = document.edited
            names = [JOINTS[i] for i in gone if pose.presence[i]]
            document.change(pose.marked(Presence.missing, *names), self.tr("Remove joints"))
            self._removed = max(gone, default=None)
            document.select(frozenset())
