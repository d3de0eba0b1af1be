"""A tab in which something is drawn on a canvas of its own: what drawings and scenes share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.photo_files import open_photo
from studio import dialogs
from studio.actions import COMMANDS as COMMON
from studio.document import Document
from studio.editors.live import LiveWorkspace, Start
from studio.editors.options import ToolOptions
from studio.errand import Errands
from studio.painting import LivePainting
from studio.panels.toolcolumn import ToolColumn
from studio.panes import Panes
from studio.services import Services
from studio.theme import Tokens

REFERENCE = 2048
"""Longest side in pixels of the photo under what is drawn."""


class Editor(Protocol):
    """What commands and keys do to a document."""

    def enabled(self) -> Mapping[str, bool]: ...
    def checked(self) -> Mapping[str, bool]: ...
    def key(self, key: int, far: bool) -> bool: ...


class Side(Protocol):
    """The right panel."""

    def dress(self, tokens: Tokens) -> None: ...
    def models_changed(self) -> None: ...
    def let_go(self) -> None: ...
    def setVisible(self, visible: bool, /) -> None: ...


class CanvasWorkspace(LiveWorkspace):
    """Tools, panes, panels, and a photo under what is drawn.

    Args:
        options: of the tools; all documents of a window share them.
    """

    def __init__(
        self,
        document: Document,
        services: Services,
        tokens: Tokens,
        start: Start,
        panes: Panes,
        options: ToolOptions,
    ) -> None:
        painting = LivePainting(services.bridge, panes.longest)
        super().__init__(document, services, panes, painting, start)
        self._tokens, self._options, self._photos = tokens, options, Errands(self)
        self.tools = ToolColumn(services.actions, (*self.COMMANDS, *COMMON))

    def _lay_out(self, side: QWidget) -> None:
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.panes, 1)
        middle.addWidget(self.history)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tools)
        layout.addLayout(middle, 1)
        layout.addWidget(side)
        self.dress(self._tokens)
        self.take_settings()

    def _begin(self) -> None:
        self._photos.done.connect(self._take_photo)
        self._photos.failed.connect(self._fail)
        self._options.changed.connect(self._changed)
        super()._begin()

    @property
    def _editor(self) -> Editor:
        raise NotImplementedError

    @property
    def _side(self) -> Side:
        raise NotImplementedError

    def _take_photo(self, photo: object) -> None:
        """Put an opened photo under what is drawn."""
        raise NotImplementedError

    def _fail(self, text: str) -> None:
        self.said.emit(text, "error")

    def _tell(self, text: str) -> None:
        self.said.emit(text, "info")

    def dress(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.panes.dress(tokens)
        self._side.dress(tokens)
        self.history.dress(tokens)

    def refresh(self, actions: Mapping[str, QAction]) -> None:
        super().refresh(actions)
        for name, on in self._editor.enabled().items():
            actions[name].setEnabled(on)
        for name, on in self._editor.checked().items():
            actions[name].setChecked(on)

    def models_changed(self) -> None:
        self._side.models_changed()
        self.changed.emit()

    def show_panels(self, on: bool) -> None:
        for part in (self.tools, self._side, self.history):
            part.setVisible(on)

    def let_go(self, discard: bool = False) -> None:
        self._photos.wait()
        super().let_go(discard)
        self._options.changed.disconnect(self._changed)
        self._side.let_go()

    def _choose_reference(self) -> None:
        path = dialogs.photo_to_open(self, self.settings.folder)
        if path is not None:
            self.settings.folder = str(path.parent)
            self._photos.run(lambda: open_photo(path, longest=REFERENCE))

    # Keys that are no commands

    def press(self, event: QKeyEvent) -> bool:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        return self._held(event.key(), True) or self._editor.key(event.key(), far)

    def release(self, event: QKeyEvent) -> bool:
        return self._held(event.key(), False)
