"""The paper of a sketch on a canvas: what is drawn appears at once, whatever the painter does."""

from __future__ import annotations

from studio.canvas.paper import Paper
from studio.editors.canvas_pane import CanvasPane
from studio.editors.sketch.board import Board
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.options import SketchOptions
from studio.editors.sketch.tools import SketchTools


class SketchPane(CanvasPane):
    """A canvas to draw on; it follows one document for its whole life.

    Attributes:
        paper: what is shown; with its `picture` the painting lies under the lines.
        tools: the drawing tools, on a board that knows the document.
    """

    board: Board
    tools: SketchTools
    paper: Paper

    def follow(self, document: SketchDocument, options: SketchOptions) -> None:
        """Draw on a document."""
        board = Board(document, self.view, options, self._accent, self._touch)
        self.paper = Paper(board.ink)
        self._begin(board, SketchTools(board), self.paper)
        document.reference_changed.connect(self._take_reference)

    def _take_reference(self) -> None:
        document, shown = self.board.document, self.board.options.reference
        photo = self._as_image(document.reference)
        self.paper.reference = photo if shown else None
        self.paper.opacity = document.reference_opacity
        self.update()
