"""The middle of a tab: what is edited, what is painted, and how the two are shown."""

from __future__ import annotations

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.picture import Picture
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.document import Document, PictureState
from studio.images import Pyramid
from studio.panels.status import state_colour, state_text
from studio.theme import Tokens

VIEWS = ("side", "single", "wipe")
"""Two panes; the picture in the place of what is edited; before and after with a line to drag."""
_QUIET = (PictureState.empty, PictureState.current)
"""States that need no mark."""


class Panes(QWidget):
    """Two canvases that move together, or one; each editor says what they show.

    Attributes:
        mode: one of VIEWS.

    Args:
        view: what is seen of the document.
        editor: the canvas on which is worked.
    """

    def __init__(self, view: ViewTransform, editor: Canvas) -> None:
        super().__init__()
        self.setObjectName("panes")
        self.view, self.editor = view, editor
        self.painted = Canvas(view)
        self.mode = "side"
        self.peeking = False
        self._document: Document | None = None
        self._picture: Pyramid | None = None
        self._shown: Picture | None = None
        self._state = PictureState.empty
        self._tokens: Tokens | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        row.addWidget(self.editor)
        row.addWidget(self.painted)
        self.painted.wiped.connect(self._set_wipe)
        self._wipe = 0.5

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        for canvas in (self.editor, self.painted):
            canvas.surround = QColor(tokens.window)
            canvas.ink = QColor(tokens.muted)
        self.show_state(self._state)

    def show_state(self, state: PictureState) -> None:
        """Mark a picture that is not what is asked for."""
        assert self._tokens is not None
        self._state = state
        self._refresh()

    def _follow(self, document: Document) -> None:
        """Show a document's pictures."""
        self._document = document
        document.picture_changed.connect(self._take_picture)
        self.show_as(self.mode)
        self._take_picture()
        self._refresh()

    def show_as(self, mode: str) -> None:
        """Show one of VIEWS."""
        self.mode = mode
        self.editor.setVisible(mode != "wipe")
        self.painted.setVisible(mode != "single")
        self._refresh()

    def peek(self, on: bool) -> None:
        """Show the picture before, everywhere, while a key is held."""
        if on != self.peeking:
            self.peeking = on
            self._refresh()

    def hold(self, on: bool) -> None:
        """Let drags move the view while a key is held."""
        for canvas in (self.editor, self.painted):
            canvas.grabbing = on
            canvas.set_cursor()

    def zoom(self, factor: float) -> None:
        """Zoom about the middle of a pane."""
        canvas = self.editor if self.editor.isVisible() else self.painted
        self.view.zoom(factor, canvas.rect().toRectF().center())

    def longest(self) -> int:
        """Longest side, in device pixels, at which the picture is seen."""
        place = self.view.rect().size() * self.devicePixelRatioF()
        return max(64, round(max(place.width(), place.height())))

    def _take_picture(self) -> None:
        document = self._document
        if document is not None and document.picture is not self._shown:
            self._shown = document.picture
            self._picture = Pyramid.of(self._shown.pixels) if self._shown else None
            self._refresh()

    def _set_wipe(self, share: float) -> None:
        self._wipe = share
        self._refresh()

    def _refresh(self) -> None:
        """Give the canvases what they show."""
        raise NotImplementedError

    def _compare(self, before: Pyramid | None) -> None:
        """Show the picture beside or across what was there before."""
        self.painted.image = before if self.peeking or self._picture is None else self._picture
        wiping = self.mode == "wipe" and not self.peeking
        self.painted.before = before if wiping else None
        self.painted.wipe = self._wipe if wiping else None
        self._label(self.painted, self.tr("Original") if self.peeking else self.tr("Painted"))

    def _label(self, canvas: Canvas, title: str) -> None:
        quiet = self.peeking or self._state in _QUIET or self._tokens is None
        canvas.title = title
        canvas.note = "" if quiet else state_text(self._state)
        if self._tokens is not None:
            canvas.note_ink = QColor(state_colour(self._state, self._tokens))
