"""What the worker is asked about looks that are numbers, and its answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.appearance import FromPhoto, Vector
from engine.painters.base import Stop
from engine.shapes.sketch import Sketch
from engine.vectors import Directions, within_reach

if TYPE_CHECKING:
    from engine.sketch_looks import Trying


@dataclass(frozen=True)
class ReadLook:
    """Open a photo and read its look; answered by LookFound."""

    model: str
    path: Path


@dataclass(frozen=True)
class FindColour:
    """The look that gives a sketch's item a colour; answered by LookFound.

    Attributes:
        now: the present look.
        colour: sRGB, 0..255 each.
        held: numbers of the look that stay as they are.
    """

    model: str
    sketch: Sketch
    now: Vector
    colour: tuple[int, int, int]
    held: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FindDirections:
    """What a look's numbers do on a sketch; answered by DirectionsFound.

    Attributes:
        count: how many numbers the model's looks have.
    """

    model: str
    sketch: Sketch
    count: int


@dataclass(frozen=True)
class FindTracks:
    """Which colours a sketch's item has along some numbers; answered by TracksFound.

    Attributes:
        now: the look; the other numbers stay as they are in it.
    """

    model: str
    sketch: Sketch
    now: Vector
    numbers: tuple[int, ...]


LookJob = ReadLook | FindColour | FindDirections | FindTracks


@dataclass(frozen=True)
class LookFound:
    """A look as numbers."""

    request: object
    look: Vector


@dataclass(frozen=True)
class DirectionsFound:
    """What the numbers of a look do."""

    request: object
    directions: Directions


@dataclass(frozen=True)
class TracksFound:
    """Colours, sRGB 0..255, by number: from one end of its slider to the other."""

    request: object
    colours: dict[int, tuple[tuple[int, int, int], ...]]


def found(session: Trying, job: LookJob, stop: Stop) -> LookFound | DirectionsFound | TracksFound:
    """Do one of these jobs. Raises GuiseError, Stopped."""
    from engine.sketch_looks import Trial, coloured, directions, tracks

    match job:
        case ReadLook(model, path):
            from engine.photo_files import open_photo

            look = session.vector(model, FromPhoto(open_photo(path)))
            return LookFound(job, within_reach(look))
        case FindColour(model, sketch, now, colour, held):
            return LookFound(job, coloured(Trial(session, model, sketch, stop), now, colour, held))
        case FindDirections(model, sketch, count):
            return DirectionsFound(job, directions(Trial(session, model, sketch, stop), count))
        case FindTracks(model, sketch, now, numbers):
            return TracksFound(job, tracks(Trial(session, model, sketch, stop), now, numbers))
