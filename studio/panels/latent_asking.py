"""What the engine is asked about looks that are numbers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.appearance import FromPhoto
from engine.look_jobs import (
    DirectionsFound,
    FindColour,
    FindDirections,
    FindTracks,
    LookFound,
    LookJob,
    ReadLook,
    TracksFound,
)
from engine.request import Cancelled, Failed, Message
from studio.editors.sketch.document import SketchDocument
from studio.errand import Errands
from studio.panels.latent_numbers import LookNumbers
from studio.worker import Bridge

_REST_MS = 300
"""The colours of the sliders are looked for once nothing has changed for so long."""


class LookAsking(QObject):
    """Asks, and gives what is found to the numbers.

    Attributes:
        watched: whether anybody sees the sliders; nothing is found out about them for nobody.

    Signals:
        busy: what is going on, or "".
        failed: a sentence for the person.
    """

    busy = Signal(str)
    failed = Signal(str)

    def __init__(self, bridge: Bridge, numbers: LookNumbers) -> None:
        super().__init__()
        self._bridge, self._numbers = bridge, numbers
        self.document: SketchDocument | None = None
        self._asked: LookJob | None = None
        self._examined: FindDirections | None = None
        self._tracked: FindTracks | None = None
        self.watched = False
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._examine)
        self._errands = Errands(self)
        self._errands.done.connect(self._photo_opened)
        self._errands.failed.connect(self._photo_refused)
        bridge.answered.connect(self._take)

    def follow(self, document: SketchDocument) -> None:
        """Ask about another drawing."""
        self.document = document
        document.picture_changed.connect(self.wait)

    def watch(self, watched: bool) -> None:
        """Whether anybody sees the sliders."""
        self.watched = watched
        self._rest.start()

    def wait(self) -> None:
        """Something else is being painted; the sliders come afterwards."""
        self._rest.start()

    def let_go(self) -> None:
        """Ask for nothing more, and hear no answers."""
        self._rest.stop()
        self._errands.wait()
        self._bridge.answered.disconnect(self._take)

    def read_photo(self, path: Path) -> None:
        """Take the look of a photo file."""
        if self.document is None:
            return
        self.busy.emit(self.tr("Reading {0}…").format(path.name))
        if self._numbers.count:
            self._ask(ReadLook(self.document.model, path))
        else:
            self._errands.run(lambda: _look_in(path))

    def _photo_opened(self, look: FromPhoto) -> None:
        self.busy.emit("")
        if self._numbers.takes("FromPhoto"):
            self._numbers.put(look, self.tr("Look of a photo"))

    def _photo_refused(self, text: str) -> None:
        self.busy.emit("")
        self.failed.emit(text)

    def find_colour(self, colour: tuple[int, int, int]) -> None:
        """Give the item a colour."""
        document, numbers = self.document, self._numbers
        if document is not None and numbers.count:
            idle = frozenset(range(numbers.count)) - set(numbers.shown)
            about = (document.model, document.sketch, numbers.now)
            self._ask(FindColour(*about, colour, numbers.locked | idle))
            self.busy.emit(self.tr("Looking for that colour…"))

    def _ask(self, job: LookJob) -> None:
        self._asked = job
        self._bridge.post(job)

    def _examine(self) -> None:
        """Find out what the sliders do, if nobody has told, and then their colours."""
        document, numbers = self.document, self._numbers
        if document is None or not (document.finished and document.worth_painting):
            return
        if not (self.watched and numbers.count):
            return
        if numbers.directions is None:
            self._find_directions(document)
        else:
            self._find_tracks(document)

    def _find_directions(self, document: SketchDocument) -> None:
        if self._examined is None or self._examined.model != document.model:
            count = self._numbers.count
            self._examined = FindDirections(document.model, document.sketch, count)
            self._bridge.post(self._examined)

    def _find_tracks(self, document: SketchDocument) -> None:
        numbers = self._numbers
        job = FindTracks(document.model, document.sketch, numbers.now, numbers.shown)
        if job != self._tracked:
            self._tracked = job
            self._bridge.post(job)

    def _take(self, message: Message) -> None:
        if message.request is self._examined:
            self._take_directions(message)
        elif message.request is self._tracked:
            self._take_tracks(message)
        elif message.request is self._asked:
            self._take_look(message)

    def _take_directions(self, message: Message) -> None:
        if isinstance(message, Cancelled):
            self._examined = None  # asked again with the next picture
        elif isinstance(message, DirectionsFound) and self._stands(self._examined):
            self._numbers.learn(message.directions)
            self._rest.start()

    def _take_tracks(self, message: Message) -> None:
        if isinstance(message, TracksFound) and self._stands(self._tracked):
            self._numbers.show_tracks(message.colours)
        elif isinstance(message, Cancelled):
            self._tracked = None
            self._rest.start()

    def _stands(self, job: LookJob | None) -> bool:
        """Whether the painter is still the one that was asked about."""
        return bool(self.document and job and job.model == self.document.model)

    def _take_look(self, message: Message) -> None:
        job, self._asked = self._asked, None
        self.busy.emit("")
        if isinstance(message, Failed):
            self.failed.emit(f"{message.message} {message.advice}".strip())
        elif isinstance(message, LookFound) and self._stands(job):
            photo = isinstance(job, ReadLook)
            text = self.tr("Look of a photo") if photo else self.tr("Colour of the item")
            self._numbers.move(message.look, text)


def _look_in(path: Path) -> FromPhoto:
    from engine.photo_files import open_photo

    return FromPhoto(open_photo(path))
