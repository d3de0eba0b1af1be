"""Undo: one command a gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

if TYPE_CHECKING:
    from studio.document import Document, Wanted

_MERGE_ID = 1


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
