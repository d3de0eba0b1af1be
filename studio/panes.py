"""The middle of the window: what is edited, what is painted, and how the two are shown."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.document import Document
from studio.editors.pose.tools import DragJoints
from studio.images import to_qimage
from studio.theme import Tokens, icon

VIEWS = ("side", "single", "wipe")


class Invitation(QWidget):
    """The empty state."""

    def __init__(self) -> None:
        super().__init__()
        self.picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        heading = QLabel(self.tr("Drop a photo of a person here"))
        heading.setObjectName("heading")
        caption = QLabel(self.tr("Then drag the joints and watch the person follow."))
        caption.setObjectName("caption")
        self.open_button = QPushButton(self.tr("Open photo…"))
        self.open_button.setObjectName("primary")
        self.sample_button = QPushButton(self.tr("Open sample"))
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.open_button)
        row.addWidget(self.sample_button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch()
        for label in (self.picture, heading, caption):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addSpacing(8)
        layout.addLayout(row)
        layout.addStretch()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        pixmap: QPixmap = icon("mdi6.human-handsup", tokens, tokens.muted).pixmap(64, 64)
        self.picture.setPixmap(pixmap)


class Panes(QWidget):
    """Two canvases that move together, or one; the invitation if there is no document."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panes")
        self.view = ViewTransform()
        self.editor = Canvas(self.view, QCoreApplication.translate("Panes", "Photo and pose"))
        self.painted = Canvas(self.view, QCoreApplication.translate("Panes", "Painted"))
        self.invitation = Invitation()
        self.document: Document | None = None
        self.mode = "side"
        self.peeking = False
        self._photo: QImage | None = None
        self._picture: QImage | None = None
        panes = QWidget()
        row = QHBoxLayout(panes)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        row.addWidget(self.editor)
        row.addWidget(self.painted)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.invitation)
        self._stack.addWidget(panes)
        self.painted.wiped.connect(self._set_wipe)
        self._wipe = 0.5

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.invitation.dress(tokens)
        self._accent = QColor(tokens.accent)
        for canvas in (self.editor, self.painted):
            canvas.surround = QColor(tokens.window)
            canvas.ink = QColor(tokens.muted)
            canvas.update()
        if self.tool is not None:
            self.tool.accent = self._accent

    @property
    def tool(self) -> DragJoints | None:
        """The pose tool of the current document."""
        tool = self.editor.tool
        return tool if isinstance(tool, DragJoints) else None

    def follow(self, document: Document) -> None:
        """Show another document."""
        self.document = document
        photo = document.reading.photo
        self._photo = to_qimage(photo.pixels)
        self._picture = None
        self.editor.tool = DragJoints(document, self.view, self._accent, self._update)
        document.pose_changed.connect(self._update)
        document.selection_changed.connect(self._update)
        document.picture_changed.connect(self._take_picture)
        self._stack.setCurrentIndex(1)
        self.show_as(self.mode)
        self.view.set_photo(*photo.size)
        self._take_picture()
        self.editor.setFocus()

    def show_as(self, mode: str) -> None:
        """Two panes ("side"), the picture under the skeleton ("single"), or a "wipe"."""
        self.mode = mode
        self.editor.setVisible(mode != "wipe")
        self.painted.setVisible(mode != "single")
        self._refresh()

    def peek(self, on: bool) -> None:
        """Show the original everywhere while a key is held."""
        self.peeking = on
        self._refresh()

    def longest(self) -> int:
        """Longest side, in device pixels, at which the picture is seen."""
        place = self.view.rect().size() * self.devicePixelRatioF()
        return max(64, round(max(place.width(), place.height())))

    def _take_picture(self) -> None:
        document = self.document
        if document is not None and document.picture is not None:
            self._picture = to_qimage(document.picture.pixels)
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
        self._update()

    def _update(self) -> None:
        self.editor.update()
        self.painted.update()
