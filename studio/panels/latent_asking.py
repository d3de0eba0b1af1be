"""What the engine is asked about looks that are numbers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.look_jobs import (
    DirectionsFound,
    FindColour,
    FindDirections,
    LookFound,
    LookJob,
    ReadLook,
)
from engine.request import Cancelled, Failed, Message
from studio.editors.sketch.document import SketchDocument
from studio.panels.latent_numbers import LookNumbers
from studio.worker import Bridge


class LookAsking(QObject):
    """Asks, and gives what is found to the numbers.

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
        bridge.answered.connect(self._take)

    def follow(self, document: SketchDocument) -> None:
        """Ask about another drawing."""
        self.document = document
        document.picture_changed.connect(self._examine)

    def let_go(self) -> None:
        """Hear no answers."""
        self._bridge.answered.disconnect(self._take)

    def read_photo(self, path: Path) -> None:
        """Take the look of a photo file."""
        if self.document is not None:
            self._ask(ReadLook(self.document.model, path))
            self.busy.emit(self.tr("Reading {0}…").format(path.name))

    def find_colour(self, colour: tuple[int, int, int]) -> None:
        """Give the item a colour."""
        document, numbers = self.document, self._numbers
        if document is not None and numbers.count:
            about = (document.model, document.sketch, numbers.now)
            self._ask(FindColour(*about, colour, numbers.locked))
            self.busy.emit(self.tr("Looking for that colour…"))

    def _ask(self, job: LookJob) -> None:
        self._asked = job
        self._bridge.post(job)

    def _examine(self) -> None:
        """Find out what the sliders do, once there is a picture and nobody has told."""
        document, numbers = self.document, self._numbers
        if document is None or not document.finished or not document.worth_painting:
            return
        known = numbers.directions is not None or not numbers.count
        asked = self._examined is not None and self._examined.model == document.model
        if not known and not asked:
            self._examined = FindDirections(document.model, document.sketch, numbers.count)
            self._bridge.post(self._examined)

    def _take(self, message: Message) -> None:
        if message.request is self._examined:
            self._take_directions(message)
        elif message.request is self._asked:
            self._take_look(message)

    def _take_directions(self, message: Message) -> None:
        job, document = self._examined, self.document
        if isinstance(message, Cancelled):
            self._examined = None  # asked again with the next picture
        elif not (isinstance(message, DirectionsFound) and document and job):
            return
        elif document.model == job.model:
            self._numbers.learn(message.directions)

    def _take_look(self, message: Message) -> None:
        job, self._asked = self._asked, None
        self.busy.emit("")
        if isinstance(message, Failed):
            self.failed.emit(f"{message.message} {message.advice}".strip())
        elif isinstance(message, LookFound) and self.document is not None and job is not None:
            if job.model != self.document.model:
                return
            photo = isinstance(job, ReadLook)
            text = self.tr("Look of a photo") if photo else self.tr("Colour of the item")
            self._numbers.move(message.look, text)
