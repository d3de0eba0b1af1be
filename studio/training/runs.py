"""Run folders: how a training stands, what it has made, and the words that steer it."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import msgspec

from engine.errors import GuiseError, InputError
from engine.files import read_limited
from studio.training.process import LOG, alive, last_words, words_of
from studio.training.stats import Curve, Stats

STATUS, CONTROL = "status.json", "control"
_LARGEST = 1_000_000
_ELSEWHERE = 600.0
"""Seconds without a word after which a training on another machine is taken for dead."""


class State(Enum):
    """How a training stands."""

    starting = "starting"
    training = "training"
    paused = "paused"
    stopping = "stopping"
    done = "done"
    stopped = "stopped"
    failed = "failed"
    killed = "killed"
    gone = "gone"

    @property
    def runs(self) -> bool:
        """Whether there is a process."""
        return self in (State.starting, State.training, State.paused, State.stopping)


class Word(Enum):
    """What can be asked of a training."""

    pause = "pause"
    stop = "stop"
    sample = "sample"
    backup = "backup"
    export = "export"


class Alarm(msgspec.Struct, frozen=True):
    """Something is wrong with the training.

    Attributes:
        text: what it means and what to do.
    """

    id: str = ""
    text: str = ""


class Status(msgspec.Struct, frozen=True):
    """What the trainer says of itself; see `status.json` of a run folder.

    Attributes:
        progress: 0..1 of the whole run.
        eta_s: seconds left; None = not known.
        model: the newest exported weights.
        model_time: when they were written, unix time.
    """

    pid: int = 0
    host: str = ""
    state: str = "starting"
    command: str = ""
    recipe: str = ""
    stage: str = ""
    stage_number: int = 1
    stages: int = 1
    progress: float | None = 0.0
    images: int | None = 0
    per_second: float | None = 0.0
    eta_s: float | None = None
    batch: int | None = None
    alarm: Alarm | None = None
    error: str | None = None
    model: str | None = None
    model_time: float | None = None
    sheet: str | None = None
    updated: float = 0.0


@dataclass(frozen=True)
class Child:
    """A process that this studio has started.

    Attributes:
        code: with which it ended; None = it runs.
    """

    pid: int
    code: int | None = None


@dataclass(frozen=True)
class Snapshot:
    """A run folder as it was at one moment.

    Attributes:
        error: why it failed, one sentence; empty = it did not.
        curves: losses and figures by name.
        stages: minutes at which each stage began.
        alarms: minutes and sentence of everything that was wrong.
        sheets: sample sheets, the oldest first.
        ticks: how many lines of statistics there are.
        asked: words that the trainer has not answered yet.
    """

    folder: Path
    state: State
    status: Status = field(default_factory=Status)
    error: str = ""
    curves: dict[str, Curve] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    alarms: tuple[tuple[float, str], ...] = ()
    sheets: tuple[Path, ...] = ()
    ticks: int = 0
    asked: frozenset[Word] = frozenset()

    @property
    def name(self) -> str:
        """For people."""
        return self.folder.name

    @property
    def model(self) -> Path | None:
        """The newest weights that can be used, if they are there."""
        path = Path(self.status.model) if self.status.model else None
        return path if path is not None and path.is_file() else None

    @property
    def resumable(self) -> bool:
        """Whether the same command would go on with it."""
        ended = self.state in (State.stopped, State.failed, State.killed)
        return ended and bool(words_of(self.status.command))


class Run:
    """Looks at a run folder again and again; not to be used by two threads at once.

    Args:
        folder: the one given to the trainer.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stats = Stats()
        self._curves: dict[str, Curve] = {}

    def look(self, child: Child | None = None) -> Snapshot:
        """How it stands now.

        Args:
            child: the last process that this studio has started for it.
        """
        if not self.folder.is_dir():
            return Snapshot(self.folder, State.gone)
        status = read_status(self.folder)
        state = _state(status, child)
        if self._stats.look(_stats_files(self.folder)):
            self._curves = self._stats.curves()
        return Snapshot(
            self.folder,
            state,
            status or Status(),
            _error(self.folder, state, status),
            self._curves,
            self._stats.stages(),
            tuple(self._stats.alarms()),
            tuple(_sheets(self.folder)),
            len(self._stats.ticks),
            frozenset(word for word in Word if _word_file(self.folder, word).exists()),
        )


def read_status(folder: Path) -> Status | None:
    """What the trainer said last; None = nothing that can be read."""
    try:
        return msgspec.json.decode(read_limited(folder / STATUS, _LARGEST), type=Status)
    except (GuiseError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _state(status: Status | None, child: Child | None) -> State:
    """The trainer's own word, unless its process is gone without one."""
    if child is not None and (status is None or status.pid != child.pid):
        if child.code is None:
            return State.starting  # what is written there is the last run's
        if status is None or not _running(status):
            return State.failed if child.code > 0 else State.killed
    if status is None:
        return State.killed
    try:
        said = State(status.state)
    except ValueError:
        return State.killed
    if not said.runs or _running(status):
        return said
    return State.failed if child is not None and (child.code or 0) > 0 else State.killed


def _running(status: Status) -> bool:
    """Whether there is a process behind the words."""
    if status.state in (State.done.value, State.stopped.value, State.failed.value):
        return False
    if status.host and status.host != socket.gethostname():
        return time.time() - status.updated < _ELSEWHERE
    return alive(status.pid)


def _error(folder: Path, state: State, status: Status | None) -> str:
    """The trainer's own sentence; without one, the last thing that it said."""
    if state is not State.failed:
        return ""
    said = status.error if status is not None and status.state == State.failed.value else ""
    return said or last_words(folder)


def _stats_files(folder: Path) -> list[tuple[str, Path]]:
    """Stage and path of all statistics, in the order of time."""
    found = [("", folder / "stats.jsonl")] if (folder / "stats.jsonl").exists() else []
    below = sorted(folder.glob("*/stats.jsonl"), key=_last_line)
    return found + [(path.parent.name, path) for path in below]


def _last_line(path: Path) -> float:
    """When a stage wrote last; stages come one after the other."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _sheets(folder: Path) -> list[Path]:
    """Sample sheets of all stages in the order of time."""
    stages = [path.parent for _, path in _stats_files(folder)]
    return [sheet for stage in stages for sheet in sorted((stage / "samples").glob("*.png"))]


def _word_file(folder: Path, word: Word) -> Path:
    return folder / CONTROL / word.value


def ask(folder: Path, word: Word) -> None:
    """Ask the trainer for something.

    Raises:
        InputError: the folder is gone or the disk is full.
    """
    if not folder.is_dir():
        raise InputError(f"The folder {folder} is gone; the training in it cannot be reached.")
    try:
        (folder / CONTROL).mkdir(exist_ok=True)
        _word_file(folder, word).touch()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"The training cannot be told ({reason}); make room on the disk of {folder}."
        ) from None


def take_back(folder: Path, word: Word) -> None:
    """Do not ask for it any more: a pause ends.

    Raises:
        InputError: the folder cannot be written.
    """
    try:
        _word_file(folder, word).unlink(missing_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{folder} cannot be written ({reason}).") from None


def is_run(folder: Path) -> bool:
    """Whether a training has been here."""
    return (folder / STATUS).is_file() or (folder / LOG).is_file()
