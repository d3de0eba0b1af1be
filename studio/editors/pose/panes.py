"""The photo with its skeleton, and the person as painted."""

from __future__ import annotations

from PySide6.QtGui import QColor

from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.editors.pose.document import PoseDocument
from studio.editors.pose.options import PoseOptions
from studio.editors.pose.tools import DragJoints
from studio.images import Pyramid
from studio.panes import Panes
from studio.theme import Tokens


class PosePanes(Panes):
    """Photo and skeleton at the left, the picture at the right."""

    def __init__(self) -> None:
        view = ViewTransform()
        super().__init__(view, Canvas(view))
        self._photo: Pyramid | None = None
        self._joints: DragJoints | None = None

    def dress(self, tokens: Tokens) -> None:
        if self._joints is not None:
            self._joints.accent = QColor(tokens.accent)
        super().dress(tokens)

    @property
    def joints(self) -> DragJoints:
        """The pose tool of the document."""
        assert self._joints is not None
        return self._joints

    def follow(self, document: PoseDocument, options: PoseOptions) -> None:
        """Show a document; `options` are those of its tool."""
        photo = document.reading.photo
        self._photo, self._picture, self._shown = Pyramid.of(photo.pixels), None, None
        assert self._tokens is not None
        accent = QColor(self._tokens.accent)
        self._joints = DragJoints(document, self.view, accent, self.editor.update, options)
        self.editor.tool = self._joints
        document.shape_changed.connect(self.editor.update)
        document.selection_changed.connect(self.editor.update)
        self.view.set_photo(*photo.size)
        self._follow(document)
        self.editor.setFocus()

    def _refresh(self) -> None:
        picture = self._photo if self.peeking or self._picture is None else self._picture
        self.editor.image = picture if self.mode == "single" else self._photo
        self._compare(self._photo)
        if self.mode == "single":
            self._label(self.editor, self.painted.title)
        else:
            self.editor.title, self.editor.note = self.tr("Photo and pose"), ""
        self.editor.update()
        self.painted.update()
