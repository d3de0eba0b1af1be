"""The middle of the window: what is edited, what is painted, and how the two are shown."""

from __future__ import annotations

from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QWidget,
)

from engine.picture import Picture
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.document import PictureState
from studio.editors.pose.document import PoseDocument
from studio.editors.pose.options import PoseOptions
from studio.editors.pose.tools import DragJoints
from studio.images import Pyramid
from studio.panels.status import state_colour, state_text
from studio.theme import Tokens

_QUIET = (PictureState.empty, PictureState.current)
"""States that need no mark."""


class Panes(QWidget):
    """Two canvases that move together, or one."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panes")
        self.view = ViewTransform()
        self.editor, self.painted = Canvas(self.view), Canvas(self.view)
        self.document: PoseDocument | None = None
        self.mode = "side"
        self.peeking = False
        self._photo: Pyramid | None = None
        self._picture: Pyramid | None = None
        self._shown: Picture | None = None
        self._state = PictureState.empty
        self._tokens: Tokens | None = None
        self._joints: DragJoints | None = None
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
        if self._joints is not None:
            self._joints.accent = QColor(tokens.accent)
        self.show_state(self._state)

    def show_state(self, state: PictureState) -> None:
        """Mark a picture that is not what is asked for."""
        assert self._tokens is not None
        self._state = state
        self._refresh()

    @property
    def joints(self) -> DragJoints:
        """The pose tool of the document."""
        assert self._joints is not None
        return self._joints

    def follow(self, document: PoseDocument, options: PoseOptions) -> None:
        """Show a document; `options` are those of its tool."""
        self.document = document
        photo = document.reading.photo
        self._photo, self._picture, self._shown = Pyramid.of(photo.pixels), None, None
        assert self._tokens is not None
        accent = QColor(self._tokens.accent)
        self._joints = DragJoints(document, self.view, accent, self.editor.update, options)
        self.editor.tool = self._joints
        document.shape_changed.connect(self.editor.update)
        document.selection_changed.connect(self.editor.update)
        document.picture_changed.connect(self._take_picture)
        self.show_as(self.mode)
        self.view.set_photo(*photo.size)
        self._take_picture()
        self._refresh()
        self.editor.setFocus()

    def show_as(self, mode: str) -> None:
        """Two panes ("side"), the picture under the skeleton ("single"), or a "wipe"."""
        self.mode = mode
        self.editor.setVisible(mode != "wipe")
        self.painted.setVisible(mode != "single")
        self._refresh()

    def peek(self, on: bool) -> None:
        """Show the original everywhere while a key is held."""
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
        document = self.document
        if document is not None and document.picture is not self._shown:
            self._shown = document.picture
            self._picture = Pyramid.of(self._shown.pixels) if self._shown else None
            self._refresh()

    def _set_wipe(self, share: float) -> None:
        self._wipe = share
        self._refresh()

    def _refresh(self) -> None:
        picture = self._photo if self.peeking or self._picture is None else self._picture
        self.editor.image = picture if self.mode == "single" else self._photo
        self.painted.image = picture
        wiping = self.mode == "wipe" and not self.peeking
        self.painted.before = self._photo if wiping else None
        self.painted.wipe = self._wipe if wiping else None
        self._label(self.painted, self.tr("Original") if self.peeking else self.tr("Painted"))
        if self.mode == "single":
            self._label(self.editor, self.painted.title)
        else:
            self.editor.title, self.editor.note = self.tr("Photo and pose"), ""
        self.editor.update()
        self.painted.update()

    def _label(self, canvas: Canvas, title: str) -> None:
        quiet = self.peeking or self._state in _QUIET or self._tokens is None
        canvas.title = title
        canvas.note = "" if quiet else state_text(self._state)
        if self._tokens is not None:
            canvas.note_ink = QColor(state_colour(self._state, self._tokens))
