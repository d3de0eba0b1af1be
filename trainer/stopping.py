"""Ctrl-C and polite kills: the step is finished and the model kept."""

from __future__ import annotations

import signal
import threading
from typing import Any


class StopOnSignal:
    """True once it was asked to stop; a second signal ends at once."""

    def __init__(self) -> None:
        self._asked = self._signalled = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopOnSignal:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _signal(self, number: int, _: object) -> None:
        if self._signalled:
            raise KeyboardInterrupt
        self._signalled = True
        self.ask()
        print("Stopping after this step; the model is kept. Press again to quit at once.")

    def ask(self) -> None:
        """Stop after this step."""
        self._asked = True

    def __bool__(self) -> bool:
        return self._asked
