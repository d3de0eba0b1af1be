"""Label maps of training data as a tab: labels and objects are painted over the photo."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.errors import InputError
from engine.shapes.label_files import open_label_map
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.editors.annotation import commands
from studio.editors.annotation.loading import Loaded, Wish
from studio.editors.annotation.scene_document import SceneAnnotation, label_set_of
from studio.editors.annotation.workspace import AnnotationWorkspace
from studio.editors.scene.choice import LabelChoice
from studio.editors.scene.editor import SceneEditor
from studio.editors.scene.pane import LabelPane
from studio.panels.correct_labels import LabelSide
from studio.services import Services
from studio.theme import Tokens
from studio.training.annotations import Annotations, Item


class SceneAnnotations(AnnotationWorkspace):
    """Labels and objects of photos; a pane and a panel live as long as one photo is seen.

    Raises:
        InputError: also if the labels contradict each other.
    """

    COMMANDS = commands.SCENES
    MENUS = ("Photos", "Scene", "Objects")

    def __init__(
        self, answer: Annotations, words: tuple[str, ...], services: Services, tokens: Tokens
    ) -> None:
        known = answer.label_set
        self._label_set = cityscapes() if known is None else label_set_of(known)
        super().__init__(answer, words, services)
        self._tokens = tokens
        self.side = LabelSide(services.actions)
        self.side.photo.revert.clicked.connect(self.revert_photo)
        self._blank, self._stage = Canvas(ViewTransform()), QWidget()
        self._stage.setObjectName("panes")
        self._row = QHBoxLayout(self._stage)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self._blank)
        self._shown: Canvas = self._blank
        self.pane: LabelPane | None = None
        self.editor: SceneEditor | None = None
        self._choice: LabelChoice | None = None
        self._lay_out(self._stage, self.side)
        self.side.follow(None)
        self.dress(tokens)

    # The photo that is worked on

    def _read(self, wish: Wish) -> tuple[LabelMap, LabelMap | None]:
        item, draft = wish.item, wish.draft
        drafted = None
        if draft is not None and draft.labels is not None:
            drafted = self._scene(draft.labels, draft.objects or item.objects)
        if item.labels is None:
            return LabelMap.blank(item.size, self._label_set), drafted
        scene = self._scene(item.labels, item.objects)
        if drafted is not None and drafted.size != scene.size:
            raise InputError(f"The labels of {item.id} are of another size now; throw away yours.")
        return scene, drafted

    def _scene(self, labels: str, objects: str | None) -> LabelMap:
        instances = None if objects is None else Path(objects)
        return open_label_map(Path(labels), self._label_set, instances).scene

    def _made(self, item: Item, loaded: Loaded) -> SceneAnnotation:
        scene, drafted = loaded.annotated
        return SceneAnnotation(item, scene, self.answer.writes, self._origin, drafted)

    def _wait_for(self, item: Item) -> None:
        self._stage.setEnabled(False)
        self._tell_item(item)

    def _tell_failure(self, text: str) -> None:
        self._put(self._blank)
        self.side.follow(None)
        self.side.photo.show_item(self.item, text)

    def _tell_item(self, item: Item) -> None:
        self.side.photo.show_item(item)

    def _follow(self, document: SceneAnnotation, loaded: Loaded) -> None:
        self.pane = pane = LabelPane(ViewTransform())
        pane.scrolls = self.services.settings.text("wheel") == "scroll"
        pane.dress(self._tokens)
        pane.follow(document, self.services.scene_options)
        document.put_reference(loaded.photo)
        self._take_choice(pane.board.choice)
        self.editor = SceneEditor(document, pane.tools)
        self.editor.said.connect(self._say)
        self.services.scene_options.changed.connect(self.changed)
        self.side.follow(pane)
        self._put(pane)
        self._stage.setEnabled(True)
        if self.isVisible():
            pane.setFocus()

    def _take_choice(self, choice: LabelChoice) -> None:
        """The label that was painted last is painted on; hidden and locked ones stay so."""
        if self._choice is not None:
            choice.choose(self._choice.label)
            choice.hidden, choice.locked = self._choice.hidden, self._choice.locked
            choice.styled.emit()
        self._choice = choice

    def _let_go_of(self, document: SceneAnnotation) -> None:
        if self.pane is None:
            return
        self.pane.tools.settle()
        document.select(None)
        document.put_reference(None)
        self.services.scene_options.changed.disconnect(self.changed)
        self.pane.let_go()
        self.pane = self.editor = None

    def _put(self, canvas: Canvas) -> None:
        """Show a canvas in the place of the one before, which is gone for good."""
        before, self._shown = self._shown, canvas
        if before is not canvas:
            self._row.replaceWidget(before, canvas)
            before.hide()
            canvas.show()
            if before is not self._blank:
                before.deleteLater()

    # Commands

    def _say(self, text: str) -> None:
        self.said.emit(text, "info")

    def owners(self) -> tuple[object, ...]:
        return (self,) if self.editor is None else (self, self.editor)

    def refresh(self, actions: Mapping[str, QAction]) -> None:
        super().refresh(actions)
        for name in commands.NOT_OF_SCENES:
            actions[name].setEnabled(False)
        own = self.command_names() - {command.name for command in commands.PHOTOS}
        for name in own:
            actions[name].setEnabled(self.editor is not None)
        if self.editor is not None:
            for name, on in self.editor.enabled().items():
                actions[name].setEnabled(on and name in own)
            for name, on in self.editor.checked().items():
                actions[name].setChecked(on)
        self.side.photo.revert.setEnabled(actions["revert_photo"].isEnabled())

    # Views and keys

    @property
    def _canvases(self) -> Canvas:
        return self.pane or self._blank

    def dress(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._blank.surround = QColor(tokens.window)
        for part in (self.side, self.strip):
            part.dress(tokens)
        if self.pane is not None:
            self.pane.dress(tokens)

    def take_settings(self) -> None:
        if self.pane is not None:
            self.pane.scrolls = self.services.settings.text("wheel") == "scroll"

    def show_panels(self, on: bool) -> None:
        for part in (self.tools, self.side, self.strip):
            part.setVisible(on)

    def peek(self, on: bool) -> None:
        if self.pane is not None:
            self.pane.sheet.opacity = 0.0 if on else self.services.scene_options.opacity
            self.pane.update()

    def keys_up(self) -> None:
        self.peek(False)
        self._canvases.hold(False)

    def arrive(self) -> None:
        self._canvases.setFocus()

    def leave(self) -> None:
        self.keys_up()

    @property
    def hint(self) -> str:
        if self.pane is None:
            return ""
        return self.tr("Paint labels over the photo; Alt picks one, \\ shows the photo alone.")

    def press(self, event: QKeyEvent) -> bool:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._held(event.key(), True):
            return True
        return self.editor is not None and self.editor.key(event.key(), far)

    def let_go(self, discard: bool = False) -> None:
        super().let_go(discard)
        self.side.let_go()
