"""Drawings as plain state and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from engine.errors import InputError
from engine.look_files import look_from
from engine.photo import Photo
from engine.request import Scene
from engine.shape_files import shape_from
from engine.shapes.sketch import Sketch
from studio.document import Origin
from studio.editors.sketch.document import SketchDocument, SketchWanted
from studio.forms import DocumentForm, EditorForm, shared, shared_from
from studio.members import Digest, Members, Source
from studio.project_state import ProjectState


@dataclass(frozen=True)
class Reference:
    """A photo under the drawing; `opacity` in 0..1."""

    photo: Photo | None = None
    opacity: float = 0.5


@dataclass(frozen=True, kw_only=True)
class SketchState(ProjectState):
    """A drawing.

    Attributes:
        wanted: all inputs of the picture asked for.
        selected: numbers of the selected strokes.
        reference: what lies under the drawing.
    """

    EDITOR: ClassVar[str] = "sketch"

    wanted: SketchWanted
    selected: frozenset[int] = frozenset()
    reference: Reference = Reference()


class WantedForm(msgspec.Struct):
    """All inputs of a picture."""

    sketch: Any
    model: str
    look: Any = None
    scene: Scene = Scene.white


class SketchDocumentForm(DocumentForm, kw_only=True):
    """What the sketch editor edits."""

    wanted: WantedForm
    selected: list[Annotated[int, Meta(ge=0)]] = msgspec.field(default_factory=list)
    reference: Digest | None = None
    reference_opacity: Annotated[float, Meta(ge=0, le=1)] = 0.5


class SketchForm(EditorForm):
    """See :class:`EditorForm`."""

    def told(self, state: SketchState, members: Members) -> SketchDocumentForm:
        photo = state.reference.photo
        return SketchDocumentForm(
            selected=sorted(state.selected),
            reference=None if photo is None else members.photo(photo),
            reference_opacity=state.reference.opacity,
            **shared(self, state, members),
        )

    def read(self, form: Any, source: Source) -> dict[str, Any]:
        form = msgspec.convert(form, SketchDocumentForm)
        photo = None if form.reference is None else source.rasters.photo(form.reference)
        return {
            "selected": frozenset(form.selected),
            "reference": Reference(photo, form.reference_opacity),
            **shared_from(form, lambda wanted: _wanted(wanted, source), source),
        }

    def state(self, **fields: Any) -> SketchState:
        return SketchState(**fields)

    def told_wanted(self, wanted: SketchWanted, members: Members) -> WantedForm:
        look = None if wanted.look is None else members.look(wanted.look)
        return WantedForm(members.shape(wanted.sketch), wanted.model, look, wanted.scene)

    def captured(self, document: SketchDocument) -> SketchState:
        return SketchState(
            name=document.origin.name,
            wanted=document.wanted,
            selected=document.selected,
            reference=self.extras(document),
        )

    def document(self, state: SketchState, origin: Origin) -> SketchDocument:
        document = SketchDocument(state.wanted.sketch, origin, state.wanted.model)
        document.show(state.wanted)
        document.select(state.selected & frozenset(range(len(state.wanted.sketch.strokes))))
        document.put_reference(state.reference.photo)
        document.show_reference(state.reference.opacity)
        return document

    def marks(self, document: SketchDocument) -> dict[str, Any]:
        return {"selected": sorted(document.selected)}

    def extras(self, document: SketchDocument) -> Reference:
        return Reference(document.reference, document.reference_opacity)

    def extras_in(self, state: SketchState) -> Reference:
        return state.reference

    def extra_signals(self, document: SketchDocument) -> tuple[Any, ...]:
        return (document.reference_changed,)


FORM = SketchForm()


def _wanted(value: Any, source: Source) -> SketchWanted:
    form = msgspec.convert(value, WantedForm)
    sketch = shape_from(form.sketch, source.rasters)
    if not isinstance(sketch, Sketch):
        raise InputError("it has something else where its drawing should be.")
    look = None if form.look is None else look_from(form.look, source.rasters)
    return SketchWanted(sketch, form.model, look, form.scene)
