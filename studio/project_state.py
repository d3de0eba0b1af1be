"""Everything that one document is, as plain immutable data."""

from __future__ import annotations

from dataclasses import dataclass

from engine.appearance import Appearance
from engine.perception.base import Reading
from studio.clip import EMPTY, Clip
from studio.entries import Entry
from studio.undo import Wanted


@dataclass(frozen=True)
class PainterNote:
    """The painter that a document was made with, for people who do not have it.

    Attributes:
        id, title, terms, commercial: as on its card.
        weights: SHA-256 of its weights; empty = not known.
    """

    id: str
    title: str = ""
    weights: str = ""
    terms: str = ""
    commercial: bool = False


@dataclass(frozen=True)
class NamedLook:
    """A favourite look that the document uses; `thumbnail` is a PNG file or empty."""

    name: str
    look: Appearance
    thumbnail: bytes = b""


@dataclass(frozen=True)
class View:
    """How the document was looked at.

    Attributes:
        name: "side", "single" or "wipe".
        zoom: screen pixels per photo pixel; 0 = fitted to the window.
        centre: photo pixel in the middle of the pane; None = the photo's middle.
    """

    name: str = "side"
    zoom: float = 0.0
    centre: tuple[float, float] | None = None


@dataclass(frozen=True)
class ProjectState:
    """One document.

    Attributes:
        name: for people, without suffix.
        reading: the photo, and where its person is.
        wanted: all inputs of the picture asked for; seeds are part of its look.
        fitting: whether the skeleton on the photo is edited.
        selected: indices of the selected joints.
        locked: indices of joints that cannot be moved.
        people: everybody in the photo, if several were found.
        painter: what is known of the painter.
        history: finished pictures, newest first.
        favourites: named looks that the document uses.
        clip: its animation.
        view: how it was looked at.
        thumbnail: the last picture, small, as a PNG file; may be empty.
        editor: the kind of document.
    """

    name: str
    reading: Reading
    wanted: Wanted
    fitting: bool = False
    selected: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()
    people: tuple[Reading, ...] = ()
    painter: PainterNote | None = None
    history: tuple[Entry, ...] = ()
    favourites: tuple[NamedLook, ...] = ()
    clip: Clip = EMPTY
    view: View = View()
    thumbnail: bytes = b""
    editor: str = "pose"
