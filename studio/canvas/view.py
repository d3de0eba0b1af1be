"""A pane: a picture under the view transform, marks over it, and the active tool."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.canvas.hand import Hand
from studio.canvas.tool import Tool
from studio.canvas.transform import ViewTransform

_CRISP_FROM = 4.0
"""Device pixels per photo pixel from which pixels are shown as squares."""


class Image(Protocol):
    """What a canvas can show."""

    def draw(self, painter: QPainter, place: QRectF) -> None:
        """Fill `place`, in the painter's units."""
        ...


class Canvas(QWidget):
    """Draws `image` over the photo's rectangle; with `before` and `wipe` two of them.

    Attributes:
        title: stands in the corner, with `note` after a dot of `note_ink` if there is one.
        grabbing: whether a drag moves the view, as while Space is held.
        scrolls: whether the wheel moves the view instead of zooming.
        right_erases: whether the right button drives the tool too, as the pen's eraser does.

    Signals:
        wiped: the wipe line was dragged to this share of the photo's width.
    """

    wiped = Signal(float)

    def __init__(self, view: ViewTransform) -> None:
        super().__init__()
        self.view = view
        self.title = self.note = ""
        self.image: Image | None = None
        self.before: Image | None = None
        self.wipe: float | None = None
        self.tool: Tool | None = None
        self.surround, self.ink, self.note_ink = (QColor() for _ in range(3))
        self.grabbing = self.scrolls = self.right_erases = False
        self._hand = Hand(self)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 200)
        view.changed.connect(self.update)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.isVisible():  # panes share a view; one that is hidden has no say
            self.view.set_pane(self.width(), self.height())

    def showEvent(self, event: QShowEvent) -> None:
        self.view.set_pane(self.width(), self.height())

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.surround)
        smooth = self.view.scale * self.devicePixelRatioF() < _CRISP_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self._aligned(self.view.rect())
        if self.image is not None:
            self.image.draw(painter, place)
        if self.before is not None and self.wipe is not None:
            self._draw_wipe(painter, place)
        if self.tool is not None:
            self.tool.draw(painter)
        self._draw_title(painter)

    def _aligned(self, place: QRectF) -> QRectF:
        """The place on whole device pixels, so that edges are sharp."""
        ratio = self.devicePixelRatioF()
        left, top = round(place.left() * ratio) / ratio, round(place.top() * ratio) / ratio
        right, bottom = round(place.right() * ratio) / ratio, round(place.bottom() * ratio) / ratio
        return QRectF(left, top, right - left, bottom - top)

    def _draw_wipe(self, painter: QPainter, place: QRectF) -> None:
        assert self.before is not None and self.wipe is not None
        x = place.left() + place.width() * self.wipe
        painter.save()
        painter.setClipRect(QRectF(place.left(), place.top(), x - place.left(), place.height()))
        self.before.draw(painter, place)
        painter.restore()
        for width, colour in ((4.5, QColor(0, 0, 0, 150)), (1.5, QColor("white"))):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, place.top()), QPointF(x, place.bottom()))
        self._draw_grip(painter, QPointF(x, place.center().y()))

    def _draw_grip(self, painter: QPainter, at: QPointF) -> None:
        painter.setPen(QPen(QColor(0, 0, 0, 150), 1.5))
        painter.setBrush(QColor("white"))
        painter.drawEllipse(at, 11, 11)
        painter.setPen(QPen(QColor("#1B1C1F"), 1.5))
        for side in (-1, 1):
            tip = at + QPointF(side * 6.5, 0)
            painter.drawPolyline([tip - QPointF(side * 3, 3), tip, tip - QPointF(side * 3, -3)])

    def _draw_title(self, painter: QPainter) -> None:
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        measure = QFontMetricsF(font)
        width = measure.horizontalAdvance(self.title)
        room = width + (22 + measure.horizontalAdvance(self.note) if self.note else 0)
        back = QColor(self.surround)
        back.setAlpha(215)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(back)
        painter.drawRoundedRect(QRectF(8, 3, room + 16, 20), 6, 6)
        painter.setPen(self.ink)
        painter.drawText(QPointF(16, 17), self.title)
        if self.note:
            painter.drawText(QPointF(16 + width + 22, 17), self.note)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.note_ink)
            painter.drawEllipse(QPointF(16 + width + 13, 13), 3.5, 3.5)

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._handle(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._handle(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._handle(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._handle(event)

    def tabletEvent(self, event: QTabletEvent) -> None:
        self._hand.pen(event)
        self.set_cursor()

    def _handle(self, event: QMouseEvent) -> None:
        self._hand.mouse(event)
        self.set_cursor()

    def leaveEvent(self, event: QEvent) -> None:
        self._hand.leave()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._hand.wheel(event)

    def event(self, event: QEvent) -> bool:
        zoom = Qt.NativeGestureType.ZoomNativeGesture
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == zoom:
            self.view.zoom(1 + event.value(), event.position())
            return True
        return super().event(event)

    def wipe_to(self, share: float) -> None:
        """Tell that the wipe line was dragged to this share of the photo's width."""
        self.wiped.emit(share)

    def zoom(self, factor: float) -> None:
        """Zoom about the middle."""
        self.view.zoom(factor, self.rect().toRectF().center())

    def hold(self, on: bool) -> None:
        """Let drags move the view while a key is held."""
        self.grabbing = on
        self.set_cursor()

    def set_cursor(self) -> None:
        """The cursor that says what a drag would do."""
        self.setCursor(self._hand.cursor())
