"""What the commands share that paint shapes on canvases of their own: sketches, label maps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from engine.appearance import Appearance
from engine.batch import Item, items_in
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.exports import ExportJob, export
from engine.painters.base import Stop
from engine.registry import architecture
from engine.request import Request, Saved
from engine.session import Session
from engine.shapes.labels import LabelMap
from engine.shapes.sketch import Sketch
from engine.sketch_exports import SheetJob

S = TypeVar("S", Sketch, LabelMap)
S_contra = TypeVar("S_contra", Sketch, LabelMap, contravariant=True)

_CELL = (32, 1024)


class CanvasOptions(Protocol):
    """What every such command may be asked for."""

    @property
    def out(self) -> Path | None: ...
    @property
    def sheet(self) -> bool: ...
    @property
    def longest(self) -> int | None: ...
    @property
    def cell(self) -> int: ...
    @property
    def resume(self) -> bool: ...


class CanvasLooks(Protocol[S_contra]):
    """The looks that were chosen."""

    names: list[str]
    """What each is called in file names."""
    sources: dict[str, str]
    """Digest -> file name of the photos."""

    def of(self, shape: S_contra, number: int, /) -> Appearance:
        """A look for a shape. Raises GuiseError."""
        ...

    def told(self) -> Sequence[Appearance]:
        """All of them, whatever the shape."""
        ...


@dataclass(frozen=True)
class CanvasTask(ABC, Generic[S]):
    """The options of a command with what they name opened."""

    noun: ClassVar[str]
    plural: ClassVar[str]
    """What is painted, in words."""
    session: Session
    card: Card
    options: CanvasOptions
    looks: CanvasLooks[S]

    @property
    @abstractmethod
    def sources(self) -> tuple[Path, ...]:
        """Files and folders."""

    @abstractmethod
    def ends(self) -> Collection[str]:
        """Of the names of files that are taken from folders, in lower case."""

    @abstractmethod
    def opened(self, path: Path) -> S:
        """The shape of a file. Raises GuiseError."""

    @abstractmethod
    def request(self, shape: S, look: Appearance, /) -> Request:
        """One picture."""

    @abstractmethod
    def seal(self) -> tuple[Any, ...]:
        """What the pictures depend on besides shapes, looks, sizes and the model; JSON-able."""

    def found(self, folder: Path, inside: Path) -> list[Item]:
        """The files of a folder and where their pictures go."""
        return items_in(folder, inside, ".png", self.ends())

    def save(self, shape: S, number: int, path: Path, stop: Stop) -> Saved:
        """Paint a shape with one of the looks and write it."""
        request = self.request(shape, self.looks.of(shape, number))
        return export(self.session, ExportJob(request, path, self.looks.sources), stop)

    def sheet(self, shape: S, path: Path) -> SheetJob:
        """All looks of a shape."""
        numbers = range(len(self.looks.names))
        requests = [self.request(shape, self.looks.of(shape, n)) for n in numbers]
        return SheetJob(requests, path, self.options.cell)


def painter_of(session: Session, model: str, shape: str, plural: str) -> Card:
    """The card of a model that paints such shapes.

    Args:
        shape: kind of shape, as on cards.
        plural: such shapes in words.

    Raises:
        InputError: there is no such model, or it paints something else.
    """
    fit = {c.id: c for c in session.models() if c.shape == shape and _paints(c)}
    if model in fit:
        return fit[model]
    known = ", ".join(fit) or "none"
    if any(card.id == model for card in session.models()):
        raise InputError(f"The model {model!r} does not paint {plural}; use one of {known}.")
    raise InputError(f"There is no model {model!r}; {plural} are painted by {known}.")


def _paints(card: Card) -> bool:
    try:
        return architecture(card).kind == "painter"
    except ModelError:  # of a later version
        return False


def check(options: CanvasOptions, sources: Sequence[Path], noun: str, plural: str) -> None:
    """What can be checked before anything is opened. Raises InputError."""
    if not sources:
        raise InputError(f"Name a {noun}, or a folder of {plural}.")
    if options.longest is not None and not 32 <= options.longest <= 12_000:
        raise InputError("--longest must lie between 32 and 12000 px.")
    if not _CELL[0] <= options.cell <= _CELL[1]:
        raise InputError("--cell must lie between {} and {} px.".format(*_CELL))
    for path in sources:
        if not path.exists():
            raise InputError(f"There is no file {path}.")
