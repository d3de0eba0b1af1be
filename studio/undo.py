"""Undo: one command a gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtGui import QUndoCommand

from engine.appearance import Appearance
from engine.shapes.pose import Pose

if TYPE_CHECKING:
    from studio.document import Document

_MERGE_ID = 1


class Wanted(NamedTuple):
    """What the artist decides.

    Attributes:
        source: the skeleton on the photo.
        pose: the pose asked for.
        model: id of the painter.
        look: another look than the photo's own; None = its own.
    """

    source: Pose
    pose: Pose
    model: str
    look: Appearance | None


class Change(QUndoCommand):
    """What is wanted before and after; equal `merge` names in a row become one step."""

    def __init__(
        self, document: Document, before: Wanted, after: Wanted, text: str, merge: str = ""
    ) -> None:
        super().__init__(text)
        self._document, self._before, self._after, self._merge = document, before, after, merge

    def undo(self) -> None:
        self._document.show(self._before)

    def redo(self) -> None:
        self._document.show(self._after)

    def id(self) -> int:
        return _MERGE_ID if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Change) or other._merge != self._merge:
            return False
        self._after = other._after
        return True
