"""The corrections of a folder: kept safe while they are made, then written by a command."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from engine.errors import GuiseError
from studio.saving_lane import Lane
from studio.training.annotations import Annotations, Correction, read_written
from studio.training.annotations_draft import Draft
from studio.training.asking import Asking

DELAY = 500
"""Milliseconds from a change to its place on the disk."""


class ItemDocument(Protocol):
    """A document of one item of a folder.

    Attributes:
        undo: its history.
        stored: what the folder has.
        wanted: what is known now.
        corrected: whether that is something else.
    """

    undo: QUndoStack
    stored: Any

    @property
    def wanted(self) -> Any: ...
    @property
    def corrected(self) -> bool: ...
    def restore(self, wanted: Any, text: str) -> None: ...
    def show(self, wanted: Any) -> None: ...
    def teller(self) -> Callable[[Draft], Correction]:
        """Tells what is different now, also from another thread."""
        ...


class Keeping(QObject):
    """Writes drafts soon after every change, and the folder itself when it is asked to.

    Attributes:
        documents: of the items that were opened, by id.
        waiting: drafts of a crash, of items that were not opened since.

    Signals:
        changed: other items are corrected.
        written: the folder has the corrections now; how many items differ.
        failed: a sentence for the person.
        busy: what is going on, or "".
    """

    changed = Signal()
    written = Signal(int)
    failed = Signal(str)
    busy = Signal(str)
    _drafted = Signal(str)

    def __init__(
        self, answer: Annotations, words: tuple[str, ...], draft: Draft, parent: QObject
    ) -> None:
        """Take up what a crash left.

        Args:
            words: of the command line with which the folder was listed, after the folder.

        Raises:
            InputError: a draft that cannot be read.
        """
        super().__init__(parent)
        self._command, self.draft = ("annotations", answer.folder, *words), draft
        self.documents: dict[str, ItemDocument] = {}
        known = {item.id for item in answer.items}
        self.waiting = {one.id: one for one in draft.read() if one.id in known}
        self._lane, self._asking = Lane("guise-corrections"), Asking(self)
        self._saving: dict[str, Any] | None = None
        self._ailing = False
        self._clock = QTimer(self, singleShot=True, interval=DELAY)
        self._clock.timeout.connect(self._write_draft)
        self._drafted.connect(self._go_on)
        self._asking.answered.connect(self._answered)

    @property
    def corrected(self) -> frozenset[str]:
        """Ids of the items whose corrections the folder does not have yet."""
        opened = (name for name, document in self.documents.items() if document.corrected)
        return frozenset((*self.waiting, *opened))

    @property
    def saving(self) -> bool:
        """Whether corrections are being written into the folder."""
        return self._saving is not None

    def add(self, item: str, document: ItemDocument) -> None:
        """Keep the corrections of an item in this document, which has its draft, from now on."""
        self.waiting.pop(item, None)
        self.documents[item] = document

    def drop(self, item: str) -> None:
        """Keep nothing of an item that is as the folder has it."""
        self.documents.pop(item, None)

    def note(self) -> None:
        """Something was changed: it is on the disk soon."""
        if not self._clock.isActive():
            self._clock.start()
        self.changed.emit()

    def _tellers(self) -> list[Callable[[Draft], Correction]]:
        kept = [_telling(one) for one in self.waiting.values()]
        return kept + [one.teller() for one in self.documents.values() if one.corrected]

    def _write_draft(self) -> None:
        if self.saving:
            self._clock.start()  # the command reads what is there
            return
        tellers = self._tellers()
        self._lane.run("draft", lambda: self._drafted.emit(self._put(tellers)))

    def _put(self, tellers: Iterable[Callable[[Draft], Correction]]) -> str:
        """In the lane: corrections onto the disk; why not, or ""."""
        try:
            self.draft.write(list(tellers))
        except (GuiseError, OSError) as error:
            return str(error)
        return ""

    # Saving

    def save(self) -> None:
        """Write the corrections into the folder; `written` or `failed` tells the end."""
        if self.saving or not self.corrected:
            return
        self._clock.stop()
        opened = {name: one.wanted for name, one in self.documents.items() if one.corrected}
        self._saving = dict.fromkeys(self.waiting) | opened
        self.busy.emit(self.tr("Saving corrections…"))
        tellers = self._tellers()
        self._lane.run("draft", lambda: self._drafted.emit(self._put(tellers)))
        self.changed.emit()

    def _go_on(self, failure: str) -> None:
        if failure and (self.saving or not self._ailing):
            self.failed.emit(failure)
        self._ailing = bool(failure)
        if not self.saving or self._asking.busy:
            return
        if failure:
            self._end()
            return
        file = str(self.draft.path)
        self._asking.ask([*self._command, "--write", file, "--json"])

    def _answered(self, code: int, output: str, error: str) -> None:
        saving = self._saving or {}
        self._end()
        try:
            answer = read_written(output) if code == 0 else None
        except GuiseError as problem:
            answer, error = None, str(problem)
        if answer is None:
            self.failed.emit(error or self.tr("The corrections could not be saved."))
            return
        for name, wanted in saving.items():
            self.waiting.pop(name, None)
            if wanted is not None:  # else it was not opened before
                self.documents[name].stored = wanted
        self._write_draft()
        self.changed.emit()
        self.written.emit(answer.written)

    def _end(self) -> None:
        self._saving = None
        self.busy.emit("")
        self.changed.emit()

    def throw_away(self) -> None:
        """What a crash left is not wanted: photos on which nothing was done since are as before."""
        self.waiting.clear()
        for document in self.documents.values():
            if document.corrected and not document.undo.count():
                document.show(document.stored)
        self.note()

    def close(self, discard: bool) -> None:
        """End. Without `discard`, what is not saved is offered again the next time."""
        self._clock.stop()
        self._asking.wait()  # it would be a pity to stop in the middle
        self._asking.cancel()
        if not discard:
            self._write_draft()
        self._lane.wait()
        if discard:
            self.draft.discard()
        self.draft.release()


def _telling(one: Correction) -> Callable[[Draft], Correction]:
    """Tells a correction that lies in the draft already."""
    return lambda _: one


def drafts_folder(journals: Path) -> Path:
    """Where drafts lie: beside the journals of documents."""
    return journals.parent / "corrections"
