"""A thread that is there while there is something to write."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger("guise")


class Lane:
    """Runs jobs one after the other, in order, away from the window.

    A job that still waits is replaced by a newer one of the same name: the latest state wins.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._turn = threading.Condition()
        self._waiting: dict[str, Callable[[], None]] = {}
        self._busy = False

    def run(self, name: str, job: Callable[[], None]) -> None:
        """Take a job; never waits. A job tells its own failures."""
        with self._turn:
            self._waiting.pop(name, None)
            self._waiting[name] = job
            if not self._busy:
                self._busy = True
                threading.Thread(target=self._work, name=self._name).start()

    def wait(self, seconds: float | None = None) -> bool:
        """Until all is done, or so long; whether all is done."""
        with self._turn:
            return self._turn.wait_for(lambda: not self._busy, seconds)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception:  # the next job may do better
                log.exception("unexpected error while writing")

    def _next(self) -> Callable[[], None] | None:
        with self._turn:
            if not self._waiting:
                self._busy = False
                self._turn.notify_all()
                return None
            return self._waiting.pop(next(iter(self._waiting)))
