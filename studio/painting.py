"""What the engine is asked for and when: at once while the hand moves, with care when it rests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.exports import ExportJob, LongJob
from engine.request import (
    Cancelled,
    Failed,
    Message,
    Painted,
    Progress,
    Quality,
    Request,
    Saved,
    Scene,
)
from engine.worker import Job
from studio.batch import Batch
from studio.document import Document, PictureState
from studio.worker import Bridge

PREVIEW_LONGEST = 900
"""Device pixels of a picture while the hand moves."""
SETTLE_MS = 120
"""A hand that rests this long gets the picture with full care."""
_REMEMBERED = 64
"""Jobs whose answers are known as one's own; the mailbox holds one of each kind."""
_FINER = 1.15
"""A view this much larger than the picture is worth a new picture."""


class LivePainting(QObject):
    """Keeps the document's picture in step with what is wanted.

    Signals:
        saved: a picture was written: its path and how it is less than asked for, or "".
        failed: a sentence for the person.
        warned: a sentence about a picture that is less than asked for.
        busy: what is going on, or "".
    """

    saved = Signal(object, str)
    failed = Signal(str)
    warned = Signal(str)
    busy = Signal(str)

    def __init__(self, bridge: Bridge, longest: Callable[[], int]) -> None:
        super().__init__()
        self.bridge, self._longest = bridge, longest
        self.document: Document | None = None
        self.warming: Request | None = None
        self.preview_longest = PREVIEW_LONGEST
        self._asked: deque[Job] = deque(maxlen=_REMEMBERED)
        self._batches: list[Batch] = []
        self._owing = False
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.paint_now)
        bridge.answered.connect(self._take)

    @property
    def resting(self) -> bool:
        """Whether nothing waits to be asked for."""
        return not self._settle.isActive()

    def follow(self, document: Document) -> None:
        """Paint for this document from now on."""
        self.document = document
        document.shape_changed.connect(self._wanted_changed)
        document.look_changed.connect(self._wanted_changed)
        self._warm_up(document)

    def let_go(self) -> None:
        """Ask for nothing more, and hear no answers."""
        self._settle.stop()
        self._batches.clear()
        self.document = None
        self.bridge.answered.disconnect(self._take)

    def _warm_up(self, document: Document) -> None:
        """Let the engine load now, so that the first gesture is as quick as the next."""
        if document.picture is None and document.worth_painting:
            self.paint_now()

    # Asking

    def _post(self, job: Job) -> None:
        self._asked.append(job)
        self.bridge.post(job)

    def paint_all(self, requests: Sequence[Request]) -> Batch:
        """Paint several pictures one after the other, beside the document's own."""
        self._settle.stop()
        self._batches.append(Batch(self.bridge, requests))
        return self._batches[-1]

    def export(self, path: Path, scene: Scene, embedded: bool) -> None:
        """Paint at the photo's own size and write a file; its name says of which kind.

        Args:
            embedded: whether the source photos go into it.
        """
        document = self.document
        if document is not None:
            self.busy.emit(self.tr("Exporting {0}…").format(path.name))
            request = replace(document.request(Quality.full, None), scene=scene)
            self._post(ExportJob(request, path, document.source_names(), embedded))

    def begin(self, job: LongJob) -> None:
        """Do long work beside everything else; its end is told by `saved`."""
        self._post(job)

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

    def pause(self) -> None:
        """Leave the engine to another tab; what is being painted may come or be overtaken."""
        painting = self.document is not None and self.document.state is PictureState.painting
        self._owing = painting or not self.resting
        self._settle.stop()

    def resume(self) -> None:
        """Paint what was left undone."""
        if self._owing:
            self._owing = False
            self.paint_now()

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
        if document is None or not document.worth_painting:
            return
        longest = self._seen(quality)
        self._post(document.request(quality, longest))

    def _seen(self, quality: Quality) -> int:
        """Longest side of the picture that the panes can show."""
        assert self.document is not None
        seen = min(self._longest(), max(self.document.size))
        return min(seen, self.preview_longest) if quality is Quality.preview else seen

    # Answers

    def _take(self, message: Message) -> None:
        if not any(message.request is job for job in self._asked):
            return  # another tab's, or a batch's
        self._answered(message)

    def _answered(self, message: Message) -> None:
        match message:
            case Painted(request=request) if request is self.warming:
                self.warming = None
            case Painted() if self.document is not None:
                self.document.take(message)
                if message.degraded:
                    self.warned.emit(message.degraded)
                else:
                    self.view_changed()  # asked for before the panes had their size
            case Saved():
                self._saved(message)
            case Failed():
                self._failed(message)
            case Progress(text=text, fraction=fraction):
                self.busy.emit(text if fraction < 1 else "")
            case Cancelled(request=LongJob()):
                self.busy.emit("")
            case Cancelled(request=request) if request is self.warming:
                self.warming = None
            case _:
                pass

    def _saved(self, message: Saved) -> None:
        self.busy.emit("")
        if isinstance(message.request, ExportJob):
            self._settle.start()
        self.saved.emit(message.path, message.degraded)

    def _failed(self, message: Failed) -> None:
        self.busy.emit("")
        text = f"{message.message} {message.advice}".strip()
        if self.document is not None:
            self.document.fail(message.request, text)
            if isinstance(message.request, ExportJob):
                self._settle.start()
        self.failed.emit(text)
