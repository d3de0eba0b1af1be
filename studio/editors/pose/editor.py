"""The pose editor: what its menu, its keys and its tool do to the document."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from engine.shapes.pose import INDEX, JOINTS, Pose, Presence
from studio.editors.pose.document import PoseDocument
from studio.editors.pose.moves import shifted
from studio.editors.pose.tools import DragJoints

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_FAR = 10
"""Photo pixels of a nudge with Shift."""


class PoseEditor(QObject):
    """Commands on the pose of one document; each one ends the gesture in progress first.

    Signals:
        said: a sentence that helps with what was switched on.
    """

    said = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.document: PoseDocument | None = None
        self.tool: DragJoints | None = None

    def follow(self, document: PoseDocument, tool: DragJoints) -> None:
        """Edit another document."""
        self.document, self.tool = document, tool

    def _at_rest(self) -> PoseDocument | None:
        """The document, with no gesture in progress."""
        if self.tool is not None:
            self.tool.cancel()
        return self.document

    # History

    def undo(self) -> None:
        """One gesture back; a gesture in progress is taken back instead."""
        if self.document is not None and not (self.tool and self.tool.cancel()):
            self.document.undo.undo()

    def redo(self) -> None:
        """One gesture forward."""
        document = self._at_rest()
        if document is not None:
            document.undo.redo()

    # Pose

    def take(self, pose: Pose) -> None:
        """The pose of a file."""
        document = self._at_rest()
        if document is not None:
            document.change(pose, self.tr("Import pose"))

    def reset_pose(self) -> None:
        """Back to the pose of the photo."""
        document = self._at_rest()
        if document is not None:
            document.change(document.source, self.tr("Reset pose"))

    def mirror_pose(self) -> None:
        """Mirror the pose where the person stands; left and right change names."""
        document = self._at_rest()
        if document is not None:
            document.change(mirrored_in_place(document.edited), self.tr("Mirror pose"))

    def toggle_hidden(self) -> None:
        """Hide or show the selected joints."""
        document = self._at_rest()
        if document is not None:
            document.toggle_hidden()

    def move_joints(self) -> None:
        """Move the person joint by joint."""
        self.fit_skeleton(False)
        if self.tool is not None:
            self.tool.options.set("boxing", False)

    def fit_skeleton(self, on: bool) -> None:
        """Correct where the joints lie on the photo, instead of moving the person."""
        document = self._at_rest()
        if document is None or document.fitting == on:
            return
        document.set_fitting(on)
        if on:
            text = self.tr("Drag the joints onto the person in the photo, then press V to repose.")
            self.said.emit(text)

    # Selection

    def select_all(self) -> None:
        """Select every joint that is there."""
        document = self._at_rest()
        if document is not None:
            there = np.flatnonzero(document.edited.presence != Presence.missing)
            document.select(frozenset(there.tolist()))

    def next_joint(self) -> None:
        """Select the next joint."""
        self._step(1)

    def previous_joint(self) -> None:
        """Select the joint before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        document = self._at_rest()
        if document is None:
            return
        there = [i for i, p in enumerate(document.edited.presence) if p != Presence.missing]
        now = max(document.selected, default=-1 if step > 0 else 0)
        later = sorted(there, key=lambda i: ((i - now) * step - 1) % len(JOINTS))
        if later:
            document.select(frozenset({later[0]}))

    # Keys that are no commands

    def key(self, key: int, far: bool) -> bool:
        """Arrows nudge, Esc aborts, then deselects; False for other keys."""
        document = self.document
        if document is None:
            return False
        if key == Qt.Key.Key_Escape:
            if not (self.tool and self.tool.cancel()):
                document.select(frozenset())
            return True
        if key not in _ARROWS:
            return False
        size = _FAR if far else 1
        dx, dy = _ARROWS[Qt.Key(key)]
        self._at_rest()
        self.nudge(dx * size, dy * size)
        return True

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selected joints by photo pixels, as switches and locks allow."""
        document, tool = self.document, self.tool
        if document is None or tool is None or not document.selected:
            return
        joints, pose = document.selected, document.edited
        moved = shifted(pose, joints, (dx, dy), tool.options, document.locked)
        document.change(moved, self.tr("Nudge"), f"nudge {sorted(joints)}")


def mirrored_in_place(pose: Pose) -> Pose:
    """The mirrored pose, its hips where they were."""
    flipped = pose.mirrored()
    hips = [INDEX["right_hip"], INDEX["left_hip"]]
    shift = pose.xy[hips].mean(0)[0] - flipped.xy[hips].mean(0)[0]
    return flipped.mapped(np.array([[1.0, 0, shift], [0, 1, 0]]), pose.size)
