"""The paper of a sketch on a canvas: what is drawn appears at once, whatever the painter does."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from engine.photo import Photo
from studio.canvas.paper import Paper
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.editors.sketch.board import Board
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.options import SketchOptions
from studio.editors.sketch.tools import SketchTools
from studio.images import Pyramid
from studio.theme import DARK, Tokens


class SketchPane(Canvas):
    """A canvas to draw on; it follows one document for its whole life.

    Attributes:
        paper: what is shown; with its `picture` the painting lies under the lines.
        tools: the drawing tools, on a board that knows the document.
    """

    def __init__(self, view: ViewTransform) -> None:
        super().__init__(view)
        self.right_erases = True
        self._accent = QColor(DARK.accent)
        self._board: Board | None = None
        self._tools: SketchTools | None = None
        self._paper: Paper | None = None
        self._photo: Photo | None = None
        self._reference: Pyramid | None = None

    @property
    def board(self) -> Board:
        """What the tools share; there is one once a document is followed."""
        assert self._board is not None
        return self._board

    @property
    def tools(self) -> SketchTools:
        """The drawing tools."""
        assert self._tools is not None
        return self._tools

    @property
    def paper(self) -> Paper:
        """What is shown: the lines, the reference photo, the painted picture."""
        assert self._paper is not None
        return self._paper

    def follow(self, document: SketchDocument, options: SketchOptions) -> None:
        """Draw on a document."""
        self._board = Board(document, self.view, options, self._accent, self._touch)
        self.image = self._paper = Paper(self._board.ink)
        self.tool = self._tools = SketchTools(self._board)
        document.shape_changed.connect(self._board.follow_document)
        document.selection_changed.connect(self.update)
        document.reference_changed.connect(self._take_reference)
        options.changed.connect(self._options_changed)
        self.view.set_photo(*document.sketch.size)
        self._take_reference()
        self.setFocus()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme; the paper stays white."""
        self.surround, self.ink = QColor(tokens.window), QColor(tokens.muted)
        self._accent = QColor(tokens.accent)
        if self._board is not None:
            self._board.accent = self._accent
        self.update()

    def let_go(self) -> None:
        """Hear no more of the options, which the documents of a window share."""
        self.board.options.changed.disconnect(self._options_changed)

    def _take_reference(self) -> None:
        """Another photo, or how strong it is, or whether it is seen."""
        document = self.board.document
        if document.reference is not self._photo:
            self._photo = document.reference
            self._reference = Pyramid.of(self._photo.pixels) if self._photo else None
        self.paper.reference = self._reference if self.board.options.reference else None
        self.paper.opacity = document.reference_opacity
        self.update()

    def _options_changed(self) -> None:
        self.tools.options_changed()
        self._take_reference()
        self.set_cursor()

    def _touch(self, place: QRectF | None) -> None:
        if place is None:
            self.update()
        else:
            self.update(place.toAlignedRect())
