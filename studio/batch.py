"""Several pictures painted one after the other, through the mailbox that holds one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from engine.request import Cancelled, Failed, Message, Painted, Request
from studio.worker import Bridge


class Batch(QObject):
    """Posts the next request when the one before is answered.

    Signals:
        answered: number of the request, and its answer (Painted or Failed).
        finished: nothing is left.
    """

    answered = Signal(int, object)
    finished = Signal()

    def __init__(self, bridge: Bridge, requests: Sequence[Request]) -> None:
        super().__init__()
        self._bridge, self.requests, self._next = bridge, list(requests), 0
        self._stopped = False
        bridge.answered.connect(self._take)

    def start(self) -> None:
        """Begin with the first request."""
        self._post()

    def stop(self) -> None:
        """Call off what is left."""
        if not self._stopped and self._next < len(self.requests):
            self._stopped = True
            self._bridge.cancel()

    def owns(self, request: object) -> bool:
        """Whether an answer is one of this batch's."""
        return any(request is mine for mine in self.requests)

    def _post(self) -> None:
        if self._stopped or self._next >= len(self.requests):
            self.finished.emit()
        else:
            self._bridge.post(self.requests[self._next])

    def _take(self, message: Message) -> None:
        if self._next >= len(self.requests) or message.request is not self.requests[self._next]:
            return
        match message:
            case Painted() | Failed():
                self._next += 1
                self.answered.emit(self._next - 1, message)
                self._post()
            case Cancelled():  # overtaken by another picture: ask again
                self._post()
            case _:
                pass
