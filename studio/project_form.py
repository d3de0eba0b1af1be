"""A document's state as JSON; photos, masks and thumbnails are members beside it."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.errors import InputError
from engine.photo_files import version
from studio.forms import EditorForm, form_of
from studio.members import Digest, Members, Source
from studio.project_state import ProjectState, View

FORMAT = 1
"""Version of the form that is written; newer ones are refused."""


class ProjectForm(msgspec.Struct, kw_only=True):
    """The whole of `project.json`; `document` is in the form of its editor."""

    format: int = FORMAT
    editor: str
    program: str
    name: str
    thumbnail: Digest | None = None
    view: View = View()
    document: dict[str, Any]


class _Head(msgspec.Struct):
    format: int
    editor: str
    program: str = "a newer version"


def encode(state: ProjectState, members: Members) -> bytes:
    """The JSON of a state, its members noted. InputError for numbers that JSON cannot hold."""
    try:
        return msgspec.json.encode(told(state, members))
    except OverflowError:
        raise InputError("The look has a seed that is too large to be written.") from None


def told(state: ProjectState, members: Members) -> ProjectForm:
    """The form of a state, its members noted."""
    document = editor_form(state.EDITOR).told(state, members)
    return ProjectForm(
        editor=state.EDITOR,
        program=version(),
        name=state.name,
        thumbnail=members.thumbnail(state.thumbnail) if state.thumbnail else None,
        view=state.view,
        document=msgspec.structs.asdict(document),
    )


def decode(content: bytes) -> ProjectForm:
    """The form in JSON of this or an older version.

    Raises:
        InputError: not such JSON, too new, or made in an editor that this version lacks.
    """
    try:
        _check(msgspec.json.decode(content, type=_Head))
        return msgspec.json.decode(content, type=ProjectForm)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"its description is damaged ({error}).") from None


def _check(head: _Head) -> None:
    if head.format > FORMAT:
        raise InputError(
            f"it was made with Guise {head.program}, whose format {head.format} is newer than "
            f"format {FORMAT}, which this version reads; update Guise."
        )
    if head.format < 1:
        raise InputError(f"its format {head.format} makes no sense.")
    editor_form(head.editor)


def editor_form(editor: str) -> EditorForm:
    """The form of an editor's documents; InputError if this version lacks that editor."""
    form = form_of(editor)
    if form is None:
        raise InputError(
            f"it is a document of the {editor} editor, which this version does not have; "
            "update Guise."
        )
    return form


def state_from(form: ProjectForm, source: Source) -> ProjectState:
    """The state that a form tells; InputError if a member lacks or does not fit."""
    editor = editor_form(form.editor)
    try:
        fields = editor.read(form.document, source)
    except (msgspec.MsgspecError, RecursionError, OverflowError) as error:
        raise InputError(f"its description is damaged ({error}).") from None
    thumbnail = source.thumbnail(form.thumbnail) if form.thumbnail else b""
    return editor.state(name=form.name, view=form.view, thumbnail=thumbnail, **fields)
