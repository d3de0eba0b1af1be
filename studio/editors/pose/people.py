"""Several people in one photo: numbered outlines over the canvas, one of which is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from engine.perception.base import Reading
from engine.photo import Mask
from studio.canvas.readout import draw_readout
from studio.canvas.transform import ViewTransform
from studio.theme import Tokens

_SCRIM = QColor(10, 11, 13, 120)
_HALO = QColor(0, 0, 0, 150)
_WHITE = QColor("#FFFFFF")
_PLAIN = [(_HALO, 4.5), (_WHITE, 1.5)]
_BADGE = 13.0
_REACH = 18.0
"""Pane points around a number that still hit it."""
_OUTLINE_SIDE = 1024
"""Longest side, in pixels, at which outlines are looked for."""
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Backtab)
_ON = (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Tab)
_TAKE = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True)
class _Person:
    """One of the people; places in photo pixels."""

    outline: QPainterPath
    badge: QPointF


class PeopleChooser(QWidget):
    """Covers a canvas while a person is to be chosen, by a click or by a number key.

    Arrows and Tab go from one to the next, Enter takes it, Esc chooses nobody. Wheel and middle
    button still move the view.

    Args:
        canvas: what it covers; its photo lies under `view`.

    Signals:
        chosen: the index of the person.
        closed: it no longer covers the canvas, whoever was chosen.
    """

    chosen = Signal(int)
    closed = Signal()

    def __init__(self, canvas: QWidget, view: ViewTransform) -> None:
        super().__init__(canvas)
        self._canvas, self._view = canvas, view
        self._people: list[_Person] = []
        self._marked = -1
        self._accent, self._on_accent = QColor(), QColor()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        canvas.installEventFilter(self)
        view.changed.connect(self.update)
        self.hide()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._accent, self._on_accent = QColor(tokens.accent), QColor(tokens.on_accent)
        self.update()

    def offer(self, people: Sequence[Reading], current: int) -> None:
        """Let one of the people, at least one, be chosen; `current` is marked first."""
        outlines = [outline_of(person.mask) for person in people]
        heads = map(_over_the_head, people, outlines)
        self._people = [_Person(*each) for each in zip(outlines, heads, strict=True)]
        self.setGeometry(self._canvas.rect())
        self._mark(current)
        self.show()
        self.raise_()
        self.setFocus()

    def _close(self) -> None:
        self.hide()
        self._canvas.setFocus()
        self.closed.emit()

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._people):
            self._close()
            self.chosen.emit(index)

    def _mark(self, index: int) -> None:
        if index != self._marked:
            self._marked = index
            self.update()

    def person_at(self, at: QPointF) -> int:
        """Who stands at a place in pane points, or -1; a number goes before an outline."""
        badges = [(self._pane(p.badge) - at).toTuple() for p in self._people]
        near = [i for i, (x, y) in enumerate(badges) if x * x + y * y <= _REACH**2]
        here = self._view.to_photo(at)
        inside = [i for i, p in enumerate(self._people) if p.outline.contains(here)]
        return next(iter((*near, *inside)), -1)

    def _pane(self, at: QPointF) -> QPointF:
        return self._view.to_pane(at.x(), at.y())

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Numbers are commands of the window: here they choose. Tab does not leave either."""
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self._means(event):
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress and event.key() in (*_BACK, *_ON):
                self.keyPressEvent(event)
                return True
        return super().event(event)

    def _means(self, event: QKeyEvent) -> bool:
        known = (*_BACK, *_ON, *_TAKE, Qt.Key.Key_Escape)
        return event.key() in known or _digit(event) >= 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, count = event.key(), len(self._people)
        if _digit(event) >= 0:
            self._choose(_digit(event))
        elif key in (*_BACK, *_ON):
            self._mark((self._marked + (1 if key in _ON else -1)) % count)
        elif key in _TAKE:
            self._choose(self._marked)
        elif key == Qt.Key.Key_Escape:
            self._close()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()  # the middle button moves the view
            return
        self._choose(self.person_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons():
            event.ignore()
            return
        over = self.person_at(event.position())
        if over >= 0:
            self._mark(over)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        QCoreApplication.sendEvent(self._canvas, event)  # it lies exactly under this one

    def tabletEvent(self, event: QTabletEvent) -> None:
        event.accept()
        if event.type() == QEvent.Type.TabletPress:
            self._choose(self.person_at(event.position()))

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outlines = [self._view.matrix().map(p.outline) for p in self._people]
        self._draw_scrim(painter, outlines)
        for i, outline in enumerate(outlines):
            self._draw_outline(painter, outline, i == self._marked)
        for i, person in enumerate(self._people):
            self._draw_badge(painter, self._pane(person.badge), i)
        draw_readout(
            painter,
            QPointF(0, self.height()),
            self.tr("Click a person or press a number; Esc keeps the one you have."),
        )

    def _draw_scrim(self, painter: QPainter, outlines: list[QPainterPath]) -> None:
        """Of the photo, the people stay bright."""
        everywhere = QPainterPath()
        everywhere.addRect(self._view.rect())
        for outline in outlines:
            everywhere -= outline
        painter.fillPath(everywhere, _SCRIM)

    def _draw_outline(self, painter: QPainter, outline: QPainterPath, marked: bool) -> None:
        lines = [(_HALO, 7.0), (_WHITE, 4.0), (self._accent, 2.5)] if marked else _PLAIN
        for colour, width in lines:
            painter.strokePath(outline, QPen(colour, width))

    def _draw_badge(self, painter: QPainter, at: QPointF, index: int) -> None:
        marked = index == self._marked
        painter.save()
        painter.setPen(QPen(_HALO, 3))
        painter.setBrush(self._accent if marked else QColor("#1B1C1F"))
        painter.drawEllipse(at, _BADGE, _BADGE)
        painter.setPen(self._on_accent if marked else _WHITE)
        font = painter.font()
        font.setPixelSize(14)
        font.setBold(True)
        painter.setFont(font)
        box = QRectF(at.x() - _BADGE, at.y() - _BADGE, 2 * _BADGE, 2 * _BADGE)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(index + 1))
        painter.restore()


def outline_of(mask: Mask) -> QPainterPath:
    """The outer outlines of a mask, in photo pixels."""
    height, width = mask.pixels.shape
    shrink = min(1.0, _OUTLINE_SIDE / max(height, width))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    small = cv2.resize(mask.pixels, size, interpolation=cv2.INTER_AREA)
    solid = (small > 127).astype(np.uint8)
    found, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    scale = np.array([width / size[0], height / size[1]])
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for contour in found:
        smooth = cv2.approxPolyDP(contour, 0.7, True)[:, 0]
        path.addPolygon([QPointF(x, y) for x, y in ((smooth + 0.5) * scale).tolist()])
        path.closeSubpath()
    return path


def _over_the_head(person: Reading, outline: QPainterPath) -> QPointF:
    """The place of a person's number: on the upper edge, clear of the face."""
    box, head = outline.boundingRect(), person.pose["nose"] or person.pose["neck"]
    return QPointF(head[0] if head is not None else box.center().x(), box.top())


def _digit(event: QKeyEvent) -> int:
    """0 for the key 1, up to 8 for 9; -1 for other keys."""
    plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    number = event.key() - Qt.Key.Key_1
    return number if plain and 0 <= number < 9 else -1
