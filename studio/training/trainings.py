"""The trainings that this person has begun: kept in the settings, looked at beside the window."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_dir
from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import InputError
from studio.errand import Errands
from studio.settings import Settings
from studio.training.process import start_apart, words_of
from studio.training.runs import Child, Run, Snapshot, State, Word, ask, take_back

_TABLE = "trainings"
_FOLDERS = "folders"
_MOST = 50
_LOOK_MS = 500
_SOON_MS = 60
"""While somebody waits for an answer."""


def runs_folder() -> Path:
    """Where new run folders are made."""
    return Path(user_data_dir("guise", appauthor=False)) / "runs"


@dataclass
class _Known:
    run: Run
    child: subprocess.Popen[bytes] | None = None
    due: bool = True
    snapshot: Snapshot | None = None


class Trainings(QObject):
    """All known run folders, the newest first.

    Signals:
        listed: folders came or went.
        seen: a folder was looked at and something is new; the snapshot.
        ended: a training that ran does not run any more; the snapshot.
        failed: a sentence on what cannot be done.
    """

    listed = Signal()
    seen = Signal(object)
    ended = Signal(object)
    failed = Signal(str)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._known = {path: _Known(Run(path)) for path in self._remembered()}
        self._looks, self._words = Errands(self), Errands(self)
        self._looks.done.connect(self._take)
        self._looks.failed.connect(self._not_seen)
        self._words.failed.connect(self.failed)
        self._looking = False
        self._clock = QTimer(self, interval=_LOOK_MS)
        self._clock.timeout.connect(self._look)

    # Which there are

    def _remembered(self) -> list[Path]:
        return [Path(name) for name in self._settings.table(_TABLE).get(_FOLDERS, [])[:_MOST]]

    def _remember(self) -> None:
        names = [str(path) for path in self.folders[:_MOST]]
        self._settings.set_table(_TABLE, {_FOLDERS: names})
        self.listed.emit()

    @property
    def folders(self) -> list[Path]:
        """Known run folders, the newest first."""
        return list(self._known)

    def snapshot(self, folder: Path) -> Snapshot | None:
        """How a training stood when it was looked at last; None = not looked at yet."""
        known = self._known.get(folder)
        return known.snapshot if known else None

    @property
    def running(self) -> list[Snapshot]:
        """Those that go on."""
        found = (known.snapshot for known in self._known.values())
        return [snapshot for snapshot in found if snapshot is not None and snapshot.state.runs]

    def add(self, folder: Path) -> None:
        """Take in the run folder of a training that was begun elsewhere."""
        self._put_first(folder.absolute(), _Known(Run(folder.absolute())))

    def _put_first(self, folder: Path, known: _Known) -> None:
        others = {path: other for path, other in self._known.items() if path != folder}
        self._known = {folder: known, **others}
        self._remember()
        self.watch()

    def forget(self, folder: Path) -> None:
        """Take a training off the list; its folder stays."""
        if self._known.pop(folder, None) is not None:
            self._remember()

    # What is done with one

    def start(self, words: Sequence[str], folder: Path) -> None:
        """Begin a training, or go on with one.

        Args:
            words: the command without `guise`; its run folder is `folder`.

        Raises:
            InputError: it runs already, or cannot be started.
        """
        known = self._known.get(folder)
        if known is not None and known.snapshot is not None and known.snapshot.state.runs:
            raise InputError(f"The training in {folder} runs already.")
        child = start_apart(words, folder)
        snapshot = Snapshot(folder, State.starting)
        self._put_first(folder, _Known(Run(folder), child, snapshot=snapshot))
        self.seen.emit(snapshot)

    def resume(self, folder: Path) -> None:
        """Go on from the last checkpoint with the same command; why not is told by `failed`."""
        snapshot = self.snapshot(folder)
        words = words_of(snapshot.status.command) if snapshot else []
        words = [word for word in words if word != "--fresh"]  # it would begin anew
        try:
            if not words:
                raise InputError(f"{folder} does not say how it was begun; start it anew.")
            self.start(words, folder)
        except InputError as error:
            self.failed.emit(str(error))

    def call_off(self, folder: Path) -> None:
        """End a training that is still starting and does not listen to words yet."""
        known = self._known.get(folder)
        if known is not None and known.child is not None and known.child.poll() is None:
            known.child.terminate()

    def ask(self, folder: Path, word: Word) -> None:
        """Ask a training for something; what cannot be asked is told by `failed`."""
        self._words.run(lambda: ask(folder, word))
        self.look_now(folder)

    def take_back(self, folder: Path, word: Word) -> None:
        """Do not ask for it any more: a pause ends."""
        self._words.run(lambda: take_back(folder, word))
        self.look_now(folder)

    # Looking

    def watch(self) -> None:
        """Look at all of them, and go on while one runs."""
        for known in self._known.values():
            known.due = True
        self._clock.start(_LOOK_MS)
        self._look()

    def look_now(self, folder: Path) -> None:
        """Look at one folder at the next turn."""
        if folder in self._known:
            self._known[folder].due = True
            self._clock.start(_SOON_MS)

    def close(self) -> None:
        """Look no more; what runs goes on."""
        self._clock.stop()
        self._words.wait()
        self._looks.wait()

    def _look(self) -> None:
        if self._looking:
            return
        wanted = [known for known in self._known.values() if _worth_looking(known)]
        if not wanted:
            self._clock.stop()
            return
        pairs = [(known.run, _child(known)) for known in wanted]
        for known in wanted:
            known.due = False
        self._looking = True
        self._looks.run(lambda: [run.look(child) for run, child in pairs])

    def _take(self, snapshots: list[Snapshot]) -> None:
        self._looking = False
        waiting = any(snapshot.asked - {Word.pause} for snapshot in snapshots)
        self._clock.setInterval(_SOON_MS if waiting else _LOOK_MS)
        for snapshot in snapshots:
            known = self._known.get(snapshot.folder)
            if known is not None:
                self._show(known, snapshot)

    def _show(self, known: _Known, snapshot: Snapshot) -> None:
        before, known.snapshot = known.snapshot, snapshot
        if before is None or _differ(before, snapshot):
            self.seen.emit(snapshot)
        if before is not None and before.state.runs and not snapshot.state.runs:
            self.ended.emit(snapshot)

    def _not_seen(self, reason: str) -> None:
        self._looking = False
        self.failed.emit(reason)


def _worth_looking(known: _Known) -> bool:
    return known.due or known.snapshot is None or known.snapshot.state.runs


def _child(known: _Known) -> Child | None:
    """The process, collected if it has ended."""
    return Child(known.child.pid, known.child.poll()) if known.child is not None else None


def _differ(before: Snapshot, now: Snapshot) -> bool:
    """Whether anything is seen that was not; curves only grow with their ticks."""
    return (
        (before.state, before.status, before.error, before.ticks, before.sheets, before.asked)
    ) != (now.state, now.status, now.error, now.ticks, now.sheets, now.asked)
