"""What the drawing tools share: the document, its ink, the view, and the axis of symmetry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from engine.shapes.sketch import Sketch, Stroke
from studio.canvas.ink import Ink
from studio.canvas.transform import ViewTransform
from studio.editors.canvas_board import CanvasBoard
from studio.editors.sketch.curves import Points
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.options import SketchOptions


class Board(CanvasBoard):
    """One sketch to draw on.

    Attributes:
        axis: where strokes are mirrored, in pixels of the canvas from its left edge.
        drawing: whether the ink is ahead of the document, under the hand.
    """

    document: SketchDocument
    options: SketchOptions

    def __init__(
        self,
        document: SketchDocument,
        view: ViewTransform,
        options: SketchOptions,
        accent: QColor,
        touched: Callable[[QRectF | None], None],
    ) -> None:
        super().__init__(document, view, options, accent, touched)
        self.ink = Ink(document.sketch.size)
        self.ink.show(document.sketch)
        self.axis = document.sketch.size[0] / 2
        self.drawing = False
        self._pending: Callable[[], Sketch] | None = None

    @property
    def sketch(self) -> Sketch:
        """The sketch as it is now, a gesture in progress included."""
        return self.document.sketch

    def follow_document(self) -> None:
        """Show the document's sketch, unless the hand is ahead of it."""
        if self.drawing:
            return
        size = self.sketch.size
        if size != self.ink.sketch.size:
            self.axis = size[0] / 2
            self.view.set_photo(*size)
        place = self.ink.show(self.sketch)
        if not place.isEmpty():
            self.touched(self.pane(place))

    # Strokes

    def strokes(self, xy: Points, width: Points | float, erase: bool = False) -> list[Stroke]:
        """A stroke, and the mirrored one if the drawing is symmetric."""
        return [Stroke.of(each, width, erase) for each in self.sides(xy)]

    def sides(self, xy: Points) -> list[Points]:
        """Points, and the mirrored ones if the drawing is symmetric."""
        if not self.options.symmetric:
            return [xy]
        return [xy, np.array([2 * self.axis, 0]) + xy * (-1, 1)]

    def tell_soon(self, sketch: Callable[[], Sketch]) -> None:
        """Tell the document of a gesture in progress, once the hand leaves time for it."""
        self._pending = sketch
        self.tell_later()

    def _tell(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self.document.preview(pending())

    def commit(self, sketch: Sketch, text: str) -> None:
        """End a gesture with this sketch: one step of the history."""
        self._forget()
        self.document.preview(sketch)
        self.document.commit(text)
        self.follow_document()

    def abort(self) -> None:
        """Take a gesture back."""
        self._forget()
        self.document.abort()
        self.follow_document()

    def _forget(self) -> None:
        self._soon.stop()
        self._pending, self.drawing = None, False
