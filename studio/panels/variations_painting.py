"""Small pictures of a document in several looks, painted while nothing else is asked for."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from engine.appearance import Appearance
from engine.request import Cancelled, Failed, Message, Painted, Quality, Request
from studio.document import Document
from studio.images import to_qimage
from studio.worker import Bridge

_LATER_MS = 250
"""A picture that another one overtook is asked for again after this."""


class SmallPictures(QObject):
    """Pictures by name. They are asked for one at a time, once the document's own picture is
    finished, so that they never delay it; a new shape or painter makes all of them anew.

    Attributes:
        longest: longest side in device pixels.

    Signals:
        painted: a name, and its QImage.
    """

    painted = Signal(object, QImage)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge, self.longest = bridge, 256
        self.document: Document | None = None
        self._looks: dict[Hashable, Appearance] = {}
        self._missing: dict[Hashable, None] = {}
        self._shown: object = None
        self._running: tuple[Hashable, Request] | None = None
        self._active = False
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self._next)
        bridge.answered.connect(self._take)

    def follow(self, document: Document) -> None:
        """Paint another document."""
        self.document = document
        document.picture_changed.connect(self._next)

    def activate(self, active: bool) -> None:
        """Whether anybody sees the pictures; nothing is painted for nobody."""
        self._active = active
        self._next()

    def want(self, looks: Mapping[Hashable, Appearance]) -> None:
        """Paint these looks, too, or anew under their names."""
        for name, look in looks.items():
            if self._looks.get(name) != look:
                self._looks[name] = look
                self._missing[name] = None
        self._next()

    @property
    def missing(self) -> int:
        """How many are still to be painted."""
        return len(self._missing)

    def let_go(self) -> None:
        """Ask for nothing more, and hear no answers."""
        self._active = False
        self._bridge.answered.disconnect(self._take)

    def _next(self) -> None:
        document = self.document
        if document is None or not (self._active and document.finished):
            return
        if not document.worth_painting:
            return
        shown = document.wanted._replace(look=None)
        if shown != self._shown:
            self._shown = shown
            self._missing = dict.fromkeys(self._looks)
        if self._running is None and self._missing:
            name = next(iter(self._missing))
            wanted = document.wanted._replace(look=self._looks[name])
            request = document.request_for(wanted, Quality.full, self.longest)
            self._running = (name, request)
            self._bridge.post(request)

    def _take(self, message: Message) -> None:
        if self._running is None or message.request is not self._running[1]:
            return
        name, request = self._running
        self._running = None
        if isinstance(message, Cancelled):
            self._later.start()
            return
        if self._looks[name] == request.appearance:
            self._missing.pop(name, None)
            if isinstance(message, Painted):
                self.painted.emit(name, to_qimage(message.picture.pixels))
        if isinstance(message, Painted | Failed):
            self._next()
