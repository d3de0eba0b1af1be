"""What keys and menus do to the joints of a document: history, selection, nudges."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt

from engine.shapes.pose import JOINTS, Presence
from studio.editors.pose.body import BodyDocument
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


class JointEditor(QObject):
    """Commands on the joints of one document; each one ends the gesture in progress first."""

    def __init__(self) -> None:
        super().__init__()
        self.document: BodyDocument | None = None
        self.tool: DragJoints | None = None

    def _at_rest(self) -> BodyDocument | None:
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

    def _in_turn(self, document: BodyDocument) -> list[int]:
        """The joints that are selected one after the other."""
        return [i for i, p in enumerate(document.edited.presence) if p != Presence.missing]

    def _before_first(self, step: int) -> int:
        """Where to step from if nothing is selected."""
        return -1 if step > 0 else 0

    def _step(self, step: int) -> None:
        document = self._at_rest()
        if document is None:
            return
        now = max(document.selected, default=self._before_first(step))
        in_turn = self._in_turn(document)
        later = sorted(in_turn, key=lambda i: ((i - now) * step - 1) % len(JOINTS))
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
