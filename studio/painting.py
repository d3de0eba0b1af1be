"""What the engine is asked for and when: at once while the hand moves, with care when it rests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.perception.base import Reading
from engine.picture import Picture
from engine.request import (
    Cancelled,
    Failed,
    Message,
    Painted,
    Progress,
    Quality,
    Read,
    Request,
    Saved,
    Status,
)
from engine.worker import ReadFile, SaveJob
from studio.batch import Batch
from studio.document import Document, PictureState
from studio.worker import Bridge

PREVIEW_LONGEST = 900
"""Device pixels of a picture while the hand moves."""
SETTLE_MS = 120
"""A hand that rests this long gets the picture with full care."""
_FINER = 1.15
"""A view this much larger than the picture is worth a new picture."""


@dataclass(frozen=True)
class _ReadPerson(ReadFile):
    """Another photo is read for its person's look, wanted for one document."""

    taken: Callable[[Reading], None]
    document: Document | None


class LivePainting(QObject):
    """Keeps the document's picture in step with its pose.

    Signals:
        opened: a photo was read: its Reading and its path.
        saved: a picture was written: its path and how it is less than asked for, or "".
        failed: a sentence for the person.
        warned: a sentence about a picture that is less than asked for.
        busy: what is going on, or "".
        device: device and memory held.
    """

    opened = Signal(object, object)
    saved = Signal(object, str)
    failed = Signal(str)
    warned = Signal(str)
    busy = Signal(str)
    device = Signal(str, object)

    def __init__(self, bridge: Bridge, longest: Callable[[], int]) -> None:
        super().__init__()
        self.bridge, self._longest = bridge, longest
        self.document: Document | None = None
        self.warming: Request | None = None
        self._batches: list[Batch] = []
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.paint_now)
        bridge.answered.connect(self._take)

    @property
    def resting(self) -> bool:
        """Whether nothing waits to be asked for."""
        return not self._settle.isActive()

    def follow(self, document: Document | None) -> None:
        """Paint for another document."""
        self._settle.stop()
        self._batches.clear()
        self.document = document
        if document is not None:
            document.pose_changed.connect(self._wanted_changed)
            document.look_changed.connect(self._wanted_changed)
            self._warm_up(document)

    def _warm_up(self, document: Document) -> None:
        """Let the engine load and prepare now, so that the first drag is as quick as the next."""
        if not document.reading.found:
            return
        wanted = document.wanted
        if document.picture is None:
            document.adopt(Picture(document.reading.photo.pixels))  # no edit: the photo itself
            x, y = wanted.pose["left_shoulder"] or (0.0, 0.0)
            wanted = wanted._replace(pose=wanted.pose.moved(left_shoulder=(x + 1e-3, y)))
        longest = self._seen(Quality.preview)
        self.warming = document.request_for(wanted, Quality.preview, longest)
        self.bridge.post(self.warming)

    # Asking

    def read(self, path: Path) -> None:
        """Read a photo in the background; what is open stays until it is there."""
        self.busy.emit(self.tr("Reading {0}…").format(path.name))
        self.bridge.post(ReadFile(path))

    def read_person(self, path: Path, taken: Callable[[Reading], None]) -> None:
        """Read another photo for its person's look; `taken` is called if somebody is in it."""
        self.busy.emit(self.tr("Reading {0}…").format(path.name))
        self.bridge.post(_ReadPerson(path, taken, self.document))

    def paint_all(self, requests: Sequence[Request]) -> Batch:
        """Paint several pictures one after the other, beside the document's own."""
        self._settle.stop()
        self._batches.append(Batch(self.bridge, requests))
        return self._batches[-1]

    def export(self, path: Path) -> None:
        """Paint at the photo's own size and write a PNG."""
        if self.document is not None:
            self.busy.emit(self.tr("Exporting {0}…").format(path.name))
            request = self.document.request(Quality.full, None)
            self.bridge.post(SaveJob(request, path))

    def paint_now(self) -> None:
        """Paint with full care, as large as it is seen."""
        self._settle.stop()
        self._paint(Quality.full)

    def cancel_painting(self) -> None:
        """Call off what is being painted; the last picture stays."""
        self._settle.stop()
        self.bridge.cancel()
        if self.document is not None:
            self.document.mark_stale()

    def view_changed(self) -> None:
        """Closer to the photo: a finer picture, once the hand rests."""
        document = self.document
        if document is None or document.picture is None or document.untouched:
            return
        enough = max(document.picture.size) * _FINER >= self._seen(Quality.full)
        if document.state is PictureState.current and not enough:
            self._settle.start()

    def _wanted_changed(self) -> None:
        self._paint(Quality.preview)
        self._settle.start()

    def _paint(self, quality: Quality) -> None:
        document = self.document
        if document is None or (document.fitting and not document.reading.found):
            return
        longest = self._seen(quality)
        self.bridge.post(document.request(quality, longest))

    def _seen(self, quality: Quality) -> int:
        """Longest side of the picture that the panes can show."""
        assert self.document is not None
        seen = min(self._longest(), max(self.document.reading.photo.size))
        return min(seen, PREVIEW_LONGEST) if quality is Quality.preview else seen

    # Answers

    def _take(self, message: Message) -> None:
        if any(batch.owns(message.request) for batch in self._batches):
            return
        match message:
            case Read(request=_ReadPerson() as job, reading=reading):
                self._take_person(job, reading)
            case Read(request=ReadFile(path=path), reading=reading):
                self.busy.emit("")
                self.opened.emit(reading, path)
            case Painted(request=request) if request is self.warming:
                self.warming = None
            case Painted(request=request) if self._shows(request):
                assert self.document is not None
                self.document.take(message)
                if message.degraded:
                    self.warned.emit(message.degraded)
            case Saved():
                self._saved(message)
            case Status(text=text, memory=memory):
                self.device.emit(text, memory)
            case Failed():
                self._failed(message)
            case Progress(text=text):
                self.busy.emit(text)
            case Cancelled(request=request) if request is self.warming:
                self.warming = None
            case _:
                pass

    def _shows(self, request: Request) -> bool:
        """Whether a picture belongs to the photo that is open."""
        place = request.stands_in
        return (
            self.document is not None
            and place is not None
            and place.photo == self.document.reading.photo
        )

    def _take_person(self, job: _ReadPerson, reading: Reading) -> None:
        self.busy.emit("")
        if job.document is not self.document:
            return
        if reading.found:
            job.taken(reading)
        else:
            text = self.tr("No person was found in that photo, so the look stays as it is.")
            self.failed.emit(text)

    def _saved(self, message: Saved) -> None:
        self.busy.emit("")
        if self.document is not None:
            self.document.undo.setClean()
        self._settle.start()
        self.saved.emit(message.path, message.degraded)

    def _failed(self, message: Failed) -> None:
        self.busy.emit("")
        text = f"{message.message} {message.advice}".strip()
        if self.document is not None:
            self.document.fail(message.request, text)
            if isinstance(message.request, SaveJob):
                self._settle.start()
        self.failed.emit(text)
