"""Files that become documents: read in the background, one answer each."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.request import Failed, Message, Read
from engine.worker import ReadFile
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.worker import Bridge


class Opener(QObject):
    """Reads photos for new documents; what is open stays until they are there.

    Signals:
        opened: a document, not shown yet.
        failed: a sentence for the person.
        busy: what is going on, or "".
    """

    opened = Signal(object)
    failed = Signal(str)
    busy = Signal(str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._job: ReadFile | None = None
        bridge.answered.connect(self._take)

    def open(self, path: Path) -> None:
        """Read a photo; one that is being read is given up for it."""
        self.busy.emit(self.tr("Reading {0}…").format(path.name))
        self._job = ReadFile(path)
        self._bridge.post(self._job)

    def _take(self, message: Message) -> None:
        if self._job is None or message.request is not self._job:
            return
        match message:
            case Read(reading=reading):
                path, self._job = self._job.path, None
                self.busy.emit("")
                self.opened.emit(PoseDocument(reading, Origin(path.stem, path)))
            case Failed():
                self._job = None
                self.busy.emit("")
                self.failed.emit(f"{message.message} {message.advice}".strip())
            case _:
                pass
