"""Something slow done beside the window, with its outcome as a signal in the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

from engine.errors import GuiseError


class Errands(QObject):
    """Runs functions one after the other in a thread of its own.

    Signals:
        done: what a function returned.
        failed: why it could not, in one sentence.
    """

    done = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    def run(self, function: Callable[[], Any]) -> None:
        """Start a function; returns at once."""
        self._pool.start(lambda: self._tell(function))

    def wait(self) -> None:
        """Until nothing runs; before the window goes away."""
        self._pool.clear()
        self._pool.waitForDone()

    def _tell(self, function: Callable[[], Any]) -> None:
        try:
            outcome = function()
            told = self.done
        except (GuiseError, OSError) as error:
            outcome, told = str(error), self.failed
        with suppress(RuntimeError):  # the window is gone and nobody waits for it
            told.emit(outcome)
