"""Files that become drawings: lines as they were drawn, or as a photo shows them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.painters.base import Stop
from engine.photo import Photo
from engine.shapes.sketch import Sketch


class Tracing(Protocol):
    """What is asked of a session."""

    def sketch_of(self, photo: Photo, stop: Stop) -> Sketch: ...


@dataclass(frozen=True)
class ReadDrawing:
    """Open a drawing, or draw the lines of a photo; answered by Drawn."""

    path: Path


@dataclass(frozen=True)
class Drawn:
    """A drawing.

    Attributes:
        photo: what was drawn after; None = it was a drawing already.
    """

    request: object
    sketch: Sketch
    photo: Photo | None = None


def drawn(session: Tracing, job: ReadDrawing, stop: Stop) -> Drawn:
    """Do the job. Raises GuiseError, Stopped."""
    from engine.photo_files import open_photo
    from engine.shapes.sketch_files import NotADrawing, open_sketch

    try:
        return Drawn(job, open_sketch(job.path))
    except NotADrawing:
        photo = open_photo(job.path)
        return Drawn(job, session.sketch_of(photo, stop), photo)
