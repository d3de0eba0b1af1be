"""What the hand does on a canvas: it moves the view, drags the wipe line or drives the tool."""

from __future__ import annotations

from enum import Enum, auto
from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)

from studio.canvas.tool import MOUSE, Tool, Touch
from studio.canvas.transform import ViewTransform

_WHEEL_STEP = 1.0015
_WIPE_REACH = 8.0
_AWAY = QPointF(-1e6, -1e6)
_RIGHT = Qt.MouseButton.RightButton


class Surface(Protocol):
    """The canvas under the hand."""

    view: ViewTransform
    tool: Tool | None
    wipe: float | None
    grabbing: bool
    scrolls: bool
    right_erases: bool

    def wipe_to(self, share: float) -> None: ...


class _Doing(Enum):
    nothing = auto()
    panning = auto()
    wiping = auto()
    drawing = auto()


class Hand:
    """Mouse, pen and touchpad on one canvas; one gesture at a time, ended by its own button."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._doing = _Doing.nothing
        self._button = Qt.MouseButton.NoButton
        self._last = QPointF()
        self._pen_down = False

    def mouse(self, event: QMouseEvent) -> None:
        """A mouse event; ignored while the pen is down, which some drivers report twice."""
        if self._pen_down:
            return
        at, keys = event.position(), event.modifiers()
        match event.type():
            case QMouseEvent.Type.MouseButtonPress:
                self._press(at, event.button(), keys, Touch(eraser=event.button() == _RIGHT))
            case QMouseEvent.Type.MouseButtonDblClick:
                eraser = event.button() == _RIGHT
                self._press(at, event.button(), keys, Touch(eraser=eraser, twice=True))
            case QMouseEvent.Type.MouseMove:
                self._move(at, event.buttons(), keys, MOUSE)
            case QMouseEvent.Type.MouseButtonRelease:
                self._release(at, event.button())

    def pen(self, event: QTabletEvent) -> None:
        """A pen event; accepted, so that no mouse event follows."""
        event.accept()
        at, keys = event.position(), event.modifiers()
        eraser = event.pointerType() == QPointingDevice.PointerType.Eraser
        touch = Touch(event.pressure(), eraser or event.button() == _RIGHT)
        match event.type():
            case QTabletEvent.Type.TabletPress:
                self._pen_down = True
                self._press(at, event.button(), keys, touch)
            case QTabletEvent.Type.TabletMove:
                self._move(at, event.buttons(), keys, touch)
            case QTabletEvent.Type.TabletRelease:
                self._pen_down = False
                self._release(at, event.button())

    def wheel(self, event: QWheelEvent) -> None:
        """The wheel zooms at the cursor, or scrolls; two fingers pan; with Ctrl both zoom."""
        pans = (
            self._surface.scrolls
            or event.phase() != Qt.ScrollPhase.NoScrollPhase
            or event.device().type() == QInputDevice.DeviceType.TouchPad
        )
        if pans and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            pixels = event.pixelDelta()
            self._surface.view.pan(QPointF(event.angleDelta() if pixels.isNull() else pixels))
        else:
            self._surface.view.zoom(_WHEEL_STEP ** event.angleDelta().y(), event.position())
        event.accept()

    def leave(self) -> None:
        """The pointer is elsewhere."""
        self._last = _AWAY
        if self._surface.tool is not None:
            self._surface.tool.hover(_AWAY)

    def cursor(self) -> Qt.CursorShape:
        """The cursor that says what a drag would do."""
        surface = self._surface
        if self._doing is _Doing.panning:
            return Qt.CursorShape.ClosedHandCursor
        if surface.grabbing:
            return Qt.CursorShape.OpenHandCursor
        if self._doing is _Doing.wiping or self._near_wipe(self._last):
            return Qt.CursorShape.SplitHCursor
        return surface.tool.cursor() if surface.tool else Qt.CursorShape.ArrowCursor

    def _press(
        self, at: QPointF, button: Qt.MouseButton, keys: Qt.KeyboardModifier, touch: Touch
    ) -> None:
        if self._doing is not _Doing.nothing:
            return
        self._last, self._button = at, button
        self._doing = self._meant(at, button)
        if self._doing is _Doing.drawing and self._surface.tool is not None:
            self._surface.tool.press(at, keys, touch)

    def _meant(self, at: QPointF, button: Qt.MouseButton) -> _Doing:
        left = button == Qt.MouseButton.LeftButton
        if button == Qt.MouseButton.MiddleButton or (left and self._surface.grabbing):
            return _Doing.panning
        if left and self._near_wipe(at):
            return _Doing.wiping
        drives = left or (button == _RIGHT and self._surface.right_erases)
        return _Doing.drawing if drives and self._surface.tool is not None else _Doing.nothing

    def _move(
        self, at: QPointF, held: Qt.MouseButton, keys: Qt.KeyboardModifier, touch: Touch
    ) -> None:
        surface = self._surface
        if self._doing is not _Doing.nothing and not held & self._button:
            self._release(at, self._button)  # let go where we did not hear it
        if self._doing is _Doing.panning:
            surface.view.pan(at - self._last)
        elif self._doing is _Doing.wiping:
            place = surface.view.rect()
            surface.wipe_to(min(max((at.x() - place.left()) / place.width(), 0.0), 1.0))
        elif self._doing is _Doing.drawing and surface.tool is not None:
            surface.tool.move(at, keys, touch)
        elif surface.tool is not None:
            surface.tool.hover(at)
        self._last = at

    def _release(self, at: QPointF, button: Qt.MouseButton) -> None:
        if button != self._button:
            return
        drew, self._doing = self._doing is _Doing.drawing, _Doing.nothing
        if drew and self._surface.tool is not None:
            self._surface.tool.release(at)

    def _near_wipe(self, at: QPointF) -> bool:
        surface = self._surface
        if surface.wipe is None:
            return False
        place = surface.view.rect()
        return abs(place.left() + place.width() * surface.wipe - at.x()) < _WIPE_REACH
