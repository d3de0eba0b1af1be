"""Everything that one document is, as plain immutable data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.appearance import Appearance
from studio.entries import Entry


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


@dataclass(frozen=True, kw_only=True)
class ProjectState:
    """One document; each editor adds what it edits.

    Attributes:
        name: for people, without suffix.
        wanted: all inputs of the picture asked for.
        painter: what is known of the painter.
        history: finished pictures, newest first.
        favourites: named looks that the document uses.
        view: how it was looked at.
        thumbnail: the last picture, small, as a PNG file; may be empty.
    """

    EDITOR: ClassVar[str] = ""

    name: str
    wanted: Any
    painter: PainterNote | None = None
    history: tuple[Entry, ...] = ()
    favourites: tuple[NamedLook, ...] = ()
    view: View = View()
    thumbnail: bytes = b""
