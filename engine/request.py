"""Everything that a picture depends on, and the answers to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from engine.appearance import Appearance, FromPhoto
from engine.drawing_jobs import Drawn
from engine.finishing import PLAIN, Finish
from engine.look_jobs import DirectionsFound, LookFound, TracksFound
from engine.perception.base import Reading
from engine.picture import Picture
from engine.scene_jobs import SceneRead
from engine.shapes.pose import Pose
from engine.shapes.shape import Shape, as_pose

if TYPE_CHECKING:
    from engine.batch import Outcome
    from engine.drawing_jobs import Drawn


class Quality(Enum):
    """How much care a picture gets."""

    preview = "preview"
    """While the hand moves: painted and composited at view resolution."""
    full = "full"
    """When the hand rests, and for export: composited at the photo's own resolution."""


class Scene(Enum):
    """What stands around the painted subject."""

    photo = "photo"
    """The source photo, its hole filled in."""
    cutout = "cutout"
    """Nothing: transparent."""
    white = "white"
    """White."""


@dataclass(frozen=True)
class Request:
    """Same request on the same device and dtype = same bytes.

    Attributes:
        model: id of the model, as in `guise models list`.
        weights: the hash of its weights; empty = whatever is loaded under that id.
        shape: the shape asked for, on the canvas of the photo in `stands_in`.
        appearance: where the look comes from.
        place: the photo, and the person in it, whose place is taken; None = the appearance's own.
        longest: longest side of the picture in pixels; None = the photo's own size.
        quality: preview or full.
        scene: what stands around the subject.
        finish: the last touch on the painted subject; a photo that is not edited gets none.
    """

    model: str
    shape: Shape
    appearance: Appearance
    weights: str = ""
    longest: int | None = None
    quality: Quality = Quality.full
    scene: Scene = Scene.photo
    place: FromPhoto | None = None
    finish: Finish = PLAIN

    @property
    def pose(self) -> Pose:
        """The shape, if it is a person's. Raises Unsupported."""
        return as_pose(self.shape)

    @property
    def stands_in(self) -> FromPhoto | None:
        """The photo in which the subject stands; None = nowhere: a cut-out on its own canvas."""
        if self.place is not None:
            return self.place
        return self.appearance if isinstance(self.appearance, FromPhoto) else None


class FailureKind(Enum):
    """Why a picture could not be painted."""

    input = "input"
    model = "model"
    memory = "memory"
    internal = "internal"


@dataclass(frozen=True)
class Progress:
    """A long request is under way; `fraction` in 0..1."""

    request: object
    fraction: float
    text: str


@dataclass(frozen=True)
class Painted:
    """The answer.

    Attributes:
        picture: RGBA for Scene.cutout, otherwise RGB.
        seconds: wall time of prepare (if it was not cached) and paint.
        degraded: empty, or one sentence saying how the picture is less than what was asked for
            (smaller, or on the CPU after running out of memory). Never cached, never exported
            without saying so.
    """

    request: Request
    picture: Picture
    seconds: float
    degraded: str = ""


@dataclass(frozen=True)
class Read:
    """A photo was opened and read.

    Attributes:
        reading: the most prominent person.
        people: everybody, that person first, if they were asked for.
    """

    request: object
    reading: Reading
    people: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Saved:
    """A picture was painted with full care and written to a file; `degraded` as in Painted."""

    request: object
    path: Path
    degraded: str = ""


@dataclass(frozen=True)
class Batched:
    """An edit was done on a folder of photos; what became of each."""

    request: object
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Status:
    """How the session stands; sent once it is ready and when it has changed.

    Attributes:
        request: None, unless it answers one.
        text: device and precision, for the status bar, e.g. "CPU bf16".
        memory: bytes held by models and caches.
        loaded: bytes of each model that is held, by its id.
    """

    request: object
    text: str
    memory: int
    loaded: Mapping[str, int]


@dataclass(frozen=True)
class Cancelled:
    """The request was overtaken or called off."""

    request: object


@dataclass(frozen=True)
class Failed:
    """The request could not be answered; nothing else changed."""

    request: object
    kind: FailureKind
    message: str
    advice: str


Message = (
    Progress
    | Painted
    | Read
    | Drawn
    | SceneRead
    | LookFound
    | DirectionsFound
    | TracksFound
    | Saved
    | Batched
    | Status
    | Cancelled
    | Failed
)
