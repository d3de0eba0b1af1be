"""Pictures and films on their way to files: what is wanted, and how it is made step by step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Protocol

from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.painters.base import Stop
from engine.perception.base import Reading
from engine.photo import Photo
from engine.picture import Picture
from engine.request import Message, Painted, Progress, Quality, Request, Saved


class Exporting(Protocol):
    """What is asked of a session."""

    def read(self, photo: Photo, stop: Stop) -> Reading: ...
    def paint(self, request: Request, stop: Stop) -> Painted: ...
    def export(self, request: Request, path: Path, stop: Stop) -> Painted: ...
    def background(self, stand: FromPhoto, longest: int | None, stop: Stop) -> Picture: ...
    def digest(self, model: str) -> str: ...


class Steps(Protocol):
    """Long work under way."""

    def step(self, stop: Stop) -> Message:
        """Do a little: Progress while something is left, then the answer.

        A step that raises Stopped has done nothing and may be tried again.
        """
        ...

    def close(self) -> None:
        """Let go of what is unfinished."""
        ...


class LongJob(ABC):
    """Work that gives way to any other job between its steps, and within them."""

    @abstractmethod
    def begin(self, session: Exporting) -> Steps: ...


class Kind(Enum):
    """What is written."""

    png = ".png"
    """The picture, with its recipe."""
    openraster = ".ora"
    """The picture as layers, with its recipe."""
    json = ".json"
    """The recipe alone."""

    @classmethod
    def of(cls, path: Path) -> Kind:
        """By the end of a file's name. InputError: by none."""
        try:
            return cls(path.suffix.lower())
        except ValueError:
            known = ", ".join(kind.value for kind in cls)
            raise InputError(f"{path.name} cannot be exported; name it {known}.") from None


@dataclass(frozen=True)
class ExportJob:
    """Paint with full care and write a file; answered by Saved.

    Attributes:
        path: its end says what is written, see :class:`Kind`.
        names: digest -> file name of the photos, so that a person can find them again.
        embed_sources: whether the source photos go into a PNG or JSON file. OpenRaster always
            has the photo as a layer.
    """

    request: Request
    path: Path
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    embed_sources: bool = False


def export(session: Exporting, job: ExportJob, stop: Stop) -> Saved:
    """Do an export.

    Raises:
        GuiseError, Stopped, MemoryError: as :meth:`Session.paint`, or the file cannot be written.
    """
    request = replace(job.request, quality=Quality.full)
    digest = session.digest(request.model)
    match Kind.of(job.path):
        case Kind.json:
            from engine.request_files import save_recipe

            save_recipe(request, job.path, digest, job.names, job.embed_sources)
            return Saved(job, job.path)
        case Kind.openraster:
            return Saved(job, job.path, _layered(session, request, job, digest, stop))
        case Kind.png:
            from engine.photo_files import save_png

            painted = session.paint(request, stop)
            told = (request, digest, painted.degraded, job.names, job.embed_sources)
            save_png(painted.picture, job.path, *told)
            return Saved(job, job.path, painted.degraded)


def _layered(session: Exporting, request: Request, job: ExportJob, digest: str, stop: Stop) -> str:
    """Writes layers; how they are less than what was asked for."""
    from engine.layers import layers_of
    from engine.openraster import layers_for, save_openraster
    from engine.photo_files import png_bytes

    parts = layers_of(session, request, stop)
    merged = png_bytes(parts.merged, request, digest, parts.degraded, job.names)
    save_openraster(layers_for(parts, request.pose, request.scene), merged, job.path)
    return parts.degraded


@dataclass(frozen=True)
class AnimationJob(LongJob):
    """Paint every frame with full care and write a film; answered by Progress and then Saved.

    Attributes:
        requests: one a frame; neighbours that are equal are painted once.
        path: ends in .gif or .mp4.
        fps: frames a second.
        loop: whether a GIF starts again at its end.
    """

    requests: Sequence[Request]
    path: Path
    fps: float
    loop: bool = True

    def begin(self, session: Exporting) -> Steps:
        return _Filming(self, session)


class _Filming:
    def __init__(self, job: AnimationJob, session: Exporting) -> None:
        from engine.films import opened

        self._job, self._session = job, session
        self._film = opened(job.path, job.fps, job.loop)
        self._next, self._degraded = 0, ""
        self._last: Painted | None = None

    def step(self, stop: Stop) -> Message:
        job = self._job
        if self._next == len(job.requests):
            self._film.finish()
            return Saved(job, job.path, self._degraded)
        request = replace(job.requests[self._next], quality=Quality.full)
        if self._last is None or self._last.request != request:
            self._last = self._session.paint(request, stop)
            self._degraded = self._degraded or self._last.degraded
        self._film.add(self._last.picture)
        self._next += 1
        count = len(job.requests)
        return Progress(job, self._next / count, f"{self._next} / {count}")

    def close(self) -> None:
        self._film.close()
