"""A pad that moves a look along two directions at once."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.vectors import FARTHEST, Directions
from studio.panels.latent_numbers import LookNumbers
from studio.panels.painter import Menu
from studio.theme import DARK, Tokens

Axis = tuple[float, ...]
"""A direction of looks."""

_HEIGHT = 150
_EDGE, _RADIUS = 10.0, 7.0
_NUDGE, _FARTHER = 0.1, 0.5
_MAIN = 2
"""So many principal directions are offered."""
_ALIKE = 0.995
"""Cosine from which a principal direction is a slider's own."""
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_ZERO_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class PadField(QWidget):
    """A square of -3..3 both ways with a point in it, up is more.

    Signals:
        dragged: where the point is wanted: across, up.
        gesture_began: what comes next is another step for undo.
    """

    dragged = Signal(float, float)
    gesture_began = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens: Tokens = DARK
        self.point = (0.0, 0.0)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Pad of two directions"))

    def show_point(self, across: float, up: float) -> None:
        """Where the look is."""
        self.point = (across, up)
        self.update()

    def _inside(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)

    def place_of(self, across: float, up: float) -> QPointF:
        """The pixel at which a point is drawn; those beyond the edge lie on it."""
        box = self._inside()
        x, y = (min(max(v, -FARTHEST), FARTHEST) / FARTHEST for v in (across, up))
        return box.center() + QPointF(x * box.width() / 2, -y * box.height() / 2)

    def _drag_to(self, at: QPointF) -> None:
        box = self._inside()
        across = (at.x() - box.center().x()) / (box.width() / 2)
        up = -(at.y() - box.center().y()) / (box.height() / 2)
        self.dragged.emit(*(min(max(v, -1.0), 1.0) * FARTHEST for v in (across, up)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.gesture_began.emit()
            self._drag_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag_to(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._reset()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.gesture_began.emit()
        super().focusInEvent(event)

    def _reset(self) -> None:
        self.gesture_began.emit()
        self.dragged.emit(0.0, 0.0)

    def event(self, event: QEvent) -> bool:
        """Arrows and Delete belong to the pad while it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            key = event.key()
            if key in _ZERO_KEYS or (key in _ARROWS and _plain(event)):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _ZERO_KEYS:
            self._reset()
        elif key in _ARROWS and _plain(event):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            step = _FARTHER if shift else _NUDGE
            ways = _ARROWS[Qt.Key(key)]
            moved = (at + step * way for at, way in zip(self.point, ways, strict=True))
            self.dragged.emit(*(min(max(v, -FARTHEST), FARTHEST) for v in moved))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, box = self.tokens, self._inside()
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else tokens.border), 1))
        painter.setBrush(QColor(tokens.window))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(QPen(QColor(tokens.border), 1))
        middle = box.center()
        painter.drawLine(QPointF(box.left(), middle.y()), QPointF(box.right(), middle.y()))
        painter.drawLine(QPointF(middle.x(), box.top()), QPointF(middle.x(), box.bottom()))
        here = self.place_of(*self.point)
        painter.setPen(QPen(QColor(tokens.accent), 2))
        painter.drawLine(middle, here)
        painter.setPen(QPen(QColor(tokens.window), 1.5))
        painter.setBrush(QColor(tokens.text if self.isEnabled() else tokens.muted))
        painter.drawEllipse(here, _RADIUS, _RADIUS)


def _plain(event: QKeyEvent) -> bool:
    """No more than Shift is held; the pad of numbers counts as arrows."""
    keys = event.modifiers()
    others = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    return not keys & (others | Qt.KeyboardModifier.MetaModifier)


class LookPad(QWidget):
    """The pad, and two menus that say what lies across and up."""

    def __init__(self, numbers: LookNumbers) -> None:
        super().__init__()
        self.numbers = numbers
        self.field, self.across, self.up = PadField(), Menu(), Menu()
        self.across.setToolTip(self.tr("Across"))
        self.up.setToolTip(self.tr("Up"))
        self.across.setAccessibleName(self.across.toolTip())
        self.up.setAccessibleName(self.up.toolTip())
        self._merge = numbers.gesture()
        self._offered: tuple[tuple[str, Axis], ...] = ()
        self._known: tuple[tuple[int, ...], Directions | None] = ((), None)
        menus = QHBoxLayout()
        menus.setSpacing(4)
        for sign, menu in (("↔", self.across), ("↕", self.up)):
            label = QLabel(sign)
            label.setObjectName("caption")
            menus.addWidget(label)
            menus.addWidget(menu, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(menus)
        column.addWidget(self.field)
        numbers.changed.connect(self.refresh)
        self.field.gesture_began.connect(self._begin)
        self.field.dragged.connect(self._dragged)
        for menu in (self.across, self.up):
            menu.activated.connect(self._chosen)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.field.tokens = tokens
        self.field.update()

    def refresh(self) -> None:
        """Show the look as it is."""
        known = (self.numbers.shown, self.numbers.directions)
        if known != self._known:
            self._known = known
            self._offered = self._directions()
            self._fill()
        self.setVisible(len(self._offered) > 1)
        if len(self._offered) > 1:
            at = self.numbers.now.values
            self.field.show_point(*(float(np.dot(axis, at)) for axis in self.axes))

    def _directions(self) -> tuple[tuple[str, Axis], ...]:
        """Names and directions to choose from: each slider's own, and the principal ones."""
        numbers = self.numbers
        own = [tuple(map(float, np.eye(numbers.count)[n])) for n in numbers.shown]
        offered = [
            (self.tr("Slider {0}").format(n + 1), a)
            for n, a in zip(numbers.shown, own, strict=True)
        ]
        main = numbers.directions.axes[:_MAIN] if numbers.directions else ()
        for place, axis in enumerate(main, 1):
            if all(abs(np.dot(axis, each)) < _ALIKE for each in own):
                offered.append((self.tr("Main direction {0}").format(place), axis))
        return tuple(offered)

    def _fill(self) -> None:
        names = [name for name, _ in self._offered]
        main = [n for n, (_, axis) in enumerate(self._offered) if max(map(abs, axis)) < _ALIKE]
        first = main if len(main) > 1 else [0, 1]
        for menu, place in zip((self.across, self.up), first, strict=False):
            menu.clear()
            menu.addItems(names)
            menu.setCurrentIndex(min(place, len(names) - 1))

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The directions across and up."""
        across, up = (self._offered[menu.currentIndex()][1] for menu in (self.across, self.up))
        return across, up

    def _chosen(self) -> None:
        """The same direction both ways is none: the other menu takes another."""
        if self.across.currentIndex() == self.up.currentIndex():
            other = self.up if self.sender() is self.across else self.across
            other.setCurrentIndex((other.currentIndex() + 1) % len(self._offered))
        self.refresh()

    def _begin(self) -> None:
        self._merge = self.numbers.gesture()

    def _dragged(self, across: float, up: float) -> None:
        """Solve for the steps: a slider and a principal direction are not at right angles."""
        axes = np.array(self.axes)
        missing = np.array([across, up]) - axes @ np.array(self.numbers.now.values)
        steps = np.linalg.pinv(axes @ axes.T) @ missing
        self.numbers.move_along(list(zip(self.axes, steps.tolist(), strict=True)), self._merge)
