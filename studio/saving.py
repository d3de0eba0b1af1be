"""Saving a document away from the window: whole or not at all, and somewhere else if need be."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from engine.errors import GuiseError
from studio.document import Document, Origin
from studio.forms import form_for
from studio.journal import Journal, state_folder
from studio.journal_recovery import AUTOSAVE, Recovery
from studio.project import SUFFIX, read_project, write_project
from studio.project_documents import captured, document_of, painter_note
from studio.project_state import ProjectState, View
from studio.saving_lane import Lane
from studio.saving_lock import claim

AUTOSAVE_SECONDS = 120
UNSAVED = "unsaved"
"""Folder beside the journals for projects that could not be written where they belong."""


_Captured = Callable[[], ProjectState]


@dataclass(frozen=True)
class _Outcome:
    """How a save ended; `failure` is empty if it did well.

    Attributes:
        lock: of a path that was not the document's before.
        fallback: where it was written instead.
    """

    path: Path
    state: ProjectState
    lock: QLockFile | None
    failure: str = ""
    fallback: Path | None = None


_Work = tuple[Any, Any]


def _work(document: Document) -> _Work:
    """What would be lost."""
    return document.wanted, form_for(document).extras(document)


class Saver(QObject):
    """Keeps one document safe: its project file, its journal, its autosave.

    Attributes:
        path: the project file; None = there is none yet.
        warning: why the document is a copy without a file; empty = it is not.

    Signals:
        saved: the project is on the disk, at this path.
        failed: why it is not, and the path where it was written instead (None = nowhere).
        dirty_changed: whether there is work that the project file does not have.
        warned: what else the person should know.
    """

    saved = Signal(object)
    failed = Signal(str, object)
    dirty_changed = Signal(bool)
    warned = Signal(str)
    _ended = Signal()
    _trouble = Signal(str)

    def __init__(
        self,
        document: Document,
        path: Path | None = None,
        recovered: Recovery | None = None,
        root: Path | None = None,
        view: Callable[[], View] = View,
    ) -> None:
        """Begin to keep a document safe.

        Args:
            document: becomes the parent.
            path: its project file, if it has one; claimed for this program.
            recovered: what the document was restored from; thrown away once it is safe again.
            root: the folder of journals; None = the user's.
            view: how the document is looked at now.
        """
        super().__init__(document)
        self._document, self._view = document, view
        self._root = root or state_folder()
        self._lane = Lane("guise-saving")
        self._outcomes: deque[_Outcome] = deque()
        self._claims: dict[Path, QLockFile | None] = {}
        self._lock, self.warning = claim(path) if path is not None else (None, "")
        self.path = None if self.warning else path
        self._dirty = recovered is not None
        self._clean: _Work | None = None if self._dirty else _work(document)
        self._kept: _Work | None = None
        self.journal = Journal(self._root, self, view)
        self.journal.failed.connect(self.warned)
        self.journal.follow(document, self.path, self._dirty)
        if recovered is not None:
            self.journal.succeed(recovered)
        self._ended.connect(self._settle)
        self._trouble.connect(self.warned)
        document.shape_changed.connect(self._judge)
        document.look_changed.connect(self._judge)
        for signal in form_for(document).extra_signals(document):
            signal.connect(self._judge)
        self._clock = QTimer(self, interval=AUTOSAVE_SECONDS * 1000)
        self._clock.timeout.connect(self.autosave)
        self._clock.start()

    @property
    def dirty(self) -> bool:
        """Whether there is work that the project file does not have; until a save is confirmed."""
        return self._dirty

    # Saving

    def save(self) -> None:
        """Write the project file, which must have a path; returns at once."""
        if self.path is None:
            raise ValueError("a document without a path is saved with save_as")
        self.save_as(self.path)

    def save_as(self, path: Path) -> None:
        """Write the project to this path; once that is confirmed, it is the document's own."""
        lock, other = self._claimed(path)
        if other:
            self.failed.emit(other, None)
            return
        state = captured(self._document, self._view())
        self._lane.run(f"save {path}", lambda: self._save(state, path, lock))

    def set_autosave(self, seconds: int) -> None:
        """How often work that no file has is written beside the journal."""
        self._clock.setInterval(seconds * 1000)

    def autosave(self) -> None:
        """Write the whole project beside the journal, if it has work that no file has."""
        folder = self.journal.folder
        if self._dirty and folder is not None and _work(self._document) != self._kept:
            self._kept = _work(self._document)
            state = captured(self._document, self._view())
            self._lane.run("autosave", lambda: self._autosave(state, folder / AUTOSAVE))

    def wait(self) -> None:
        """Until every save has ended, with its signals sent; before the document goes away."""
        self._lane.wait()
        self._settle()

    def close(self, discard: bool = False) -> None:
        """End. Work that is not saved stays for recovery unless it is to be thrown away."""
        if not self._clock.isActive():
            return
        self.wait()
        self._clock.stop()
        self._document.shape_changed.disconnect(self._judge)
        self._document.look_changed.disconnect(self._judge)
        for signal in form_for(self._document).extra_signals(self._document):
            signal.disconnect(self._judge)
        self.journal.close(clean=discard or not self._dirty)
        self._release()

    # In the thread

    def _save(self, state: _Captured, path: Path, lock: QLockFile | None) -> None:
        named = replace(state(), name=path.stem)
        noted = replace(named, painter=painter_note(named.wanted.model))
        try:
            write_project(noted, path)
            outcome = _Outcome(path, noted, lock)
        except (GuiseError, OSError) as error:
            outcome = _Outcome(path, noted, lock, str(error), self._written_elsewhere(noted))
        self._outcomes.append(outcome)
        self._ended.emit()

    def _written_elsewhere(self, state: ProjectState) -> Path | None:
        """Where the project found a place, out of two that are the program's own."""
        name = f"{state.name[:80]}-{datetime.now():%Y%m%d-%H%M%S}{SUFFIX}"
        for folder in (self._root.parent / UNSAVED, Path(tempfile.gettempdir()) / "guise"):
            try:
                folder.mkdir(parents=True, exist_ok=True)
                write_project(state, folder / name)
                return folder / name
            except (GuiseError, OSError):
                continue
        return None

    def _autosave(self, state: _Captured, path: Path) -> None:
        try:
            write_project(state(), path)
        except (GuiseError, OSError) as error:
            self._trouble.emit(str(error))

    # Back in the window

    def _settle(self) -> None:
        while self._outcomes:
            outcome = self._outcomes.popleft()
            self._claims.pop(outcome.path, None)
            if outcome.failure:
                if outcome.lock is not None:
                    outcome.lock.unlock()
                self.failed.emit(self._told(outcome), outcome.fallback)
            else:
                self._confirm(outcome)

    def _told(self, outcome: _Outcome) -> str:
        if outcome.fallback is None:
            return outcome.failure
        where = self.tr("Until then the project is kept in {0}.").format(outcome.fallback)
        return f"{outcome.failure} {where}"

    def _confirm(self, outcome: _Outcome) -> None:
        if outcome.path != self.path:
            self._release()
            self.path, self._lock, self.warning = outcome.path, outcome.lock, ""
            if self._lock is not None:
                self._lock.tryLock(0)  # an earlier save to the same path may have failed
            self._document.origin = Origin(outcome.path.stem, outcome.path)
        extras = form_for(self._document).extras_in(outcome.state)
        self._clean = outcome.state.wanted, extras
        self._judge()
        self.journal.begin(self.path, changed=self._dirty)
        self.saved.emit(outcome.path)

    def _judge(self) -> None:
        dirty = _work(self._document) != self._clean
        if dirty != self._dirty:
            self._dirty = dirty
            self.dirty_changed.emit(dirty)

    def _claimed(self, path: Path) -> tuple[QLockFile | None, str]:
        """The lock of another path than the document's, and who else has it."""
        if path == self.path:
            return None, ""
        if path not in self._claims:
            lock, other = claim(path)
            if other:
                return None, other
            self._claims[path] = lock
        return self._claims[path], ""

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None


class ProjectReader(QObject):
    """Reads project files away from the window.

    Signals:
        opened: a document whose origin is the file, and the state it was made from, which also
            tells the view; give the document a Saver with the path of its origin.
        failed: why there is none, in one sentence.
    """

    opened = Signal(object, object)
    failed = Signal(str)
    _read = Signal(object, object)
    _refused = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lane = Lane("guise-opening")
        self._read.connect(self._hand_over)
        self._refused.connect(self.failed)

    def open(self, path: Path) -> None:
        """Read a project; a waiting one is given up for it."""
        self._lane.run("open", lambda: self._open(path))

    def wait(self) -> None:
        """Until nothing is being read; before the window goes away."""
        self._lane.wait()

    def _open(self, path: Path) -> None:
        try:
            self._read.emit(path, read_project(path))
        except GuiseError as error:
            self._refused.emit(str(error))

    def _hand_over(self, path: Path, state: ProjectState) -> None:
        self.opened.emit(document_of(state, path), state)
