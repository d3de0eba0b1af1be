"""The key poses of an animation: one model a document, covered by its undo history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QUndoCommand

from engine.animation import Course, Key
from engine.shapes.pose import Pose
from studio.clip import Clip
from studio.editors.pose.document import PoseDocument

HOLD, MOVE = 0.2, 0.8
"""Seconds of a new key."""
LONGEST = 20.0
MOST_FPS = 60
KEY = Qt.ItemDataRole.UserRole
_MERGE_ID = 2
_Index = QModelIndex | QPersistentModelIndex


class _ClipChange(QUndoCommand):
    """The clip before and after; equal `merge` names in a row become one step."""

    def __init__(self, keys: KeyPoses, before: Clip, after: Clip, text: str, merge: str) -> None:
        super().__init__(text)
        self._keys, self._before, self._after, self._merge = keys, before, after, merge

    def undo(self) -> None:
        self._keys.restore(self._before)

    def redo(self) -> None:
        self._keys.restore(self._after)

    def id(self) -> int:
        return _MERGE_ID if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _ClipChange) or other._merge != self._merge:
            return False
        self._after = other._after
        return True


class KeyPoses(QAbstractListModel):
    """The clip of one document; every edit is a step of the document's undo history.

    The role KEY gives a row's Key. A changed clip is announced by modelReset.
    """

    def __init__(self, document: PoseDocument) -> None:
        super().__init__(document)
        self._document = document
        self._clip = Clip()

    @classmethod
    def of(cls, document: PoseDocument) -> KeyPoses:
        """The document's key poses; made when they are first asked for."""
        found = document.findChild(cls)
        return found if isinstance(found, KeyPoses) else cls(document)

    def values(self) -> Clip:
        """What a project file keeps."""
        return self._clip

    def restore(self, clip: Clip) -> None:
        """Take over a clip without touching the history."""
        self.beginResetModel()
        self._clip = clip
        self.endResetModel()

    # Editing

    def add(self, pose: Pose, after: int | None = None) -> int:
        """A key with a pose after a row, or at the end; returns its row."""
        keys = self._clip.keys
        row = len(keys) if after is None else after + 1
        self._set((*keys[:row], Key(pose, HOLD, MOVE), *keys[row:]), self.tr("Add key pose"))
        return row

    def duplicate(self, row: int) -> int:
        """The same key once more after itself; returns its row."""
        keys = self._clip.keys
        self._set((*keys[: row + 1], *keys[row:]), self.tr("Duplicate key pose"))
        return row + 1

    def delete(self, row: int) -> None:
        """Forget a key."""
        keys = self._clip.keys
        self._set((*keys[:row], *keys[row + 1 :]), self.tr("Delete key pose"))

    def move(self, row: int, to: int) -> None:
        """Put a key where another one stands now."""
        keys = list(self._clip.keys)
        keys.insert(to, keys.pop(row))
        self._set(tuple(keys), self.tr("Move key pose"))

    def replace_pose(self, row: int, pose: Pose) -> None:
        """Another pose at the same time."""
        self._change(row, lambda key: replace(key, pose=pose), self.tr("Change key pose"))

    def set_hold(self, row: int, seconds: float) -> None:
        """How long a key is held."""
        changed = self.tr("Hold key pose")
        self._change(row, lambda key: replace(key, hold=seconds), changed, f"hold {row}")

    def set_move(self, row: int, seconds: float) -> None:
        """How long the way to the next key takes."""
        changed = self.tr("Time between key poses")
        self._change(row, lambda key: replace(key, move=seconds), changed, f"move {row}")

    def set_fps(self, fps: int) -> None:
        """Pictures a second."""
        self._push(replace(self._clip, fps=fps), self.tr("Pictures a second"), "fps")

    def set_course(self, course: Course) -> None:
        """What comes after the last key."""
        self._push(replace(self._clip, course=course), self.tr("End of the animation"))

    def _change(self, row: int, how: Callable[[Key], Key], text: str, merge: str = "") -> None:
        keys = self._clip.keys
        self._set((*keys[:row], how(keys[row]), *keys[row + 1 :]), text, merge)

    def _set(self, keys: tuple[Key, ...], text: str, merge: str = "") -> None:
        self._push(replace(self._clip, keys=keys), text, merge)

    def _push(self, clip: Clip, text: str, merge: str = "") -> None:
        if clip != self._clip:
            self._document.undo.push(_ClipChange(self, self._clip, clip, text, merge))

    # Qt's questions

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self._clip.keys)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or role != KEY:
            return None
        return self._clip.keys[index.row()]
