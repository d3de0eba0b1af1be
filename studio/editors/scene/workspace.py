"""The scene editor as a tab: labels, objects, their looks, and live painting of one scene."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal

from engine import registry
from engine.appearance import FromPhoto
from engine.errors import GuiseError
from engine.photo import Mask, Photo
from engine.photo_files import open_photo
from engine.request import Scene
from engine.shapes.label_sets import known_to, own_sets
from engine.shapes.label_templates import Template
from engine.shapes.labels import LabelMap
from studio import dialogs
from studio.actions import Command
from studio.document import Origin
from studio.editors.canvas import REFERENCE, CanvasWorkspace
from studio.editors.live import Start
from studio.editors.scene import commands
from studio.editors.scene.document import SIZE, SceneDocument
from studio.editors.scene.editor import SceneEditor
from studio.editors.scene.looks import without_objects
from studio.editors.scene.panes import ScenePanes
from studio.editors.scene.side import SceneSide
from studio.errand import Errands
from studio.panels import scene_look
from studio.panels.painter import painters_of
from studio.panels.scene_files import LabelImport, labels_to_open, labels_to_save, write_labels
from studio.panels.scene_label_sets import LabelSetsDialog
from studio.panels.scene_photo import PhotoLookDialog, PhotoReader
from studio.panels.scene_templates import template_names, templates_dialog
from studio.services import Services
from studio.theme import Tokens


def _look_of(path: Path) -> FromPhoto:
    """The look of all that a photo shows. GuiseError: it cannot be opened."""
    photo = open_photo(path, longest=REFERENCE)
    return FromPhoto(photo, mask=Mask(np.full(photo.size[::-1], 255, np.uint8)))


def fitting_painter(scene: LabelMap) -> str:
    """Id of the first painter at hand that knows the labels of a map; else of the default one."""
    for card in painters_of("LabelMap"):
        known = known_to(card, own_sets().values())
        if known is not None and known.digest == scene.label_set.digest:
            return card.id
    return registry.DEFAULTS["LabelMap"]


class SceneWorkspace(CanvasWorkspace):
    """A label map that is painted while the hand paints labels.

    Signals:
        other_set: a SceneDocument with labels of another set, to be shown in a tab of its own.
    """

    document: SceneDocument
    panes: ScenePanes

    other_set = Signal(object)

    COMMANDS: tuple[Command, ...] = (
        *commands.COMMANDS,
        *scene_look.COMMANDS,
        *CanvasWorkspace.COMMANDS,
    )
    MENUS = (*commands.MENUS, "Look")
    PREVIEW = 320  # the bundled painters paint at 512: this takes less than half as long

    def __init__(
        self, document: SceneDocument, services: Services, tokens: Tokens, start: Start
    ) -> None:
        panes, options = ScenePanes(), services.scene_options
        super().__init__(document, services, tokens, start, panes, options)
        self.side = SceneSide(services.bridge)
        self._looks, self._import = Errands(self), LabelImport(self)
        self._reader = PhotoReader(services.bridge, self)
        self._lay_out(self.side)
        panes.follow(document, options)
        self.editor = SceneEditor(document, panes.editor.tools)
        self.side.follow(document, panes.editor, services.actions)
        self._connect()
        self._begin()

    def _connect(self) -> None:
        editor, look, labels = self.editor, self.side.look, self._import
        editor.said.connect(self._tell)
        editor.photo_wanted.connect(self._choose_reference)
        editor.templates_wanted.connect(self._offer_templates)
        editor.import_wanted.connect(self._choose_labels)
        editor.export_wanted.connect(self._export_labels)
        editor.sets_wanted.connect(self._offer_sets)
        look.said.connect(self._tell)
        look.photo_wanted.connect(self._choose_look)
        labels.imported.connect(self.take_labels)
        labels.failed.connect(self._fail)
        self._looks.done.connect(look.take_photo)
        self._looks.failed.connect(self._fail)
        self._reader.read.connect(self.take_look)
        self._reader.failed.connect(self._fail)
        self._reader.busy.connect(self.busy)
        self.side.painter.fell_back.connect(self._tell)
        self._model = self.document.model
        self.document.look_changed.connect(self._check_painter)

    def _check_painter(self) -> None:
        """A painter that was chosen may mean other things by the ids of the map."""
        if self._model == self.document.model:
            return
        self._model, card = self.document.model, self.side.painter.card
        known = None if card is None else known_to(card, own_sets().values())
        mine = self.document.scene.label_set
        if card is not None and known is not None and known.digest != mine.digest:
            text = self.tr("{0} knows the labels of {1}, not those of {2}; choose another painter.")
            self.said.emit(text.format(card.title, known.name, mine.name), "warning")

    @property
    def _editor(self) -> SceneEditor:
        return self.editor

    @property
    def _side(self) -> SceneSide:
        return self.side

    def _take_photo(self, photo: object) -> None:
        if isinstance(photo, Photo):
            self.document.put_reference(photo)

    def owners(self) -> tuple[object, ...]:
        return self, self.editor, self.side.look, self.painting, self.history

    def let_go(self, discard: bool = False) -> None:
        for errands in (self._looks, self._import):
            errands.wait()
        self._reader.let_go()
        super().let_go(discard)
        self.panes.editor.let_go()

    # Files

    def _offer_templates(self) -> None:
        dialog = templates_dialog(self, self._tokens)
        dialog.chosen.connect(self.take_template)
        dialog.open()

    def take_template(self, template: Template) -> None:
        """A scene to start from, instead of what there is."""
        name = template_names()[template.name]
        self._replace(template.draw(self.document.size), self.tr("Start from {0}").format(name))

    def _offer_sets(self) -> None:
        dialog = LabelSetsDialog(self, self.document.scene)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.begun.connect(lambda known: self._show_other(LabelMap.blank(SIZE, known)))
        dialog.used.connect(self._show_other)
        dialog.open()

    def _show_other(self, scene: LabelMap) -> None:
        """A map of other labels in a tab of its own, with a painter that knows them."""
        self.other_set.emit(
            SceneDocument(scene, Origin(scene.label_set.name), fitting_painter(scene))
        )

    def _choose_labels(self) -> None:
        path = labels_to_open(self, self.settings.folder)
        if path is not None:
            self.settings.folder = str(path.parent)
            self._import.open(path, self.document.scene.label_set)

    def take_labels(self, scene: LabelMap, notes: tuple[str, ...]) -> None:
        """Another map in the place of this one; `notes` say what it lost."""
        self._replace(scene, self.tr("Import labels"))
        if notes:
            self.said.emit(" ".join(notes), "warning")

    def _replace(self, scene: LabelMap, text: str) -> None:
        """Another map; looks of objects that are gone go along, and the view follows its size.

        A map of another label set gets a tab of its own, with a painter that knows its labels.
        """
        if scene.label_set.digest != self.document.scene.label_set.digest:
            self._show_other(scene)
            return
        size = self.document.size
        self.document.change_all(scene, without_objects(self.document.look), text)
        if scene.size != size:
            self.panes.view.set_photo(*scene.size)

    def _export_labels(self) -> None:
        chosen = labels_to_save(self, self.settings.folder, self.document.origin.name)
        if chosen is None:
            return
        path, kind = chosen
        self.settings.folder = str(path.parent)
        try:
            written = write_labels(self.document.scene, path, kind)
        except (GuiseError, OSError) as error:
            self.said.emit(str(error), "error")
            return
        names = ", ".join(each.name for each in written)
        self.said.emit(self.tr("The labels are in {0}.").format(names), "info")

    def _choose_look(self) -> None:
        """A photo whose look is taken; of streets it is read what they show."""
        path = dialogs.photo_to_open(self, self.settings.folder)
        if path is None:
            return
        self.settings.folder = str(path.parent)
        if self.side.look.knows_streets:
            self._reader.ask(path)
        else:
            self._looks.run(lambda: _look_of(path))

    def take_look(self, photo: Photo, shown: LabelMap) -> None:
        """The look of a photo for the whole scene; for an object or a label it is asked of what."""
        look = self.side.look
        if look.label is None:
            look.take_photo(FromPhoto(photo, shown))
            return
        dialog = PhotoLookDialog(self, self._tokens, photo, shown, look.label, look.about)
        dialog.chosen.connect(look.take_photo)
        dialog.open()

    def export_picture(self) -> None:
        """Paint at the map's own size and write a file."""
        path = dialogs.scene_to_save(self, self.settings.folder, self.document.origin.name)
        if path is not None:
            self.settings.folder = str(path.parent)
            self.painting.export(path, Scene.white, embedded=False)
