"""The crash journal: what is wanted reaches the disk within a second, also while joints move."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from engine.errors import GuiseError
from studio.document import Document
from studio.entries import Entry
from studio.forms import Moment, form_for
from studio.journal_file import JournalFile
from studio.journal_recovery import LOCK, Recovery, discard
from studio.panels.history_list import History
from studio.project_documents import captured
from studio.project_state import View
from studio.saving_lane import Lane
from studio.saving_lock import taken

DELAY = 500
"""Milliseconds from a change to its record."""


def state_folder() -> Path:
    """Where journals lie: the user's own state folder."""
    return Path(platformdirs.user_state_dir("guise", appauthor=False)) / "journals"


class Journal(QObject):
    """Writes down one document after the other, each in a folder of its own.

    Signals:
        failed: why nothing can be written down, once until it works again.
    """

    failed = Signal(str)
    _broke = Signal(str)

    def __init__(
        self, root: Path, parent: QObject | None = None, view: Callable[[], View] = View
    ) -> None:
        super().__init__(parent)
        self._root, self._view = root, view
        self._lane = Lane("guise-journal")
        self._clock = QTimer(self, singleShot=True, interval=DELAY)
        self._clock.timeout.connect(self._write)
        self._broke.connect(self.failed)
        self._document: Document | None = None
        self._file: JournalFile | None = None
        self._lock: QLockFile | None = None
        self._last: Moment | None = None
        self._entries: tuple[Entry, ...] = ()
        self._extras: Any = None
        self._ailing = False
        self._path: Path | None = None

    @property
    def folder(self) -> Path | None:
        """Where the document's journal lies."""
        return self._file.folder if self._file is not None else None

    def follow(self, document: Document, path: Path | None = None, changed: bool = False) -> None:
        """Write down a document from now on, until :meth:`close`.

        Args:
            document: what is being edited.
            path: its project file, if it has one.
            changed: whether it holds work that no project file has, as after a recovery.
        """
        self.close(clean=True)
        folder = self._root / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self._say(f"{folder} cannot be made ({reason}), so a crash could cost work.")
            return
        self._document, self._file = document, JournalFile(folder)
        self._lock = taken(folder / LOCK)
        self.begin(path, changed)
        for signal in self._signals(document):
            signal.connect(self._changed)

    def begin(self, path: Path | None, changed: bool) -> None:
        """Start anew from the whole document, as after it was saved to `path`."""
        if self._document is None or self._file is None:
            return
        file, state = self._file, captured(self._document, self._view())
        self._path = path
        self._last, self._entries = self._inputs, History.of(self._document).entries
        self._extras = form_for(self._document).extras(self._document)
        self._run("begin", lambda: file.begin(state(), path, changed))

    def succeed(self, recovery: Recovery) -> None:
        """Throw away what was recovered, once this journal holds it too."""
        self._lane.run("succeed", lambda: None if self._ailing else discard(recovery))

    def close(self, clean: bool) -> None:
        """Stop. Clean = the work is safe elsewhere, so nothing will be offered for recovery."""
        if self._document is None or self._file is None:
            return
        self._clock.stop()
        for signal in self._signals(self._document):
            signal.disconnect(self._changed)
        if not clean:
            self._write()
        self._lane.wait()
        self._file.close()
        if clean:
            shutil.rmtree(self._file.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.unlock()
        self._document = self._file = self._lock = None

    def _signals(self, document: Document) -> tuple[Any, ...]:
        strip, form = History.of(document), form_for(document)
        changes = (document.shape_changed, document.look_changed)
        pictures = (strip.dataChanged, strip.rowsInserted, strip.rowsRemoved)
        return (*changes, *form.signals(document), *pictures, *form.extra_signals(document))

    @property
    def _inputs(self) -> Moment | None:
        now = self._document
        return now and Moment(now.wanted, form_for(now).marks(now))

    def _changed(self) -> None:
        """Write soon; a drag does not put it off."""
        if not self._clock.isActive():
            self._clock.start()

    def _write(self) -> None:
        if self._document is None or self._file is None:
            return
        if self._ailing or form_for(self._document).extras(self._document) != self._extras:
            self.begin(self._path, changed=True)  # such work is done seldom: all anew
            return
        file, step, now = self._file, self._inputs, time.time()
        if step is not None and step != self._last:
            self._last = step
            self._run("step", lambda: file.step(now, step))
        entries = History.of(self._document).entries
        if entries != self._entries:
            self._entries = entries
            self._run("pictures", lambda: file.pictures(now, entries))

    def _run(self, name: str, job: Callable[[], None]) -> None:
        self._lane.run(name, lambda: self._attempt(job))

    def _attempt(self, job: Callable[[], None]) -> None:
        try:
            job()
        except (GuiseError, OSError) as error:
            self._say(f"The recovery journal could not be written: {error}")
        else:
            self._ailing = False

    def _say(self, text: str) -> None:
        if not self._ailing:
            self._ailing = True
            self._broke.emit(text)
