"""The sketch editor as a tab: paper, drawing tools, the look, and live painting of one drawing."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from studio import dialogs
from studio.actions import COMMANDS as COMMON
from studio.actions import Command
from studio.editors.live import LiveWorkspace, Start
from studio.editors.sketch import commands
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.editor import SketchEditor
from studio.editors.sketch.panes import SketchPanes
from studio.editors.sketch.side import SketchSide
from studio.painting import LivePainting
from studio.panels import latent_commands
from studio.panels.toolcolumn import ToolColumn
from studio.services import Services
from studio.theme import Tokens


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
        self.tools = ToolColumn(services.actions, (*self.COMMANDS, *COMMON))
        self._lay_out()
        self.dress(tokens)
        self.take_settings()
        panes.follow(document, services.sketch_options)
        self.editor = SketchEditor(document, panes.editor.tools)
        self.side.follow(document)
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
        look = self.side.look
        look.failed.connect(lambda text: self.said.emit(text, "error"))
        look.busy.connect(self.busy)
        self.side.painter.fell_back.connect(lambda text: self.said.emit(text, "info"))
        self.editor.reference_wanted.connect(self._choose_reference)
        self.services.sketch_options.changed.connect(self._changed)

    def owners(self) -> tuple[object, ...]:
        return self, self.editor, self.painting, self.side.look, self.history

    def dress(self, tokens: Tokens) -> None:
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
        super().let_go(discard)
        self.services.sketch_options.changed.disconnect(self._changed)
        self.panes.editor.let_go()
        self.side.let_go()

    # Photos

    def _choose_reference(self) -> None:
        path = dialogs.photo_to_open(self, self.settings.folder)
        if path is not None:
            self.settings.folder = str(path.parent)

    # Keys that are no commands

    def press(self, event: QKeyEvent) -> bool:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return self._held(event.key(), True) or self.editor.key(event.key(), far)

    def release(self, event: QKeyEvent) -> bool:
        return self._held(event.key(), False)
