"""Painted scenes as plain state and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from engine.errors import InputError
from engine.look_files import look_from
from engine.photo import Photo
from engine.shape_files import shape_from
from engine.shapes.labels import LabelMap
from studio.document import Origin
from studio.editors.scene.document import SceneDocument, SceneWanted
from studio.forms import DocumentForm, EditorForm, shared, shared_from
from studio.members import Digest, Members, Source
from studio.project_state import ProjectState


@dataclass(frozen=True, kw_only=True)
class SceneState(ProjectState):
    """A scene.

    Attributes:
        wanted: all inputs of the picture asked for.
        selected: id of the selected object; None = none.
        reference: the photo under the labels.
    """

    EDITOR: ClassVar[str] = "scene"

    wanted: SceneWanted
    selected: int | None = None
    reference: Photo | None = None


class WantedForm(msgspec.Struct):
    """All inputs of a picture."""

    scene: Any
    model: str
    look: Any = None


class SceneDocumentForm(DocumentForm, kw_only=True):
    """What the scene editor edits."""

    wanted: WantedForm
    selected: Annotated[int, Meta(ge=1)] | None = None
    reference: Digest | None = None


class SceneForm(EditorForm):
    """See :class:`EditorForm`."""

    def told(self, state: SceneState, members: Members) -> SceneDocumentForm:
        return SceneDocumentForm(
            selected=state.selected,
            reference=None if state.reference is None else members.photo(state.reference),
            **shared(self, state, members),
        )

    def read(self, form: Any, source: Source) -> dict[str, Any]:
        form = msgspec.convert(form, SceneDocumentForm)
        photo = None if form.reference is None else source.rasters.photo(form.reference)
        return {
            "selected": form.selected,
            "reference": photo,
            **shared_from(form, lambda wanted: _wanted(wanted, source), source),
        }

    def state(self, **fields: Any) -> SceneState:
        return SceneState(**fields)

    def told_wanted(self, wanted: SceneWanted, members: Members) -> WantedForm:
        look = None if wanted.look is None else members.look(wanted.look)
        return WantedForm(members.shape(wanted.scene), wanted.model, look)

    def captured(self, document: SceneDocument) -> SceneState:
        return SceneState(
            name=document.origin.name,
            wanted=document.wanted,
            selected=document.selected,
            reference=document.reference,
        )

    def document(self, state: SceneState, origin: Origin) -> SceneDocument:
        document = SceneDocument(state.wanted.scene, origin, state.wanted.model)
        document.show(state.wanted)
        if state.selected in state.wanted.scene.instances:
            document.select(state.selected)
        document.put_reference(state.reference)
        return document

    def marks(self, document: SceneDocument) -> dict[str, Any]:
        return {"selected": document.selected}

    def extras(self, document: SceneDocument) -> Photo | None:
        return document.reference

    def extras_in(self, state: SceneState) -> Photo | None:
        return state.reference

    def extra_signals(self, document: SceneDocument) -> tuple[Any, ...]:
        return (document.reference_changed,)


FORM = SceneForm()


def _wanted(value: Any, source: Source) -> SceneWanted:
    form = msgspec.convert(value, WantedForm)
    scene = shape_from(form.scene, source.rasters)
    if not isinstance(scene, LabelMap):
        raise InputError("it has something else where its label map should be.")
    look = None if form.look is None else look_from(form.look, source.rasters)
    return SceneWanted(scene, form.model, look)
