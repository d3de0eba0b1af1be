"""The tool that moves, scales and turns a set of points by a box around them."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QLocale, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from studio.canvas import box_marks
from studio.canvas.box_frame import (
    HANDLES,
    Matrix,
    Scaling,
    angle_between,
    box_of,
    mapped,
    opposite,
    place_on,
    rotation,
    scaling,
    translation,
)
from studio.canvas.readout import draw_readout
from studio.canvas.tool import MOUSE, Touch
from studio.canvas.transform import ViewTransform

MARGIN = 16.0
"""Pane points between the points and the box, so that both can be grabbed."""
REACH = 12.0
"""Pane points around a handle that still grab it."""
_TURN_REACH = 36.0
_SNAP_REACH = 10.0
STILL = 3.0
"""Pane points that the pointer may slip before a press becomes a drag."""
_IDENTITY: Matrix = np.array([[1.0, 0, 0], [0, 1, 0]])
_CORNERS = HANDLES[::2]
_ROOMY = 72.0
"""Pane points of the shorter side from which all handles find room."""


class Subject(Protocol):
    """Points in photo pixels that a box holds."""

    def points(self) -> NDArray[np.float64]:
        """(n, 2) as they are now."""
        ...

    def identity(self) -> Hashable:
        """Says which points these are; the pivot goes back when it is another one."""
        ...

    def pivot(self) -> tuple[float, float] | None:
        """Where the points turn about by nature; None = the middle of the box."""
        ...

    def preview(self, matrix: Matrix) -> None:
        """Show the points as they were when the gesture began, under this map."""
        ...

    def commit(self, text: str) -> None:
        """End the gesture: one step of undo."""
        ...

    def abort(self) -> bool:
        """Take the gesture back; False if there was none."""
        ...


class Part(Enum):
    """What of the box lies under the hand."""

    outside = auto()
    inside = auto()
    handle = auto()
    corner = auto()
    pivot = auto()


@dataclass
class _Gesture:
    """A press on the box; places in photo pixels.

    Attributes:
        own_pivot: where the person put the pivot; None = where it is by nature.
        hand: where the hand is now, in pane points.
        slip: from the hand to the handle that it holds.
    """

    part: Part
    handle: tuple[float, float]
    start: QPointF
    box: QRectF
    pivot: QPointF
    own_pivot: QPointF | None
    hand: QPointF
    slip: QPointF
    matrix: Matrix
    text: str = ""
    dragging: bool = False


class BoxTransform:
    """Handles scale, the inside moves, outside a corner turns about the pivot.

    Shift keeps the proportions, or one direction; Ctrl snaps to 15 degrees; Alt scales about the
    pivot, which can be dragged and snaps to points.

    Args:
        changed: called when the marks must be drawn again.
    """

    def __init__(
        self, subject: Subject, view: ViewTransform, accent: QColor, changed: Callable[[], None]
    ) -> None:
        self.subject, self.view, self.accent, self._changed = subject, view, accent, changed
        self._pivot: QPointF | None = None
        self._identity: Hashable = None
        self._gesture: _Gesture | None = None
        self._over: tuple[Part, tuple[float, float]] = (Part.outside, (0, 0))

    # What lies where

    @property
    def box(self) -> QRectF:
        """Around the points, in photo pixels; empty if there are fewer than two."""
        points = self.subject.points()
        return box_of(points) if len(points) > 1 else QRectF()

    @property
    def pivot(self) -> QPointF:
        """Where a turn stays, in photo pixels."""
        if self._identity != self.subject.identity():
            self._identity, self._pivot = self.subject.identity(), None
        if self._pivot is not None:
            return self._pivot
        natural = self.subject.pivot()
        return QPointF(*natural) if natural is not None else self.box.center()

    def part_at(self, at: QPointF) -> tuple[Part, tuple[float, float]]:
        """What a press would grab at a place in pane points, and which handle."""
        if len(self.subject.points()) < 2:
            return Part.outside, (0, 0)
        frame = self._frame(self.box)
        away = {h: _distance(place_on(frame, h), at) for h in HANDLES}
        nearest = min(_shown(frame), key=lambda h: away[h])
        corner = min(_CORNERS, key=lambda h: away[h])
        if away[nearest] <= REACH:
            return Part.handle, nearest
        reach = REACH if _roomy(frame) else REACH / 2
        if _distance(self._pane(self.pivot), at) <= reach:
            return Part.pivot, nearest
        if frame.contains(at):
            return Part.inside, nearest
        return (Part.corner if away[corner] <= _TURN_REACH else Part.outside), corner

    def _frame(self, box: QRectF) -> QRectF:
        """The box as it is drawn, in pane points."""
        size = box.size() * self.view.scale
        frame = QRectF(self.view.to_pane(box.left(), box.top()), size)
        return frame.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def _pane(self, at: QPointF) -> QPointF:
        return self.view.to_pane(at.x(), at.y())

    @property
    def dragging(self) -> bool:
        """Whether a gesture is under way that is more than a click."""
        return self._gesture is not None and self._gesture.dragging

    @property
    def hovered(self) -> Part:
        """What lay under the pointer when it was last told."""
        return self._over[0]

    # Gestures

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        part, handle = self.part_at(at)
        if part is Part.outside:
            return
        here, box = self.view.to_photo(at), self.box
        slip = place_on(box, handle) - here
        pivot = self.pivot
        self._gesture = _Gesture(part, handle, here, box, pivot, self._pivot, at, slip, _IDENTITY)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        gesture = self._gesture
        if gesture is None:
            return
        gesture.dragging |= _distance(self._pane(gesture.start), at) >= STILL
        if not gesture.dragging:
            return
        gesture.hand = at
        here = self.view.to_photo(at)
        if gesture.part is Part.pivot:
            self._pivot = self._snapped(here)
        else:
            gesture.matrix, gesture.text = _meant(gesture, here, keys)
            self.subject.preview(gesture.matrix)
        self._changed()

    def hover(self, at: QPointF) -> None:
        over = self.part_at(at)
        if over != self._over:
            self._over = over
            self._changed()

    def release(self, at: QPointF) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is None or not gesture.dragging:
            return
        if gesture.part is not Part.pivot:
            if self._pivot is not None:
                self._pivot = mapped(gesture.matrix, self._pivot)
            self.subject.commit(_step(gesture.part))
        self._changed()

    def cancel(self) -> bool:
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return False
        self._pivot = gesture.own_pivot
        self.subject.abort()
        self._changed()
        return True

    def _snapped(self, here: QPointF) -> QPointF:
        """The point that is near, or the place itself."""
        points = self.subject.points()
        away = np.hypot(*(points - (here.x(), here.y())).T) * self.view.scale
        nearest = int(away.argmin())
        return QPointF(*points[nearest]) if away[nearest] <= _SNAP_REACH else here

    # Looks

    def cursor(self) -> Qt.CursorShape:
        gesture = self._gesture
        part, handle = (gesture.part, gesture.handle) if gesture else self._over
        return box_marks.cursor_for(part.name, handle, gesture is not None)

    def draw(self, painter: QPainter) -> None:
        gesture = self._gesture
        points = self.subject.points()
        if len(points) < 2:
            return
        turned = gesture if gesture is not None and gesture.part is Part.corner else None
        frame = self._frame(turned.box if turned else self.box)
        outline = [place_on(frame, h) for h in _CORNERS]
        handles = [place_on(frame, h) for h in _shown(frame)]
        pivot = self.pivot
        if turned is not None:
            outline = [self._under(turned.matrix, at) for at in outline]
            handles = [self._under(turned.matrix, at) for at in handles]
        elif gesture is not None:
            pivot = mapped(gesture.matrix, pivot if gesture.part is Part.pivot else gesture.pivot)
        arcs = turned is not None or (gesture is None and self._over[0] is Part.corner)
        box_marks.draw_box(painter, outline, handles, self.accent, arcs)
        box_marks.draw_pivot(painter, self._pane(pivot), self.accent)
        if gesture is not None and gesture.text:
            draw_readout(painter, gesture.hand, gesture.text)

    def _under(self, matrix: Matrix, at: QPointF) -> QPointF:
        """A place in pane points under a map of photo pixels."""
        return self._pane(mapped(matrix, self.view.to_photo(at)))


def _roomy(frame: QRectF) -> bool:
    return min(frame.width(), frame.height()) >= _ROOMY


def _shown(frame: QRectF) -> tuple[tuple[float, float], ...]:
    """All handles, or the corners where those between would leave no inside to grab."""
    return HANDLES if _roomy(frame) else _CORNERS


def _meant(gesture: _Gesture, here: QPointF, keys: Qt.KeyboardModifier) -> tuple[Matrix, str]:
    """The map that a drag to a place asks for, and its numbers."""
    shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
    if gesture.part is Part.corner:
        snap = bool(keys & Qt.KeyboardModifier.ControlModifier)
        angle = angle_between(gesture.start, here, gesture.pivot, snap)
        return rotation(angle, gesture.pivot), _degrees(angle)
    if gesture.part is Part.handle:
        about_pivot = bool(keys & Qt.KeyboardModifier.AltModifier)
        stays = gesture.pivot if about_pivot else place_on(gesture.box, opposite(gesture.handle))
        grip = place_on(gesture.box, gesture.handle)
        factors = Scaling(gesture.handle, grip, stays).factors(here + gesture.slip, shift)
        return scaling(factors, stays), _percents(*factors)
    by = here - gesture.start
    if shift:
        by = QPointF(by.x(), 0) if abs(by.x()) >= abs(by.y()) else QPointF(0, by.y())
    return translation(by), _pixels(by)


def _degrees(angle: float) -> str:
    return f"{QLocale().toString(math.degrees(angle), 'f', 1)}°"


def _percents(across: float, down: float) -> str:
    if math.isclose(across, down):
        return f"{across * 100:.0f} %"
    return f"{across * 100:.0f} × {down * 100:.0f} %"


def _pixels(by: QPointF) -> str:
    return f"{by.x():+.0f}, {by.y():+.0f} px"


def _step(part: Part) -> str:
    """The name of the step in the history."""
    tr = QCoreApplication.translate
    match part:
        case Part.corner:
            return tr("BoxTransform", "Rotate")
        case Part.handle:
            return tr("BoxTransform", "Scale")
        case _:
            return tr("BoxTransform", "Move")


def _distance(a: QPointF, b: QPointF) -> float:
    return math.hypot(a.x() - b.x(), a.y() - b.y())
