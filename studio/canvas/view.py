"""A pane: a picture under the view transform, marks over it, and the active tool."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.canvas.tool import Tool
from studio.canvas.transform import ViewTransform

_WHEEL_STEP = 1.0015


class Canvas(QWidget):
    """Draws `image` over the photo's rectangle; with `before` and `wipe` two of them.

    Signals:
        wiped: the wipe line was dragged to this share of the photo's width.
    """

    wiped = Signal(float)

    def __init__(self, view: ViewTransform, title: str) -> None:
        super().__init__()
        self.view = view
        self.title = title
        self.image: QImage | None = None
        self.before: QImage | None = None
        self.wipe: float | None = None
        self.tool: Tool | None = None
        self.surround = QColor("#17181B")
        self.ink = QColor("#9B9EA6")
        self._panning = False
        self._wiping = False
        self._space = False
        self._last = QPointF()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 200)
        view.changed.connect(self.update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view.set_pane(self.width(), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.surround)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.view.scale < 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self.view.rect()
        if self.image is not None:
            painter.drawImage(place, self.image, QRectF(self.image.rect()))
        if self.before is not None and self.wipe is not None:
            self._draw_wipe(painter, place)
        if self.tool is not None:
            self.tool.draw(painter)
        self._draw_title(painter)

    def _draw_wipe(self, painter: QPainter, place: QRectF) -> None:
        assert self.before is not None and self.wipe is not None
        x = place.left() + place.width() * self.wipe
        painter.save()
        painter.setClipRect(QRectF(place.left(), place.top(), x - place.left(), place.height()))
        painter.drawImage(place, self.before, QRectF(self.before.rect()))
        painter.restore()
        for width, colour in ((4.0, QColor(0, 0, 0, 120)), (1.5, QColor("white"))):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))

    def _draw_title(self, painter: QPainter) -> None:
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(self.ink)
        painter.drawText(QPointF(12, 18), self.title)

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._last = event.position()
        middle = event.button() == Qt.MouseButton.MiddleButton
        left = event.button() == Qt.MouseButton.LeftButton
        if middle or (left and self._space):
            self._panning = True
        elif left and self._near_wipe(event.position()):
            self._wiping = True
        elif left and self.tool is not None:
            self.tool.press(event.position(), event.modifiers())
        self._set_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at, held = event.position(), event.buttons()
        if self._panning:
            self.view.pan(at - self._last)
        elif self._wiping:
            place = self.view.rect()
            self.wiped.emit(min(max((at.x() - place.left()) / place.width(), 0.0), 1.0))
        elif self.tool is not None and held & Qt.MouseButton.LeftButton:
            self.tool.move(at, event.modifiers())
        elif self.tool is not None:
            self.tool.hover(at)
        self._last = at
        self._set_cursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._panning or self._wiping:
            self._panning = self._wiping = False
        elif event.button() == Qt.MouseButton.LeftButton and self.tool is not None:
            self.tool.release(event.position())
        self._set_cursor()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.view.zoom(_WHEEL_STEP ** event.angleDelta().y(), event.position())
        event.accept()

    def _near_wipe(self, at: QPointF) -> bool:
        if self.wipe is None:
            return False
        place = self.view.rect()
        return abs(place.left() + place.width() * self.wipe - at.x()) < 8

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._space = True
            self._set_cursor()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._set_cursor()
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: object) -> None:
        self._space = False  # the key-up goes to another window
        self._set_cursor()

    def _set_cursor(self) -> None:
        if self._panning:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self._wiping or self._near_wipe(self._last):
            shape = Qt.CursorShape.SplitHCursor
        else:
            shape = self.tool.cursor() if self.tool else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
