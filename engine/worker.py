"""One background thread that owns the session; the newest job of each kind wins."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.appearance import Appearance, FromPhoto, Vector
from engine.drawing_jobs import ReadDrawing, drawn
from engine.exports import ExportJob, LongJob, Steps, export
from engine.look_jobs import FindDirections, FindTracks, LookJob, found
from engine.painters.base import Stop, Stopped
from engine.perception.base import Reading
from engine.photo import Photo
from engine.picture import Picture
from engine.request import (
    Cancelled,
    Message,
    Painted,
    Progress,
    Quality,
    Read,
    Request,
    Saved,
    Status,
)
from engine.scene_jobs import ReadScene, seen
from engine.session import failed
from engine.shapes.labels import LabelMap
from engine.shapes.sketch import Sketch

NICENESS = 5
"""How much the thread steps back on Linux, so that the window stays smooth."""


@dataclass(frozen=True)
class ReadFile:
    """Open a photo file and read it; answered by Read."""

    path: Path


@dataclass(frozen=True)
class ReadPhoto:
    """Read a photo that is open already; answered by Read."""

    photo: Photo


@dataclass(frozen=True)
class ReadEverybody:
    """Find all people in a photo that is open already; answered by Read."""

    photo: Photo


@dataclass(frozen=True)
class SaveJob:
    """Paint with full care and write a PNG; answered by Saved."""

    request: Request
    path: Path


@dataclass(frozen=True)
class TendModels:
    """Look again which model files there are; answered by Status.

    Attributes:
        unload: id of a model whose memory is wanted back; empty = none.
    """

    unload: str = ""


ShortJob = (
    Request
    | ReadFile
    | ReadPhoto
    | ReadEverybody
    | ReadDrawing
    | ReadScene
    | SaveJob
    | ExportJob
    | TendModels
    | LookJob
)
Job = ShortJob | LongJob

_ORDER = ("models", "read", "save", "look", "paint", "people", "looks", "long")
"""Kinds of jobs, the most urgent first."""
_PATIENT = LongJob | ReadEverybody | FindDirections | FindTracks
"""Jobs that step aside for every other."""


def _kind(job: Job) -> str:
    if isinstance(job, Request):
        return "paint"
    if isinstance(job, TendModels):
        return "models"
    if isinstance(job, ReadEverybody):
        return "people"
    if isinstance(job, FindDirections | FindTracks):
        return "looks"
    if isinstance(job, LongJob):
        return "long"
    if isinstance(job, LookJob):
        return "look"
    return "save" if isinstance(job, SaveJob | ExportJob) else "read"


def _is_preview(job: Job) -> bool:
    return isinstance(job, Request) and job.quality is Quality.preview


class Sessionlike(Protocol):
    """What the worker asks of a session."""

    @property
    def status(self) -> str: ...
    def memory(self) -> int: ...
    def loaded(self) -> dict[str, int]: ...
    def tend(self, unload: str) -> None: ...
    def read(self, photo: Photo, stop: Stop) -> Reading: ...
    def read_all(self, photo: Photo, stop: Stop) -> tuple[Reading, ...]: ...
    def sketch_of(self, photo: Photo, stop: Stop) -> Sketch: ...
    def labels_of(self, photo: Photo, stop: Stop) -> LabelMap: ...
    def paint(self, request: Request, stop: Stop) -> Painted: ...
    def export(self, request: Request, path: Path, stop: Stop) -> Painted: ...
    def background(self, stand: FromPhoto, longest: int | None, stop: Stop) -> Picture: ...
    def digest(self, model: str) -> str: ...
    def vector(self, model: str, look: Appearance) -> Vector: ...


class Worker:
    """A mailbox of size one per kind of job, and a thread that empties it.

    A newer job replaces a waiting one of its kind and stops a running one, unless that is a
    preview, which is short and shows the hand where it just was; each job is answered exactly
    once, the overtaken ones with Cancelled. Reading goes before saving before painting; a
    running picture steps aside for a photo to be read and is painted afterwards. Looking for
    everybody and long jobs come last and step aside for every other; each step of a long job is
    told by Progress. What the numbers of a look do is found when nothing else is asked for.

    Args:
        make_session: called in the thread, where PyTorch may be imported.
        reply: called in the thread with every message.
    """

    def __init__(
        self, make_session: Callable[[], Sessionlike], reply: Callable[[Message], None]
    ) -> None:
        self._make_session, self._reply = make_session, reply
        self._wake = threading.Condition()
        self._waiting: dict[str, Job] = {}
        self._overtaken: list[Job] = []
        self._running: Job | None = None
        self._unwanted = False
        self._closed = False
        self._under_way: tuple[LongJob, Steps] | None = None
        self._thread = threading.Thread(target=self._run, name="guise-worker", daemon=True)
        self._thread.start()

    def post(self, job: Job) -> None:
        """Hand over a job; returns at once. After :meth:`close` the job is dropped."""
        with self._wake:
            if self._closed:
                return
            kind = _kind(job)
            if kind in self._waiting:
                self._overtaken.append(self._waiting[kind])
            if self._running is not None and _kind(self._running) == kind:
                # A preview is let finish: stopped at every event, a drag would never show one.
                self._unwanted |= not _is_preview(self._running)
            self._waiting[kind] = job
            self._wake.notify()

    def cancel(self) -> None:
        """Call off everything that waits or runs; each job is answered with Cancelled."""
        with self._wake:
            self._overtaken += self._waiting.values()
            self._waiting.clear()
            self._unwanted = self._running is not None
            self._wake.notify()

    def close(self) -> None:
        """Cancel, and wait until the thread has ended."""
        self.cancel()
        with self._wake:
            self._closed = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        _step_back()
        session: Sessionlike | None = None
        broken: Exception | None = None
        try:
            session = self._make_session()
        except Exception as error:  # told to everyone who asks for something
            broken = error
        told = self._tell_status(session, None)
        while True:
            job = self._next()
            if job is None:
                return self._end(None)
            answer = failed(job, broken) if broken else self._answer(session, job)
            with self._wake:
                self._running = None
            if answer is not None:
                self._end(job)
                self._reply(answer)
            told = self._tell_status(session, told)

    def _next(self) -> Job | None:
        """The next job, after the overtaken ones were answered; None when closed."""
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._overtaken or self._waiting or self._closed)
                overtaken, self._overtaken = self._overtaken, []
                if not overtaken:
                    if self._closed:
                        return None
                    kind = next(k for k in _ORDER if k in self._waiting)
                    self._running, self._unwanted = self._waiting.pop(kind), False
                    return self._running
            for job in overtaken:
                self._end(job)
                self._reply(Cancelled(job))

    def _answer(self, session: Sessionlike | None, job: Job) -> Message | None:
        """The answer, or None if the job stepped aside and waits again."""
        assert session is not None
        try:
            if isinstance(job, LongJob):
                return self._stepped(session, job)
            return _done(session, job, self._stopped)
        except Stopped:
            return self._put_back(job)
        except Exception as error:
            return failed(job, error)

    def _stopped(self) -> bool:
        with self._wake:
            aside = isinstance(self._running, Request) and "read" in self._waiting
            patient = isinstance(self._running, _PATIENT)
            aside |= patient and bool(self._waiting)
            return self._unwanted or self._closed or aside

    def _stepped(self, session: Sessionlike, job: LongJob) -> Message | None:
        """The answer of a long job, or None if something is left to do."""
        if self._under_way is None or self._under_way[0] is not job:
            self._under_way = (job, job.begin(session))
        message = self._under_way[1].step(self._stopped)
        if not isinstance(message, Progress):
            return message
        self._reply(message)
        return self._put_back(job)

    def _end(self, job: Job | None) -> None:
        """Let go of what a long job has unfinished; None = whichever there is."""
        if self._under_way is not None and (job is None or job is self._under_way[0]):
            self._under_way[1].close()
            self._under_way = None

    def _put_back(self, job: Job) -> Message | None:
        with self._wake:
            if self._unwanted or self._closed or _kind(job) in self._waiting:
                return Cancelled(job)
            self._waiting[_kind(job)] = job
            return None

    def _tell_status(self, session: Sessionlike | None, told: Status | None) -> Status | None:
        if session is None:
            return None
        status = _status(session, None)
        if status != told:
            self._reply(status)
        return status


def _done(session: Sessionlike, job: ShortJob, stop: Stop) -> Message:
    if isinstance(job, Request):
        return session.paint(job, stop)
    if isinstance(job, SaveJob):
        painted = session.export(job.request, job.path, stop)
        return Saved(job, job.path, painted.degraded)
    if isinstance(job, ExportJob):
        return export(session, job, stop)
    if isinstance(job, TendModels):
        session.tend(job.unload)
        return _status(session, job)
    if isinstance(job, LookJob):
        return found(session, job, stop)
    if isinstance(job, ReadDrawing):
        return drawn(session, job, stop)
    if isinstance(job, ReadScene):
        return seen(session, job, stop)
    if isinstance(job, ReadEverybody):
        people = session.read_all(job.photo, stop)
        return Read(job, people[0], people)
    if isinstance(job, ReadPhoto):
        return Read(job, session.read(job.photo, stop))
    from engine.photo_files import open_photo

    return Read(job, session.read(open_photo(job.path), stop))


def _status(session: Sessionlike, job: TendModels | None) -> Status:
    return Status(job, session.status, session.memory(), session.loaded())


def _step_back() -> None:
    """Lower this thread's priority; threads that PyTorch starts from it inherit it."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
