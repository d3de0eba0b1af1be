"""What the pose editor asks the engine for besides its picture: people, films, folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal

from engine.batch import BatchJob, Edit
from engine.exports import AnimationJob
from engine.perception.base import Reading
from engine.picture import Picture
from engine.request import Batched, Message, Quality, Read
from engine.shapes.pose import Pose
from engine.worker import ReadEverybody, ReadFile
from studio.document import Document
from studio.editors.pose.document import PoseDocument
from studio.painting import LivePainting


@dataclass(frozen=True)
class _ReadPerson(ReadFile):
    """Another photo is read for its person's look."""

    taken: Callable[[Reading], None]


class PosePainting(LivePainting):
    """Keeps a reposed photo's picture in step with its pose.

    Signals:
        people: all Readings of the photo, when they were found.
        batched: Outcomes of an edit on a folder.
    """

    people = Signal(object)
    batched = Signal(object)

    @property
    def _posed(self) -> PoseDocument | None:
        return self.document if isinstance(self.document, PoseDocument) else None

    def _warm_up(self, document: Document) -> None:
        """Let the engine load and prepare now, so that the first drag is as quick as the next."""
        assert isinstance(document, PoseDocument)
        if not document.reading.found:
            return
        wanted = document.wanted
        if document.picture is None:
            document.adopt(Picture(document.reading.photo.pixels))  # no edit: the photo itself
            x, y = wanted.pose["left_shoulder"] or (0.0, 0.0)
            wanted = wanted._replace(pose=wanted.pose.moved(left_shoulder=(x + 1e-3, y)))
        longest = self._seen(Quality.preview)
        self.warming = document.request_for(wanted, Quality.preview, longest)
        self._post(self.warming)

    def read_person(self, path: Path, taken: Callable[[Reading], None]) -> None:
        """Read another photo for its person's look; `taken` is called if somebody is in it."""
        self.busy.emit(self.tr("Reading {0}…").format(path.name))
        self._post(_ReadPerson(path, taken))

    def find_people(self) -> None:
        """Look for everybody in the photo, when there is nothing to paint."""
        if self._posed is not None:
            self._post(ReadEverybody(self._posed.reading.photo))

    def film(self, poses: Sequence[Pose], path: Path, fps: float) -> None:
        """Paint poses at the photo's own size and write a film, beside everything else."""
        document = self._posed
        if document is not None:
            wanted = document.wanted
            requests = [
                document.request_for(wanted._replace(pose=pose), Quality.full, None)
                for pose in poses
            ]
            self._post(AnimationJob(requests, path, fps))

    def apply_to(self, folder: Path, out: Path) -> None:
        """Do the same edit on every photo of a folder, beside everything else."""
        document = self._posed
        if document is not None:
            request = document.request_for(document.wanted, Quality.full, None)
            self._post(BatchJob(folder, out, Edit(request)))

    def _answered(self, message: Message) -> None:
        match message:
            case Read(request=_ReadPerson() as job, reading=reading):
                self._take_person(job, reading)
            case Read(request=ReadEverybody(), people=people):
                self.people.emit(people)
            case Batched(outcomes=outcomes):
                self.busy.emit("")
                self.batched.emit(outcomes)
            case _:
                super()._answered(message)

    def _take_person(self, job: _ReadPerson, reading: Reading) -> None:
        self.busy.emit("")
        if reading.found:
            job.taken(reading)
        else:
            text = self.tr("No person was found in that photo, so the look stays as it is.")
            self.failed.emit(text)
