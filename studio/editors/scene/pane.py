"""The canvas of a scene: labels in their colours, over a photo or a painted picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent

from studio.editors.canvas_pane import CanvasPane
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.document import SceneDocument
from studio.editors.scene.options import SceneOptions
from studio.editors.scene.sheet import LabelSheet
from studio.editors.scene.tools import SceneTools
from studio.images import Pyramid

_DIGITS = range(Qt.Key.Key_1, Qt.Key.Key_9 + 1)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class LabelPane(CanvasPane):
    """A canvas to paint labels on; it follows one document for its whole life.

    Attributes:
        sheet: what is shown; with its `picture` the painting lies under the labels.
        tools: the label tools, on a board that knows the document.

    Signals:
        digit_pressed: a key of 1 to 9, while the canvas has the focus.
    """

    digit_pressed = Signal(int)

    board: SceneBoard
    tools: SceneTools

    @property
    def sheet(self) -> LabelSheet:
        """What is shown: labels over a photo or a picture."""
        return self.board.sheet

    def follow(self, document: SceneDocument, options: SceneOptions) -> None:
        """Paint on a document."""
        board = SceneBoard(document, self.view, options, self._accent, self._touch)
        self._begin(board, SceneTools(board), board.sheet)
        document.reference_changed.connect(self._take_reference)
        board.choice.styled.connect(board.restyle)
        board.choice.changed.connect(self.update)
        self.view.changed.connect(board.restyle)

    def show_picture(self, picture: Pyramid | None) -> None:
        """Labels over the painted picture, or over the reference photo again."""
        self.sheet.picture = picture
        self.update()

    def _take_reference(self) -> None:
        self.sheet.reference = self._as_image(self.board.document.reference)
        self.sheet.opacity = self.board.options.opacity
        self.update()

    def _options_changed(self) -> None:
        self.board.restyle()
        super()._options_changed()

    # Keys that win over the window's commands

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._is_digit(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_digit(event):
            self.digit_pressed.emit(event.key() - Qt.Key.Key_0)
        else:
            super().keyPressEvent(event)

    def _is_digit(self, event: QKeyEvent) -> bool:
        return event.key() in _DIGITS and event.modifiers() in _PLAIN
