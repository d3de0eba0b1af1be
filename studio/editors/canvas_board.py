"""What the tools of a canvas share: the document, the view, options, and how to draw again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, QTimer
from PySide6.QtGui import QColor

from studio.canvas.transform import ViewTransform
from studio.document import Document
from studio.editors.options import ToolOptions

_TELL_MS = 30
"""So often is the document told of a gesture: what the hand makes goes before the painter."""


class CanvasBoard(QObject):
    """One document to work on.

    Args:
        touched: called with what must be drawn again, in pane points; None = everything.
    """

    def __init__(
        self,
        document: Document,
        view: ViewTransform,
        options: ToolOptions,
        accent: QColor,
        touched: Callable[[QRectF | None], None],
    ) -> None:
        super().__init__()
        self.document, self.view, self.options, self.accent = document, view, options, accent
        self.touched = touched
        self._soon = QTimer(self, singleShot=True, interval=_TELL_MS)
        self._soon.timeout.connect(self._tell)

    def _tell(self) -> None:
        """Tell the document of a gesture in progress."""
        raise NotImplementedError

    def follow_document(self) -> None:
        """Show what the document has, unless the hand is ahead of it."""
        raise NotImplementedError

    def tell_later(self) -> None:
        """Tell the document of the gesture, once the hand leaves time for it."""
        if not self._soon.isActive():
            self._soon.start()

    def changed(self) -> None:
        """Marks must be drawn again."""
        self.touched(None)

    def point(self, at: QPointF) -> tuple[float, float]:
        """A place in the pane, in pixels of the canvas."""
        there = self.view.to_photo(at)
        return there.x(), there.y()

    def pane(self, place: QRectF, margin: float = 2.0) -> QRectF:
        """A rectangle of the canvas in pane points, with a margin of such points."""
        corner = self.view.to_pane(place.left(), place.top())
        return QRectF(corner, place.size() * self.view.scale).adjusted(
            -margin, -margin, margin, margin
        )
