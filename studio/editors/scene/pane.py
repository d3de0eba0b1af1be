"""The canvas of a scene: labels in their colours, over a photo or a painted picture."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent

from engine.photo import Photo
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.document import SceneDocument
from studio.editors.scene.options import SceneOptions
from studio.editors.scene.sheet import LabelSheet
from studio.editors.scene.tools import SceneTools
from studio.images import Pyramid
from studio.theme import DARK, Tokens

_DIGITS = range(Qt.Key.Key_1, Qt.Key.Key_9 + 1)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class LabelPane(Canvas):
    """A canvas to paint labels on; it follows one document for its whole life.

    Attributes:
        sheet: what is shown; with its `picture` the painting lies under the labels.
        tools: the label tools, on a board that knows the document.

    Signals:
        digit_pressed: a key of 1 to 9, while the canvas has the focus.
    """

    digit_pressed = Signal(int)

    def __init__(self, view: ViewTransform) -> None:
        super().__init__(view)
        self.right_erases = True
        self._accent = QColor(DARK.accent)
        self._board: SceneBoard | None = None
        self._tools: SceneTools | None = None
        self._photo: Photo | None = None
        self._reference: Pyramid | None = None

    @property
    def board(self) -> SceneBoard:
        """What the tools share; there is one once a document is followed."""
        assert self._board is not None
        return self._board

    @property
    def tools(self) -> SceneTools:
        """The label tools."""
        assert self._tools is not None
        return self._tools

    @property
    def sheet(self) -> LabelSheet:
        """What is shown: labels over a photo or a picture."""
        return self.board.sheet

    def follow(self, document: SceneDocument, options: SceneOptions) -> None:
        """Paint on a document."""
        board = SceneBoard(document, self.view, options, self._accent, self._touch)
        self._board, self.image = board, board.sheet
        self.tool = self._tools = SceneTools(board)
        document.shape_changed.connect(board.follow_document)
        document.selection_changed.connect(self.update)
        document.reference_changed.connect(self._take_reference)
        board.choice.styled.connect(board.restyle)
        board.choice.changed.connect(self.update)
        options.changed.connect(self._options_changed)
        self.view.changed.connect(board.restyle)
        self.view.set_photo(*document.scene.size)
        self._take_reference()
        self.setFocus()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme; those of labels are their own."""
        self.surround, self.ink = QColor(tokens.window), QColor(tokens.muted)
        self._accent = QColor(tokens.accent)
        if self._board is not None:
            self._board.accent = self._accent
        self.update()

    def let_go(self) -> None:
        """Hear no more of the options, which the documents of a window share."""
        self.board.options.changed.disconnect(self._options_changed)

    def show_picture(self, picture: Pyramid | None) -> None:
        """Labels over the painted picture, or over the reference photo again."""
        self.sheet.picture = picture
        self.update()

    def _take_reference(self) -> None:
        document = self.board.document
        if document.reference is not self._photo:
            self._photo = document.reference
            self._reference = Pyramid.of(self._photo.pixels) if self._photo else None
        self.sheet.reference = self._reference
        self.sheet.opacity = self.board.options.opacity
        self.update()

    def _options_changed(self) -> None:
        self.board.restyle()
        self.tools.options_changed()
        self._take_reference()
        self.set_cursor()

    def _touch(self, place: QRectF | None) -> None:
        if place is None:
            self.update()
        else:
            self.update(place.toAlignedRect())

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
