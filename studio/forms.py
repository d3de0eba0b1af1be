"""How documents become plain state and JSON: the parts that all editors share."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from engine.look_files import look_from
from studio.document import Document, Origin
from studio.entries import Entry
from studio.members import Digest, Members, Source
from studio.project_state import NamedLook, PainterNote, ProjectState

_MODULES = {
    "pose": "studio.editors.pose.form",
    "sketch": "studio.editors.sketch.form",
    "scene": "studio.editors.scene.form",
}
"""Where each editor's form is; a file may name others."""


class Moment(NamedTuple):
    """What changes from one moment to the next.

    Attributes:
        wanted: what is asked for.
        marks: fields of the document's form that go along with every step.
    """

    wanted: Any
    marks: Mapping[str, Any]


class EntryForm(msgspec.Struct):
    """A picture of the history."""

    wanted: Any
    thumbnail: Digest
    starred: bool
    seconds: Annotated[float, Meta(ge=0)]
    when: Annotated[datetime, Meta(tz=True)]


class NamedLookForm(msgspec.Struct):
    """A favourite."""

    name: str
    look: Any
    thumbnail: Digest | None = None


class DocumentForm(msgspec.Struct, kw_only=True):
    """What is in the form of every document."""

    wanted: Any
    painter: PainterNote | None = None
    history: list[EntryForm] = []
    favourites: list[NamedLookForm] = []


class EditorForm(ABC):
    """An editor's documents as plain state and as JSON."""

    @abstractmethod
    def told(self, state: Any, members: Members) -> DocumentForm:
        """The form of a state, its members noted."""

    @abstractmethod
    def read(self, form: Any, source: Source) -> dict[str, Any]:
        """The form out of JSON as the fields of a state. InputError if a member does not fit."""

    @abstractmethod
    def state(self, **fields: Any) -> ProjectState:
        """A state of these fields."""

    @abstractmethod
    def told_wanted(self, wanted: Any, members: Members) -> Any:
        """What is wanted as JSON-able values, its members noted."""

    @abstractmethod
    def captured(self, document: Any) -> ProjectState:
        """What a document is now; pixels are not copied."""

    @abstractmethod
    def document(self, state: Any, origin: Origin) -> Document:
        """A document that asks for what the state asks for, with nothing to undo."""

    def marks(self, document: Any) -> Mapping[str, Any]:
        """Fields of the form that go along with every step."""
        return {}

    def signals(self, document: Any) -> tuple[Any, ...]:
        """What tells that such marks have changed."""
        return (document.selection_changed,)

    def extras(self, document: Any) -> Any:
        """Work beside what is wanted; changes seldom."""
        return None

    def extras_in(self, state: Any) -> Any:
        """The same of a state."""
        return None

    def extra_signals(self, document: Any) -> tuple[Any, ...]:
        """What tells that such work has changed."""
        return ()


def form_of(editor: str) -> EditorForm | None:
    """The form of an editor's documents; None if this version lacks that editor."""
    module = _MODULES.get(editor)
    return importlib.import_module(module).FORM if module else None


def form_for(document: Document) -> EditorForm:
    """The form of a document."""
    form = form_of(document.EDITOR)
    assert form is not None
    return form


def shared(form: EditorForm, state: ProjectState, members: Members) -> dict[str, Any]:
    """The fields of a document's form that are alike in all editors."""
    return {
        "wanted": form.told_wanted(state.wanted, members),
        "painter": state.painter,
        "history": told_entries(form, state.history, members),
        "favourites": [_told_favourite(each, members) for each in state.favourites],
    }


def shared_from(form: DocumentForm, wanted: Any, source: Source) -> dict[str, Any]:
    """The fields of a state that are alike in all editors.

    Args:
        wanted: makes what is wanted of its form.
    """
    return {
        "wanted": wanted(form.wanted),
        "painter": form.painter,
        "history": tuple(_entry(each, wanted, source) for each in form.history),
        "favourites": tuple(_favourite(each, source) for each in form.favourites),
    }


def told_entries(form: EditorForm, entries: tuple[Entry, ...], members: Members) -> list[EntryForm]:
    """The form of a history, its members noted."""
    return [
        EntryForm(
            form.told_wanted(entry.wanted, members),
            members.thumbnail(entry.thumbnail),
            entry.starred,
            entry.seconds,
            entry.when,
        )
        for entry in entries
    ]


def _told_favourite(favourite: NamedLook, members: Members) -> NamedLookForm:
    thumbnail = members.thumbnail(favourite.thumbnail) if favourite.thumbnail else None
    return NamedLookForm(favourite.name, members.look(favourite.look), thumbnail)


def _entry(form: EntryForm, wanted: Any, source: Source) -> Entry:
    thumbnail = source.thumbnail(form.thumbnail)
    return Entry(wanted(form.wanted), thumbnail, form.starred, form.seconds, form.when)


def _favourite(form: NamedLookForm, source: Source) -> NamedLook:
    thumbnail = source.thumbnail(form.thumbnail) if form.thumbnail else b""
    return NamedLook(form.name, look_from(form.look, source.rasters), thumbnail)
