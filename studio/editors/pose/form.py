"""Reposed photos as plain state and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
from msgspec import Meta

from engine.animation import Course, Key
from engine.errors import InputError
from engine.finishing import PLAIN, Finish
from engine.look_files import look_from
from engine.perception.base import Reading
from engine.request import Scene
from engine.shape_files import pose_from
from engine.shapes.pose import JOINTS
from engine.shapes.pose_files import to_openpose
from studio.clip import EMPTY, FPS, Clip
from studio.document import Origin
from studio.editors.pose.document import PoseDocument, PoseWanted
from studio.forms import DocumentForm, EditorForm, shared, shared_from
from studio.members import Digest, Members, Source
from studio.panels.strip_keys import KeyPoses
from studio.project_state import ProjectState

_Share = Annotated[float, Meta(ge=0, le=1)]
_Joint = Annotated[int, Meta(ge=0, lt=len(JOINTS))]


@dataclass(frozen=True, kw_only=True)
class PoseState(ProjectState):
    """A reposed photo.

    Attributes:
        reading: the photo, and where its person is.
        wanted: all inputs of the picture asked for; seeds are part of its look.
        fitting: whether the skeleton on the photo is edited.
        selected: indices of the selected joints.
        locked: indices of joints that cannot be moved.
        people: everybody in the photo, if several were found.
        clip: its animation.
    """

    EDITOR: ClassVar[str] = "pose"

    reading: Reading
    wanted: PoseWanted
    fitting: bool = False
    selected: frozenset[int] = frozenset()
    locked: frozenset[int] = frozenset()
    people: tuple[Reading, ...] = ()
    clip: Clip = EMPTY


class ReadingForm(msgspec.Struct):
    """Where a person is in a photo."""

    photo: Digest
    pose: Any
    mask: Digest
    confidence: Annotated[list[_Share], Meta(min_length=len(JOINTS), max_length=len(JOINTS))]
    found: bool


class WantedForm(msgspec.Struct):
    """All inputs of a picture."""

    source: Any
    pose: Any
    model: str
    look: Any = None
    mask: Digest | None = None
    finish: Finish = PLAIN
    scene: Scene = Scene.photo


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


class PoseDocumentForm(DocumentForm, kw_only=True):
    """What the pose editor edits."""

    reading: ReadingForm
    wanted: WantedForm
    fitting: bool = False
    selected: list[_Joint] = msgspec.field(default_factory=list)
    locked: list[_Joint] = msgspec.field(default_factory=list)
    people: list[ReadingForm] = msgspec.field(default_factory=list)
    clip: ClipForm = msgspec.field(default_factory=ClipForm)


class PoseForm(EditorForm):
    """See :class:`EditorForm`."""

    def told(self, state: PoseState, members: Members) -> PoseDocumentForm:
        return PoseDocumentForm(
            reading=_told_reading(state.reading, members),
            fitting=state.fitting,
            selected=sorted(state.selected),
            locked=sorted(state.locked),
            people=[_told_reading(each, members) for each in state.people],
            clip=_told_clip(state.clip),
            **shared(self, state, members),
        )

    def read(self, form: Any, source: Source) -> dict[str, Any]:
        form = msgspec.convert(form, PoseDocumentForm)
        reading = _reading(form.reading, source)
        size = reading.photo.size
        return {
            "reading": reading,
            "fitting": form.fitting,
            "selected": frozenset(form.selected),
            "locked": frozenset(form.locked),
            "people": tuple(_reading(each, source) for each in form.people),
            "clip": _clip(form.clip, size),
            **shared_from(form, lambda wanted: wanted_from(wanted, size, source), source),
        }

    def state(self, **fields: Any) -> PoseState:
        return PoseState(**fields)

    def told_wanted(self, wanted: PoseWanted, members: Members) -> WantedForm:
        look = None if wanted.look is None else members.look(wanted.look)
        mask = None if wanted.mask is None else members.mask(wanted.mask)
        poses = to_openpose(wanted.source), to_openpose(wanted.pose)
        return WantedForm(*poses, wanted.model, look, mask, wanted.finish, wanted.scene)

    def captured(self, document: PoseDocument) -> PoseState:
        return PoseState(
            name=document.origin.name,
            reading=document.reading,
            wanted=document.wanted,
            fitting=document.fitting,
            selected=document.selected,
            locked=document.locked,
            clip=KeyPoses.of(document).values(),
        )

    def document(self, state: PoseState, origin: Origin) -> PoseDocument:
        document = PoseDocument(state.reading, origin, state.wanted.pose)
        document.show(state.wanted)
        document.set_fitting(state.fitting)
        document.select(state.selected)
        document.lock(state.locked)
        KeyPoses.of(document).restore(state.clip)
        return document

    def marks(self, document: PoseDocument) -> dict[str, Any]:
        return {
            "fitting": document.fitting,
            "selected": sorted(document.selected),
            "locked": sorted(document.locked),
        }

    def signals(self, document: PoseDocument) -> tuple[Any, ...]:
        return document.selection_changed, document.locks_changed

    def extras(self, document: PoseDocument) -> Clip:
        return KeyPoses.of(document).values()

    def extras_in(self, state: PoseState) -> Clip:
        return state.clip

    def extra_signals(self, document: PoseDocument) -> tuple[Any, ...]:
        return (KeyPoses.of(document).modelReset,)


FORM = PoseForm()


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


def wanted_from(value: Any, size: tuple[int, int], source: Source) -> PoseWanted:
    """What is wanted of a photo of this size. InputError if a pose or mask does not fit it."""
    form = msgspec.convert(value, WantedForm)
    poses = pose_from(form.source), pose_from(form.pose)
    mask = None if form.mask is None else source.rasters.mask(form.mask)
    if any(part is not None and part.size != size for part in (*poses, mask)):
        raise InputError("it has a pose or a mask that is for another canvas than its photo's.")
    look = None if form.look is None else look_from(form.look, source.rasters)
    return PoseWanted(*poses, form.model, look, mask, form.finish, form.scene)


def _clip(form: ClipForm, size: tuple[int, int]) -> Clip:
    keys = tuple(Key(pose_from(key.pose), key.hold, key.move) for key in form.keys)
    if any(key.pose.size != size for key in keys):
        raise InputError("it has a key pose that is for another canvas than its photo's.")
    return Clip(keys, form.fps, form.course)


def _reading(form: ReadingForm, source: Source) -> Reading:
    photo, mask = source.rasters.photo(form.photo), source.rasters.mask(form.mask)
    pose = pose_from(form.pose)
    if not photo.size == mask.size == pose.size:
        raise InputError("its photo, mask and skeleton have different sizes.")
    return Reading(photo, pose, mask, tuple(form.confidence), form.found)
