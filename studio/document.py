"""What is being edited: plain data over immutable shapes, with signals when it changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, Self

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.appearance import Appearance, FromPhoto, within
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.request import Painted, Quality, Request
from studio.undo import Change


class PictureState(Enum):
    """How the picture stands to what was asked for."""

    empty = "empty"
    current = "up to date"
    painting = "painting"
    stale = "stale"
    failed = "failed"


@dataclass(frozen=True)
class Origin:
    """Where a document came from."""

    name: str
    path: Path | None = None


class Wanted(Protocol):
    """What the artist decides: a NamedTuple of each editor's own, with at least these fields."""

    @property
    def model(self) -> str:
        """Id of the painter."""
        ...

    @property
    def look(self) -> Appearance | None:
        """The look; None = the painter's or the photo's own."""
        ...

    def _replace(self, **changed: Any) -> Self: ...


class Document(QObject):
    """What is wanted, the last good picture, and the undo history; one class an editor.

    Attributes:
        EDITOR: name of the editor, as in project files.
        picture: the last good one; None = there was none.
        state: how it stands to what is wanted.
        failure: why there is no newer picture, or how it is less than asked for.
        seconds: how long painting took.

    Signals:
        shape_changed: the shape is another one (also while a gesture lasts).
        look_changed: the look, the painter or another input is another one.
        picture_changed: picture or its state is another one.
        selection_changed: other parts of the shape are selected.
    """

    EDITOR = ""

    shape_changed = Signal()
    look_changed = Signal()
    picture_changed = Signal()
    selection_changed = Signal()

    def __init__(self, origin: Origin, wanted: Wanted) -> None:
        super().__init__()
        self.origin = origin
        self.picture: Picture | None = None
        self.state = PictureState.empty
        self.failure = ""
        self.seconds = 0.0
        self.undo = QUndoStack(self)
        self._now = wanted
        self._wanted: Request | None = None
        self._before: Wanted | None = None

    # What is asked for

    @property
    def wanted(self) -> Any:
        """What is asked for now, in the editor's own form."""
        return self._now

    @property
    def model(self) -> str:
        """Id of the painter."""
        return self._now.model

    @property
    def look(self) -> Appearance | None:
        """The look asked for; None = the photo's or the painter's own."""
        return self._now.look

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the canvas in pixels."""
        raise NotImplementedError

    @property
    def focus(self) -> QRect:
        """The part of the canvas that small pictures show."""
        return QRect(0, 0, *self.size)

    @property
    def worth_painting(self) -> bool:
        """Whether there is anything that a painter could paint."""
        return True

    @property
    def untouched(self) -> bool:
        """Whether the picture is known without painting."""
        return False

    def show(self, wanted: Any) -> None:
        """Ask for something else without touching the history."""
        before, self._now = self._now, wanted
        self._tell(before, wanted)

    def _tell(self, before: Any, after: Any) -> None:
        """Send the signals of what differs."""
        raise NotImplementedError

    def _preview(self, wanted: Any) -> None:
        if self._before is None:
            self._before = self._now
        self.show(wanted)

    def commit(self, text: str) -> None:
        """End the gesture: one step of the history, if it changed anything."""
        before, self._before = self._before, None
        if before is not None and before != self._now:
            self.undo.push(self._step(before, self._now, text, ""))

    def abort(self) -> bool:
        """Take the gesture back; False if there was none."""
        before, self._before = self._before, None
        if before is None:
            return False
        self.show(before)
        return True

    def change_look(self, look: Appearance | None, text: str, merge: str = "") -> None:
        """Another look. Equal `merge` names in a row make one step.

        Like all edits it takes a gesture in progress back first.
        """
        self.abort()
        self._push(self._now._replace(look=look), text, merge)

    def change_painter(self, model: str, look: Appearance | None, text: str) -> None:
        """Another painter, with a look that it can take."""
        self.abort()
        self._push(self._now._replace(model=model, look=look), text)

    def use_painter(self, model: str) -> None:
        """Another painter without a step of the history: before anything was done."""
        self.show(self._now._replace(model=model))

    def restore(self, wanted: Any, text: str) -> None:
        """All inputs as they were once, in one step."""
        self.abort()
        self._push(wanted, text)

    def _push(self, after: Any, text: str, merge: str = "") -> None:
        if after != self._now:
            self.undo.push(self._step(self._now, after, text, merge))

    def _step(self, before: Any, after: Any, text: str, merge: str) -> QUndoCommand:
        """A step of the history."""
        return Change(self, before, after, text, merge)

    @property
    def moving(self) -> bool:
        """Whether a gesture is in progress."""
        return self._before is not None

    def rasters_of(self, wanted: Any) -> set[Photo | Mask]:
        """The photos and masks that what is wanted holds, but for the document's own."""
        found: set[Photo | Mask] = set()
        for inner in within(wanted.look) if wanted.look is not None else ():
            if isinstance(inner, FromPhoto):
                found.update({inner.photo} if inner.mask is None else {inner.photo, inner.mask})
        return found

    def source_names(self) -> dict[str, str]:
        """Digest -> file name of the photos that are the document's own."""
        return {}

    def weight(self, wanted: Any) -> int:
        """Bytes that what is wanted holds besides its photos and masks, roughly."""
        return 1024

    # Pictures

    def request_for(self, wanted: Any, quality: Quality, longest: int | None) -> Request:
        """What to ask the engine for, if this is wanted."""
        raise NotImplementedError

    def request(self, quality: Quality, longest: int | None) -> Request:
        """What to paint now, noted as the one that is wanted."""
        self._wanted = self.request_for(self._now, quality, longest)
        self._set_state(PictureState.painting)
        return self._wanted

    @property
    def pictured(self) -> Picture:
        """What stands for the document: its picture, or what there is before one."""
        raise NotImplementedError

    @property
    def finished(self) -> bool:
        """Whether the hand rests and the picture shows what is asked for, with full care."""
        careful = self._wanted is not None and self._wanted.quality is Quality.full
        return careful and self._before is None and self.state is PictureState.current

    def adopt(self, picture: Picture) -> None:
        """A picture known to show what is asked for."""
        self.picture = picture
        self._set_state(PictureState.current)

    def mark_stale(self) -> None:
        """The picture no longer shows what is asked for."""
        self._set_state(PictureState.stale)

    def take(self, painted: Painted) -> None:
        """Show a picture; one that was overtaken is shown too, but stays marked."""
        if not self.worth_painting:
            return  # what it shows was taken away in the meantime
        self.picture = painted.picture
        self.seconds = painted.seconds
        self.failure = painted.degraded
        if painted.request == self._wanted:
            self._set_state(PictureState.current)
        elif self.state is not PictureState.stale:  # nothing newer comes once it was called off
            self._set_state(PictureState.painting)
        else:
            self.picture_changed.emit()

    def fail(self, request: object, message: str) -> None:
        """Keep the last good picture and say why there is no newer one."""
        if request == self._wanted:
            self.failure = message
            self._set_state(PictureState.failed)

    def _set_state(self, state: PictureState) -> None:
        self.state = state
        self.picture_changed.emit()
