"""The sketch editor as a tab: paper, drawing tools, the look, and live painting of one drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from engine.appearance import Appearance
from engine.errors import GuiseError, InputError
from engine.exports import AnimationJob
from engine.photo_files import open_photo
from engine.request import Quality, Request, Scene
from engine.shapes.svg import save_svg
from engine.sketch_exports import SheetJob, way
from studio import dialogs
from studio.actions import COMMANDS as COMMON
from studio.actions import Command
from studio.dialogs import Product
from studio.editors.live import LiveWorkspace, Start
from studio.editors.sketch import commands
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.editor import SketchEditor
from studio.editors.sketch.example_chooser import ExamplesDialog
from studio.editors.sketch.examples import Example, example_names
from studio.editors.sketch.hints import hint_for
from studio.editors.sketch.panes import SketchPanes
from studio.editors.sketch.side import SketchSide
from studio.errand import Errands
from studio.painting import LivePainting
from studio.panels import latent_commands
from studio.panels.toolcolumn import ToolColumn
from studio.services import Services
from studio.theme import Tokens

_REFERENCE = 2048
"""Longest side in pixels of the photo under the drawing."""
_BUNDLED = ("shoes", "bags")
"""Painters that an example brings along; others are the person's own choice."""
_FRAMES, _FPS, _FILM_SIDE = 12, 12, 512
"""Pictures from one look to the next, a second, and their longest side."""


class SketchWorkspace(LiveWorkspace):
    """A drawing that is coloured while the hand draws."""

    document: SketchDocument
    panes: SketchPanes

    COMMANDS: tuple[Command, ...] = (
        *commands.COMMANDS,
        *latent_commands.COMMANDS,
        *LiveWorkspace.COMMANDS,
    )
    MENUS = (*commands.MENUS, latent_commands.MENU)

    def __init__(
        self, document: SketchDocument, services: Services, tokens: Tokens, start: Start
    ) -> None:
        panes = SketchPanes()
        painting = LivePainting(services.bridge, panes.longest)
        super().__init__(document, services, panes, painting, start)
        self.side = SketchSide(services)
        self._tokens, self._errands = tokens, Errands(self)
        self.tools = ToolColumn(services.actions, (*self.COMMANDS, *COMMON))
        self._lay_out()
        self.dress(tokens)
        self.take_settings()
        panes.follow(document, services.sketch_options)
        self.editor = SketchEditor(document, panes.editor.tools)
        self.side.follow(document, self.editor)
        self._connect()
        self._begin()

    def _lay_out(self) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.panes, 1)
        middle.addWidget(self.history)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tools)
        layout.addLayout(middle, 1)
        layout.addWidget(self.side)

    def _connect(self) -> None:
        look, document = self.side.look, self.document
        look.failed.connect(lambda text: self.said.emit(text, "error"))
        look.busy.connect(self.busy)
        self.side.painter.fell_back.connect(lambda text: self.said.emit(text, "info"))
        self.editor.reference_wanted.connect(self._choose_reference)
        self.editor.examples_wanted.connect(self._offer_examples)
        self.editor.failed.connect(lambda text: self.said.emit(text, "error"))
        self._errands.done.connect(document.put_reference)
        self._errands.failed.connect(lambda text: self.said.emit(text, "error"))
        self.services.sketch_options.changed.connect(self._changed)

    def owners(self) -> tuple[object, ...]:
        return self, self.editor, self.painting, self.side.look, self.history

    def dress(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.panes.dress(tokens)
        self.side.dress(tokens)
        self.history.dress(tokens)

    # State

    def refresh(self, actions: Mapping[str, QAction]) -> None:
        super().refresh(actions)
        for name, on in self.editor.enabled().items():
            actions[name].setEnabled(on)
        for name, on in self.editor.checked().items():
            actions[name].setChecked(on)

    def models_changed(self) -> None:
        self.side.models_changed()
        self.changed.emit()

    def show_panels(self, on: bool) -> None:
        for part in (self.tools, self.side, self.history):
            part.setVisible(on)

    def let_go(self, discard: bool = False) -> None:
        self._errands.wait()
        super().let_go(discard)
        self.services.sketch_options.changed.disconnect(self._changed)
        self.panes.editor.let_go()
        self.side.let_go()

    @property
    def hint(self) -> str:
        return hint_for(self.document, self.services.sketch_options)

    # Photos and examples

    def _choose_reference(self) -> None:
        path = dialogs.photo_to_open(self, self.settings.folder)
        if path is not None:
            self.settings.folder = str(path.parent)
            self._errands.run(lambda: open_photo(path, longest=_REFERENCE))

    def _offer_examples(self) -> None:
        dialog = ExamplesDialog(self, self._tokens)
        dialog.chosen.connect(self.take_example)
        dialog.open()

    def take_example(self, example: Example) -> None:
        """Draw an example instead of what there is, with the painter that knows such items."""
        name = example_names()[example.name]
        self.editor.take(example.sketch, self.tr("Draw {0}").format(name))
        if self.document.model in _BUNDLED:
            self.side.painter.choose(example.model)

    # Files

    def export_picture(self) -> None:
        """Paint and write a picture, the drawing, a sheet of variations or a film."""
        chosen = dialogs.drawing_to_save(self, self.settings.folder, self.document.origin.name)
        if chosen is None:
            return
        path, what = chosen
        self.settings.folder = str(path.parent)
        try:
            self._export(path, what)
        except GuiseError as error:
            self.said.emit(str(error), "error")

    def _export(self, path: Path, what: Product) -> None:
        if self.document.sketch.is_empty:
            raise InputError(self.tr("There is nothing to export yet; draw something first."))
        match what:
            case Product.picture:
                self.painting.export(path, Scene.white, embedded=False)
            case Product.cutout:
                self.painting.export(path, Scene.cutout, embedded=False)
            case Product.drawing:
                save_svg(self.document.sketch, path)
                self._saved(path, "")
            case Product.sheet:
                looks = self.side.look.variations.grid.looks
                self.painting.begin(SheetJob(self._requests(looks), path))
            case Product.film:
                looks = way(self._ends(), _FRAMES)
                self.painting.begin(AnimationJob(self._requests(looks), path, _FPS))

    def _ends(self) -> list[Appearance]:
        """The two looks that the person has set."""
        ends = self.side.look.morph.ends
        if len(ends) < 2:
            raise InputError(self.tr("Set look A and look B first; the film goes from A to B."))
        return [ends["A"], ends["B"]]

    def _requests(self, looks: Sequence[Appearance]) -> list[Request]:
        document = self.document
        wanted = [document.wanted._replace(look=look) for look in looks]
        return [document.request_for(each, Quality.full, _FILM_SIDE) for each in wanted]

    # Keys that are no commands

    def press(self, event: QKeyEvent) -> bool:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return self._held(event.key(), True) or self.editor.key(event.key(), far)

    def release(self, event: QKeyEvent) -> bool:
        return self._held(event.key(), False)
