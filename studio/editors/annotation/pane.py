"""The canvas of a training photo: the photo, the person's pixels tinted, and their joints."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QKeyEvent, QPainter

from studio.canvas.brush import Brush, BrushOptions, Tint, mask_palette
from studio.canvas.tool import Tool
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas, Image
from studio.editors.annotation.document import AnnotationDocument
from studio.editors.annotation.joints import PlaceJoints
from studio.editors.pose.options import PoseOptions
from studio.images import Pyramid
from studio.panels.brush_rows import PersonMask
from studio.theme import DARK, Tokens

TINT, _STRENGTH = QColor("#F2443A"), 0.45
"""Of the person's pixels, on any photo."""
_TABS = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}


class _Shown:
    """The photo, and the tinted mask over it where no brush shows it."""

    def __init__(self, pane: AnnotationPane, photo: Image) -> None:
        self._pane, self._photo = pane, photo

    def draw(self, painter: QPainter, place: QRectF) -> None:
        self._photo.draw(painter, place)
        self._pane.draw_mask(painter)


class AnnotationPane(Canvas):
    """Shows one document after the other.

    Attributes:
        options: switches of the joint tool.
        joints: the joint tool of the document that is shown.
        brushing: whether the mask is painted instead of joints moved.
        masked: whether the mask is shown.
        peeking: whether the photo is shown alone.

    Signals:
        tabbed: Tab was pressed: 1, or backwards: -1.
    """

    tabbed = Signal(int)

    def __init__(self, brush: BrushOptions) -> None:
        super().__init__(ViewTransform())
        self.right_erases = True
        self.options, self._brush_options = PoseOptions(), brush
        self.document: AnnotationDocument | None = None
        self.joints: PlaceJoints | None = None
        self.brushing = self.peeking = False
        self.masked = True
        self._brush: Brush | None = None
        self._tint = Tint(mask_palette(TINT, _STRENGTH))
        self._accent = QColor(DARK.accent)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.surround, self.ink = QColor(tokens.window), QColor(tokens.muted)
        self._accent = QColor(tokens.accent)
        if self.joints is not None:
            self.joints.accent = self._accent
        self.update()

    def follow(self, document: AnnotationDocument, photo: Pyramid) -> None:
        """Show another document and its photo."""
        self.let_go()
        self.document, self.image = document, _Shown(self, photo)
        self.view.set_photo(*document.size)
        for signal in _shown_of(document):
            signal.connect(self.update)
        self.joints = PlaceJoints(document, self.view, self._accent, self.update, self.options)
        palette = mask_palette(TINT, _STRENGTH)
        mask = PersonMask(document)
        self._brush = Brush(mask, self.view, palette, self.update, self._brush_options)
        self._choose_tool()

    def let_go(self) -> None:
        """Hear no more of a document."""
        document, joints, brush = self.document, self.joints, self._brush
        if document is not None and joints is not None and brush is not None:
            for tool in (joints, brush):
                tool.cancel()
                tool.let_go()
            for signal in _shown_of(document):
                signal.disconnect(self.update)
        self.document = self.image = self.tool = None
        self.update()

    def brush_mask(self, on: bool) -> None:
        """The brush on the mask instead of the joints, or the joints again."""
        if self.tool is not None:
            self.tool.cancel()
        self.brushing = on
        self._choose_tool()

    def _choose_tool(self) -> None:
        ready = self.image is not None and not self.peeking
        wanted: Tool | None = self._brush if self.brushing else self.joints
        self.tool = wanted if ready else None
        self.set_cursor()
        self.update()

    # Views

    def draw_mask(self, painter: QPainter) -> None:
        """The person's pixels; with the brush in hand it shows them."""
        document, alone = self.document, self.peeking or self.brushing or not self.masked
        if document is not None and not alone:
            self._tint.show(document.shown_mask.pixels)
            self._tint.draw(painter, self.view)

    def show_mask(self, on: bool) -> None:
        """The mask, or the photo without it."""
        self.masked = on
        self.update()

    def peek(self, on: bool) -> None:
        """The photo alone, while a key is held."""
        if on != self.peeking:
            self.peeking = on
            self._choose_tool()

    # Keys that win over the window's commands

    def event(self, event: QEvent) -> bool:
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if isinstance(event, QKeyEvent) and event.type() in kinds:
            step = _TABS.get(Qt.Key(event.key()))
            if step is not None and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
                if event.type() == QEvent.Type.KeyPress:
                    self.tabbed.emit(step)
                event.accept()
                return True
        return super().event(event)


def _shown_of(document: AnnotationDocument) -> tuple[SignalInstance, ...]:
    """What tells that a document looks different."""
    return document.shape_changed, document.selection_changed, document.mask_changed
