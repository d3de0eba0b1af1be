"""Exported pictures opened again: their recipe becomes a document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.appearance import FromPhoto
from engine.errors import GuiseError
from engine.perception.base import Reading
from engine.photo import Mask, Photo
from engine.photo_files import open_photo, read_recipe
from engine.request import Request
from engine.request_files import Recipe, SourcesMissing, restored
from engine.shapes.labels import LabelMap
from engine.shapes.pose import JOINTS, Pose
from engine.shapes.sketch import Sketch
from studio.document import Document
from studio.editors.pose.document import PoseWanted
from studio.editors.pose.form import PoseState
from studio.editors.scene.document import SceneWanted
from studio.editors.scene.form import SceneState
from studio.editors.sketch.document import SketchWanted
from studio.editors.sketch.form import SketchState
from studio.errand import Errands
from studio.project_documents import document_of

_Found = Request | SourcesMissing | None


class Restorer(QObject):
    """Looks for a recipe in a picture, away from the window.

    Signals:
        opened: a document that asks for what the picture shows.
        plain: path of a picture without a recipe: a photo like any other.
        missing: path of a picture, and a SourcesMissing with the photos it was made from.
        failed: a sentence for the person.
    """

    opened = Signal(object)
    plain = Signal(object)
    missing = Signal(object, object)
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._errands = Errands(self)
        self._errands.done.connect(self._take)
        self._errands.failed.connect(self.failed)

    def open(self, path: Path, photos: Sequence[Path] = ()) -> None:
        """Read a PNG; its photos are looked for beside it and among `photos`."""
        self._errands.run(lambda: (path, _found(path, photos)))

    def wait(self) -> None:
        """Until nothing is read; before the window goes away."""
        self._errands.wait()

    def _take(self, outcome: tuple[Path, _Found]) -> None:
        path, found = outcome
        if found is None:
            self.plain.emit(path)
        elif isinstance(found, SourcesMissing):
            self.missing.emit(path, found)
        elif not isinstance(found.shape, Pose):
            self.opened.emit(_of_canvas(found, path))
        elif found.stands_in is None:
            text = self.tr("{0} shows somebody who stands in no photo; there is nothing to open.")
            self.failed.emit(text.format(path.name))
        else:
            self.opened.emit(_document(found, found.stands_in, path))


def _found(path: Path, photos: Sequence[Path]) -> _Found:
    recipe = read_recipe(path)
    if recipe is None:
        return None
    try:
        return restored(recipe, _Photos(recipe, path.parent, photos).find)
    except SourcesMissing as missing:
        return missing


class _Photos:
    """Photos that may be those of a recipe, by their digest."""

    def __init__(self, recipe: Recipe, folder: Path, more: Sequence[Path]) -> None:
        named = [folder / Path(source.name).name for source in recipe.sources if source.name]
        self._photos: dict[str, Photo] = {}
        for path in (*named, *more):
            try:
                photo = open_photo(path)
            except GuiseError:
                continue  # it is told with those that are missing
            self._photos[photo.digest] = photo

    def find(self, digest: str) -> Photo | None:
        """The photo with this digest, if it is one of them."""
        return self._photos.get(digest)


def _document(request: Request, own: FromPhoto, path: Path) -> Document:
    width, height = own.photo.size
    mask = own.mask or Mask(np.zeros((height, width), np.uint8))
    reading = Reading(own.photo, own.pose, mask, (1.0,) * len(JOINTS), own.mask is not None)
    look = None if request.appearance == own else request.appearance
    pictured = (request.model, look, None, request.finish, request.scene)
    wanted = PoseWanted(own.pose, request.pose, *pictured)
    return document_of(PoseState(name=path.stem, reading=reading, wanted=wanted))


def _of_canvas(request: Request, path: Path) -> Document:
    """A drawing or a scene that asks for what the picture shows."""
    match request.shape:
        case Sketch() as sketch:
            wanted = SketchWanted(sketch, request.model, request.appearance, request.scene)
            return document_of(SketchState(name=path.stem, wanted=wanted))
        case LabelMap() as scene:
            wanted = SceneWanted(scene, request.model, request.appearance)
            return document_of(SceneState(name=path.stem, wanted=wanted))
        case _:
            raise TypeError("a pose stands in a photo")
