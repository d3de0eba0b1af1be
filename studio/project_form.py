"""A document's state as JSON; photos, masks and thumbnails are members beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from engine.animation import Course, Key
from engine.appearance import Appearance, FromPhoto, within
from engine.errors import InputError
from engine.finishing import PLAIN, Finish
from engine.look_files import look_from, look_value
from engine.perception.base import Reading
from engine.photo import Mask, Photo
from engine.photo_files import version
from engine.request import Scene
from engine.shape_files import Rasters, pose_from
from engine.shapes.pose import JOINTS
from engine.shapes.pose_files import to_openpose
from studio.clip import FPS, Clip
from studio.entries import Entry
from studio.project_state import NamedLook, PainterNote, ProjectState, View
from studio.undo import Wanted

FORMAT = 1
"""Version of the form that is written; newer ones are refused."""
EDITORS = ("pose",)
"""Kinds of documents that this version edits; a file may hold others."""

_Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
_Share = Annotated[float, Meta(ge=0, le=1)]
_Joint = Annotated[int, Meta(ge=0, lt=len(JOINTS))]


class ReadingForm(msgspec.Struct):
    """Where a person is in a photo."""

    photo: _Digest
    pose: Any
    mask: _Digest
    confidence: Annotated[list[_Share], Meta(min_length=len(JOINTS), max_length=len(JOINTS))]
    found: bool


class WantedForm(msgspec.Struct):
    """All inputs of a picture."""

    source: Any
    pose: Any
    model: str
    look: Any = None
    mask: _Digest | None = None
    finish: Finish = PLAIN
    scene: Scene = Scene.photo


class EntryForm(msgspec.Struct):
    """A picture of the history."""

    wanted: WantedForm
    thumbnail: _Digest
    starred: bool
    seconds: Annotated[float, Meta(ge=0)]
    when: Annotated[datetime, Meta(tz=True)]


class NamedLookForm(msgspec.Struct):
    """A favourite."""

    name: str
    look: Any
    thumbnail: _Digest | None = None


class KeyForm(msgspec.Struct):
    """A key pose."""

    pose: Any
    hold: float
    move: float


class ClipForm(msgspec.Struct):
    """An animation."""

    keys: list[KeyForm] = []
    fps: Annotated[int, Meta(ge=1, le=60)] = FPS
    course: Course = Course.loop


class PoseDocumentForm(msgspec.Struct):
    """What the pose editor edits."""

    reading: ReadingForm
    wanted: WantedForm
    fitting: bool = False
    selected: list[_Joint] = []
    locked: list[_Joint] = []
    people: list[ReadingForm] = []
    painter: PainterNote | None = None
    history: list[EntryForm] = []
    favourites: list[NamedLookForm] = []
    clip: ClipForm = msgspec.field(default_factory=ClipForm)


class ProjectForm(msgspec.Struct, kw_only=True):
    """The whole of `project.json`; `document` is in the form of its editor."""

    format: int = FORMAT
    editor: str
    program: str
    name: str
    thumbnail: _Digest | None = None
    view: View = View()
    document: PoseDocumentForm


class _Head(msgspec.Struct):
    format: int
    editor: str
    program: str = "a newer version"


@dataclass
class Members:
    """What goes beside the JSON, by digest."""

    photos: dict[str, Photo] = field(default_factory=dict)
    masks: dict[str, Mask] = field(default_factory=dict)
    thumbnails: dict[str, bytes] = field(default_factory=dict)

    def photo(self, photo: Photo) -> str:
        """Its digest, noted."""
        self.photos[photo.digest] = photo
        return photo.digest

    def mask(self, mask: Mask) -> str:
        """Its digest, noted."""
        self.masks[mask.digest] = mask
        return mask.digest

    def thumbnail(self, content: bytes) -> str:
        """Its digest, noted."""
        digest = hashlib.sha256(content).hexdigest()
        self.thumbnails[digest] = content
        return digest

    def look(self, look: Appearance) -> dict[str, Any]:
        """Its value; its photos and masks noted."""
        for inner in within(look):
            if isinstance(inner, FromPhoto):
                self.photo(inner.photo)
                if inner.mask is not None:
                    self.mask(inner.mask)
        return look_value(look)


@dataclass(frozen=True)
class Source:
    """Where members come from; each raises InputError if there is none of that digest."""

    rasters: Rasters
    thumbnail: Callable[[str], bytes]


# To JSON


def encode(state: ProjectState, members: Members) -> bytes:
    """The JSON of a state, its members noted. InputError for numbers that JSON cannot hold."""
    try:
        return msgspec.json.encode(told(state, members))
    except OverflowError:
        raise InputError("The look has a seed that is too large to be written.") from None


def told(state: ProjectState, members: Members) -> ProjectForm:
    """The form of a state, its members noted."""
    document = PoseDocumentForm(
        reading=_told_reading(state.reading, members),
        wanted=told_wanted(state.wanted, members),
        fitting=state.fitting,
        selected=sorted(state.selected),
        locked=sorted(state.locked),
        people=[_told_reading(each, members) for each in state.people],
        painter=state.painter,
        history=[told_entry(each, members) for each in state.history],
        favourites=[_told_favourite(each, members) for each in state.favourites],
        clip=_told_clip(state.clip),
    )
    return ProjectForm(
        editor=state.editor,
        program=version(),
        name=state.name,
        thumbnail=members.thumbnail(state.thumbnail) if state.thumbnail else None,
        view=state.view,
        document=document,
    )


def told_wanted(wanted: Wanted, members: Members) -> WantedForm:
    """The form of what is wanted, its members noted."""
    look = None if wanted.look is None else members.look(wanted.look)
    mask = None if wanted.mask is None else members.mask(wanted.mask)
    poses = to_openpose(wanted.source), to_openpose(wanted.pose)
    return WantedForm(*poses, wanted.model, look, mask, wanted.finish, wanted.scene)


def told_entry(entry: Entry, members: Members) -> EntryForm:
    """The form of a picture of the history, its members noted."""
    return EntryForm(
        told_wanted(entry.wanted, members),
        members.thumbnail(entry.thumbnail),
        entry.starred,
        entry.seconds,
        entry.when,
    )


def _told_reading(reading: Reading, members: Members) -> ReadingForm:
    return ReadingForm(
        members.photo(reading.photo),
        to_openpose(reading.pose),
        members.mask(reading.mask),
        np.clip(np.nan_to_num(reading.confidence), 0, 1).tolist(),
        reading.found,
    )


def _told_clip(clip: Clip) -> ClipForm:
    keys = [KeyForm(to_openpose(key.pose), key.hold, key.move) for key in clip.keys]
    return ClipForm(keys, clip.fps, clip.course)


def _told_favourite(favourite: NamedLook, members: Members) -> NamedLookForm:
    thumbnail = members.thumbnail(favourite.thumbnail) if favourite.thumbnail else None
    return NamedLookForm(favourite.name, members.look(favourite.look), thumbnail)


# From JSON


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
    if head.editor not in EDITORS:
        raise InputError(
            f"it is a document of the {head.editor} editor, which this version does not have; "
            "update Guise."
        )


def state_from(form: ProjectForm, source: Source) -> ProjectState:
    """The state that a form tells; InputError if a member lacks or does not fit."""
    document = form.document
    reading = _reading(document.reading, source)
    size = reading.photo.size
    return ProjectState(
        name=form.name,
        reading=reading,
        wanted=wanted_from(document.wanted, size, source),
        fitting=document.fitting,
        selected=frozenset(document.selected),
        locked=frozenset(document.locked),
        people=tuple(_reading(each, source) for each in document.people),
        painter=document.painter,
        history=tuple(_entry(each, size, source) for each in document.history),
        favourites=tuple(_favourite(each, source) for each in document.favourites),
        clip=_clip(document.clip, size),
        view=form.view,
        thumbnail=source.thumbnail(form.thumbnail) if form.thumbnail else b"",
        editor=form.editor,
    )


def wanted_from(form: WantedForm, size: tuple[int, int], source: Source) -> Wanted:
    """What is wanted of a photo of this size."""
    poses = pose_from(form.source), pose_from(form.pose)
    mask = None if form.mask is None else source.rasters.mask(form.mask)
    if any(part is not None and part.size != size for part in (*poses, mask)):
        raise InputError("it has a pose or a mask that is for another canvas than its photo's.")
    look = None if form.look is None else look_from(form.look, source.rasters)
    return Wanted(*poses, form.model, look, mask, form.finish, form.scene)


def _clip(form: ClipForm, size: tuple[int, int]) -> Clip:
    keys = tuple(Key(pose_from(key.pose), key.hold, key.move) for key in form.keys)
    if any(key.pose.size != size for key in keys):
        raise InputError("it has a key pose that is for another canvas than its photo's.")
    return Clip(keys, form.fps, form.course)


def _entry(form: EntryForm, size: tuple[int, int], source: Source) -> Entry:
    return Entry(
        wanted_from(form.wanted, size, source),
        source.thumbnail(form.thumbnail),
        form.starred,
        form.seconds,
        form.when,
    )


def _reading(form: ReadingForm, source: Source) -> Reading:
    photo, mask = source.rasters.photo(form.photo), source.rasters.mask(form.mask)
    pose = pose_from(form.pose)
    if not photo.size == mask.size == pose.size:
        raise InputError("its photo, mask and skeleton have different sizes.")
    return Reading(photo, pose, mask, tuple(form.confidence), form.found)


def _favourite(form: NamedLookForm, source: Source) -> NamedLook:
    thumbnail = source.thumbnail(form.thumbnail) if form.thumbnail else b""
    return NamedLook(form.name, look_from(form.look, source.rasters), thumbnail)
