"""A pane to draw or to paint labels on: it follows a document and hands gestures to tools."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from engine.photo import Photo
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas, Image
from studio.editors.canvas_board import CanvasBoard
from studio.editors.canvas_tools import CanvasTools
from studio.images import Pyramid
from studio.theme import DARK, Tokens


class CanvasPane(Canvas):
    """Follows one document for its whole life.

    Attributes:
        board: what the tools share; there is one once a document is followed.
        tools: the tools.
    """

    def __init__(self, view: ViewTransform) -> None:
        super().__init__(view)
        self.right_erases = True
        self._accent = QColor(DARK.accent)
        self._photo: Photo | None = None
        self._reference: Pyramid | None = None

    def _begin(self, board: CanvasBoard, tools: CanvasTools, image: Image) -> None:
        """Follow the document of a board."""
        self.board, self.image = board, image
        self.tool = self.tools = tools
        document = board.document
        document.shape_changed.connect(board.follow_document)
        document.selection_changed.connect(self.update)
        board.options.changed.connect(self._options_changed)
        self.view.set_photo(*document.size)
        self._take_reference()
        self.setFocus()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme; those of what is edited are its own."""
        self.surround, self.ink = QColor(tokens.window), QColor(tokens.muted)
        self._accent = QColor(tokens.accent)
        if self.tool is not None:
            self.board.accent = self._accent
        self.update()

    def let_go(self) -> None:
        """Hear no more of the options, which the documents of a window share."""
        self.board.options.changed.disconnect(self._options_changed)

    def _take_reference(self) -> None:
        """Another photo under what is edited, or how strong it is."""
        raise NotImplementedError

    def _as_image(self, photo: Photo | None) -> Pyramid | None:
        """A photo as it is drawn; halved again only for another one."""
        if photo is not self._photo:
            self._photo = photo
            self._reference = None if photo is None else Pyramid.of(photo.pixels)
        return self._reference

    def _options_changed(self) -> None:
        self.tools.options_changed()
        self._take_reference()
        self.set_cursor()

    def _touch(self, place: QRectF | None) -> None:
        if place is None:
            self.update()
        else:
            self.update(place.toAlignedRect())
