"""The sketch editor as a tab: paper, drawing tools, the look, and live painting of one drawing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.appearance import Appearance
from engine.errors import GuiseError, InputError
from engine.exports import AnimationJob
from engine.photo import Photo
from engine.request import Quality, Request, Scene
from engine.shapes.svg import save_svg
from engine.sketch_exports import SheetJob, way
from studio import dialogs
from studio.actions import Command
from studio.dialogs import Product
from studio.editors.canvas import CanvasWorkspace
from studio.editors.live import Start
from studio.editors.sketch import commands
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.editor import SketchEditor
from studio.editors.sketch.example_chooser import examples_dialog
from studio.editors.sketch.examples import Example, example_names
from studio.editors.sketch.hints import hint_for
from studio.editors.sketch.panes import SketchPanes
from studio.editors.sketch.side import SketchSide
from studio.panels import latent_commands
from studio.services import Services
from studio.theme import Tokens

_BUNDLED = ("shoes", "bags")
"""Painters that an example brings along; others are the person's own choice."""
_FRAMES, _FPS, _FILM_SIDE = 12, 12, 512
"""Pictures from one look to the next, a second, and their longest side."""


class SketchWorkspace(CanvasWorkspace):
    """A drawing that is coloured while the hand draws."""

    document: SketchDocument
    panes: SketchPanes

    COMMANDS: tuple[Command, ...] = (
        *commands.COMMANDS,
        *latent_commands.COMMANDS,
        *CanvasWorkspace.COMMANDS,
    )
    MENUS = (*commands.MENUS, latent_commands.MENU)

    def __init__(
        self, document: SketchDocument, services: Services, tokens: Tokens, start: Start
    ) -> None:
        panes, options = SketchPanes(), services.sketch_options
        super().__init__(document, services, tokens, start, panes, options)
        self.side = SketchSide(services)
        self._lay_out(self.side)
        panes.follow(document, options)
        self.editor = SketchEditor(document, panes.editor.tools)
        self.side.follow(document, self.editor)
        self._connect()
        self._begin()

    def _connect(self) -> None:
        look, editor = self.side.look, self.editor
        look.failed.connect(self._fail)
        look.busy.connect(self.busy)
        self.side.painter.fell_back.connect(self._tell)
        editor.reference_wanted.connect(self._choose_reference)
        editor.examples_wanted.connect(self._offer_examples)
        editor.failed.connect(self._fail)

    @property
    def _editor(self) -> SketchEditor:
        return self.editor

    @property
    def _side(self) -> SketchSide:
        return self.side

    def _take_photo(self, photo: object) -> None:
        if isinstance(photo, Photo):
            self.document.put_reference(photo)

    def owners(self) -> tuple[object, ...]:
        return self, self.editor, self.painting, self.side.look, self.history

    def let_go(self, discard: bool = False) -> None:
        super().let_go(discard)
        self.panes.editor.let_go()

    @property
    def hint(self) -> str:
        return hint_for(self.document, self.services.sketch_options)

    # Examples

    def _offer_examples(self) -> None:
        dialog = examples_dialog(self, self._tokens)
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
