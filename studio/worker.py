"""The engine's worker thread, with its answers as a Qt signal in the window's thread."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from engine.errors import GuiseError
from engine.request import Message
from engine.worker import Job, Sessionlike, Worker

log = logging.getLogger("guise")

_TURN = 0.0005
"""Seconds that the painter's Python may keep the window's Python waiting; each call into Qt waits
for its turn again, and Python's own 5 ms a turn would add up to a stutter."""


class JobTaker(Protocol):
    """What the window asks of a worker."""

    def post(self, job: Job) -> None: ...
    def cancel(self) -> None: ...
    def close(self) -> None: ...


class Bridge(QObject):
    """Posts jobs to the worker and emits its messages; the signal crosses threads queued.

    What is posted before :meth:`start` waits; once closed, it is dropped.
    """

    answered = Signal(object)

    def __init__(self, make_session: Callable[[], Sessionlike]) -> None:
        super().__init__()
        self._make_session = make_session
        self._worker: JobTaker | None = None
        self._early: list[Job] = []
        self._closed = False

    def start(self) -> None:
        """Start the thread, which imports PyTorch; called once the window has been painted."""
        if self._worker is None and not self._closed:
            sys.setswitchinterval(_TURN)
            self._worker = Worker(self._make_session, self._reply)
            for job in self._early:
                self._worker.post(job)
            self._early.clear()

    def _reply(self, message: Message) -> None:
        self.answered.emit(message)

    def post(self, job: Job) -> None:
        """Hand a job over. Never waits."""
        if self._worker is not None:
            self._worker.post(job)
        elif not self._closed:
            self._early.append(job)

    def cancel(self) -> None:
        """Call off what waits or runs."""
        if self._worker is not None:
            self._worker.cancel()

    def close(self) -> None:
        """End the thread for good; waits for the current step."""
        self._closed = True
        if self._worker is not None:
            self._worker.close()
            self._worker = None


def make_session(device: str = "auto", models: str = "") -> Sessionlike:
    """The real engine; imported here, in the worker thread.

    Args:
        device: "auto", "cpu" or "gpu"; a graphics card that is not there gives way to the fastest.
        models: a folder of more model files; empty = none.
    """
    from engine.session import Session

    files = sorted(Path(models).glob("*.safetensors")) if models else []
    return Session("cpu" if device == "cpu" else None, filter(_usable, files))


def _usable(path: Path) -> bool:
    from engine.weights import read_card

    try:
        read_card(path)
    except GuiseError as error:
        log.warning("%s", error)
        return False
    return True
