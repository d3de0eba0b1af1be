"""A label map that is being painted as a scene."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoCommand

from engine.appearance import Appearance, PerObject
from engine.photo import Photo
from engine.picture import Picture
from engine.request import Quality, Request, Scene
from engine.shapes.label_edit import LabelEdit
from engine.shapes.labels import LabelMap
from studio.document import Document, Origin
from studio.editors.scene.looks import fitting
from studio.undo import Change

SIZE = (1024, 512)
"""(width, height) of a new map in pixels."""
FIRST_LOOK = PerObject()
"""What a new scene is painted with: a thrown look for everything."""


class SceneWanted(NamedTuple):
    """What the artist decides.

    Attributes:
        scene: labels and objects.
        model: id of the painter.
        look: the look; None = thrown for everything.
    """

    scene: LabelMap
    model: str
    look: Appearance | None = None


class SceneDocument(Document):
    """A label map, and what is wanted of its picture.

    Attributes:
        selected: id of the selected object; None = none.
        reference: a photo under the labels, seen by the artist only.

    Signals:
        reference_changed: another photo.
    """

    EDITOR = "scene"

    reference_changed = Signal()

    def __init__(self, scene: LabelMap, origin: Origin, model: str) -> None:
        super().__init__(origin, SceneWanted(scene, model))
        self.selected: int | None = None
        self.reference: Photo | None = None

    # What is asked for

    @property
    def wanted(self) -> SceneWanted:
        """What is asked for now."""
        assert isinstance(self._now, SceneWanted)
        return self._now

    @property
    def scene(self) -> LabelMap:
        """Labels and objects."""
        return self.wanted.scene

    @property
    def size(self) -> tuple[int, int]:
        return self.scene.size

    @property
    def worth_painting(self) -> bool:
        return not self.scene.is_empty

    @property
    def untouched(self) -> bool:
        return self.scene.is_empty

    def _tell(self, before: SceneWanted, after: SceneWanted) -> None:
        if after.scene != before.scene:
            if after.scene.is_empty:
                self.adopt(coloured(after.scene))  # nothing is painted of an empty map
            self.shape_changed.emit()
            if self.selected is not None and self.selected not in after.scene.instances:
                self.select(None)
        if after[1:] != before[1:]:
            self.look_changed.emit()

    def preview(self, scene: LabelMap) -> None:
        """Show a map that a gesture in progress asks for."""
        self._preview(self.wanted._replace(scene=scene))

    def change(self, scene: LabelMap, text: str, merge: str = "") -> None:
        """One complete edit of the map. Equal `merge` names in a row make one step."""
        self.abort()
        self._push(self.wanted._replace(scene=scene), text, merge)

    def change_all(self, scene: LabelMap, look: Appearance | None, text: str) -> None:
        """Another map with the looks that go along, as when an object is copied; one step."""
        self.abort()
        self._push(self.wanted._replace(scene=scene, look=look), text)

    def _step(self, before: SceneWanted, after: SceneWanted, text: str, merge: str) -> QUndoCommand:
        if after.scene is not before.scene:
            after = after._replace(look=fitting(after.look, after.scene))
        if before.scene.size != after.scene.size:
            return Change(self, before, after, text, merge)
        return _SceneChange(self, before, after, text, merge)

    def select(self, thing: int | None) -> None:
        """Select an object by its id."""
        if thing != self.selected:
            self.selected = thing
            self.selection_changed.emit()

    def put_reference(self, photo: Photo | None) -> None:
        """A photo under the labels, or none."""
        self.reference = photo
        self.reference_changed.emit()

    def weight(self, wanted: SceneWanted) -> int:
        return super().weight(wanted) + wanted.scene.labels.nbytes + wanted.scene.objects.nbytes

    # Pictures

    @property
    def pictured(self) -> Picture:
        return self.picture or coloured(self.scene)

    def request_for(self, wanted: SceneWanted, quality: Quality, longest: int | None) -> Request:
        """This map as somebody may want it."""
        look = wanted.look or FIRST_LOOK
        return Request(
            wanted.model,
            wanted.scene,
            look,
            longest=longest,
            quality=quality,
            scene=Scene.white,
        )


def coloured(scene: LabelMap) -> Picture:
    """The map in the colours of its labels."""
    return Picture(scene.label_set.colours[scene.labels])


_MERGE_ID = 3


class _SceneChange(QUndoCommand):
    """What is wanted before and after, the map as the pixels that changed."""

    def __init__(
        self,
        document: SceneDocument,
        before: SceneWanted,
        after: SceneWanted,
        text: str,
        merge: str = "",
    ) -> None:
        super().__init__(text)
        self._document, self._merge = document, merge
        self._edits = [LabelEdit.between(before.scene, after.scene)]
        self._before, self._after = before[1:], after[1:]
        self._done: SceneWanted | None = after  # what there is when Qt does the step at first

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(edit.nbytes for edit in self._edits if edit is not None)

    def undo(self) -> None:
        scene = self._document.scene
        for edit in reversed(self._edits):
            scene = scene if edit is None else edit.undone(scene)
        self._document.show(SceneWanted(scene, *self._before))

    def redo(self) -> None:
        done, self._done = self._done, None
        self._document.show(done or SceneWanted(self._redone(), *self._after))

    def _redone(self) -> LabelMap:
        scene = self._document.scene
        for edit in self._edits:
            scene = scene if edit is None else edit.redone(scene)
        return scene

    def id(self) -> int:
        return _MERGE_ID if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _SceneChange) or other._merge != self._merge:
            return False
        self._edits += other._edits
        self._after = other._after
        return True
