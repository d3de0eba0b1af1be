"""Files that become documents: read in the background, one answer each."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine import registry
from engine.appearance import FromPhoto, PerObject
from engine.drawing_jobs import Drawn, ReadDrawing
from engine.photo import Photo
from engine.request import Failed, Message, Read
from engine.scene_jobs import ReadScene, SceneRead, as_labelled
from engine.shapes.sketch import Sketch
from engine.worker import ReadFile
from studio.document import Origin
from studio.editors.pose.document import PoseDocument
from studio.editors.scene.document import SceneDocument
from studio.editors.sketch.document import SketchDocument
from studio.worker import Bridge

_Job = ReadFile | ReadDrawing | ReadScene


class Opener(QObject):
    """Reads photos and drawings for new documents; what is open stays until they are there.

    Signals:
        opened: a PoseDocument, not shown yet.
        drawn: a SketchDocument, not shown yet.
        labelled: a SceneDocument, not shown yet.
        failed: a sentence for the person.
        busy: what is going on, or "".
    """

    opened = Signal(object)
    drawn = Signal(object)
    labelled = Signal(object)
    failed = Signal(str)
    busy = Signal(str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._job: _Job | None = None
        bridge.answered.connect(self._take)

    def open(self, path: Path) -> None:
        """Read a photo; one that is being read is given up for it."""
        self._ask(ReadFile(path))

    def open_drawing(self, path: Path) -> None:
        """Read a drawing, or draw the lines of a photo."""
        self._ask(ReadDrawing(path))

    def open_scene(self, path: Path) -> None:
        """Label what a photo shows."""
        self._ask(ReadScene(path))

    def _ask(self, job: _Job) -> None:
        self.busy.emit(self.tr("Reading {0}…").format(job.path.name))
        self._job = job
        self._bridge.post(job)

    def _take(self, message: Message) -> None:
        if self._job is None or message.request is not self._job:
            return
        match message:
            case Read(reading=reading):
                path, self._job = self._job.path, None
                self.busy.emit("")
                self.opened.emit(PoseDocument(reading, Origin(path.stem, path)))
            case Drawn(sketch=sketch, photo=photo):
                path, self._job = self._job.path, None
                self.busy.emit("")
                self.drawn.emit(_drawing(sketch, photo, path))
            case SceneRead(scene=scene, photo=photo):
                path, self._job = self._job.path, None
                self.busy.emit("")
                document = SceneDocument(scene, Origin(path.stem), registry.DEFAULTS["LabelMap"])
                document.put_reference(photo)
                look = PerObject(FromPhoto(as_labelled(photo, scene), scene))
                document.show(document.wanted._replace(look=look))
                self.labelled.emit(document)
            case Failed():
                self._job = None
                self.busy.emit("")
                self.failed.emit(f"{message.message} {message.advice}".strip())
            case _:
                pass


def _drawing(sketch: Sketch, photo: Photo | None, path: Path) -> SketchDocument:
    document = SketchDocument(sketch, Origin(path.stem), registry.DEFAULTS["Sketch"])
    document.put_reference(photo)
    return document
