"""The chart of a training: losses and figures over time, with what is under the pointer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLocale, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.theme import DARK, LIGHT, Tokens
from studio.training.scale import Axis, fitted, short
from studio.training.stats import CHECKED, Curve

_DARK = ("#6C9CFF", "#E69F00", "#5DBB86", "#CC79A7", "#56B4E9", "#F0E442", "#E07B39", "#B7A6FF")
_LIGHT = ("#2B62D9", "#B26A00", "#2C8A57", "#A8477E", "#0072B2", "#7A6A00", "#C04A00", "#6B4FC0")
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 24
_MARK = 3.5
_ROWS, _COLUMN = 44, 90
"""Points of the screen between two marks of an axis, about."""
_BOX = 9
_REACH = 24
"""Points of the screen from which an alarm is told."""


@dataclass(frozen=True)
class Flag:
    """Something that happened at a time.

    Attributes:
        minutes: of training.
        kind: "stage", or an alarm: "warning" or "error".
    """

    minutes: float
    text: str
    kind: str = "stage"


def colours(names: Sequence[str], tokens: Tokens) -> dict[str, QColor]:
    """A colour a curve; a figure on held-out photos has that of the loss it is called after."""
    table = _LIGHT if tokens.panel == LIGHT.panel else _DARK
    found: dict[str, QColor] = {}
    for name in names:
        twin = _twin(name, found) if name.startswith(CHECKED) else None
        found[name] = found[twin] if twin else QColor(table[len(found) % len(table)])
    return found


def _twin(figure: str, losses: Iterable[str]) -> str | None:
    """The loss that a figure is called after: val_l1 and val_again_l1 after l1."""
    return next((loss for loss in losses if figure.endswith(f"_{loss}")), None)


class Chart(QWidget):
    """Curves over minutes of training.

    Attributes:
        minutes: where the pointer is, or None.

    Signals:
        hovered: the pointer is at another time, which :attr:`minutes` tells.
    """

    hovered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens = DARK
        self.minutes: float | None = None
        self.log = False
        self._curves: Mapping[str, Curve] = {}
        self._shown: list[str] = []
        self._width = 1
        self._flags: Sequence[Flag] = ()
        self._drawn: QPixmap | None = None
        self._across, self._up = Axis(0, 1), Axis(0, 1)
        self.setMouseTracking(True)
        self.setMinimumSize(QSize(240, 140))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Losses over time"))

    def sizeHint(self) -> QSize:
        return QSize(560, 240)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.tokens = tokens
        self._refresh()

    def show_curves(self, curves: Mapping[str, Curve], flags: Sequence[Flag] = ()) -> None:
        """Draw these from now on."""
        self._curves, self._flags = curves, flags
        self._refresh()

    def show_only(self, names: Sequence[str], smooth: int, log: bool) -> None:
        """Which curves are seen, over how many ticks each is averaged, and on what scale."""
        self._shown, self._width, self.log = list(names), smooth, log
        self._refresh()

    def _refresh(self) -> None:
        lines = self._lines()
        last = max((c.minutes[-1] for c in self._curves.values() if len(c.minutes)), default=0.0)
        self._across = Axis(0.0, max(float(last), 1e-3))
        self._up = fitted([values for _, values in lines.values()], self.log)
        self._drawn = None
        self.update()

    def _lines(self) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Minutes and values of what is seen; figures on held-out photos are never averaged."""
        found = {}
        for name in self._shown:
            curve = self._curves.get(name)
            if curve is not None and len(curve.minutes):
                width = 1 if name.startswith(CHECKED) else self._width
                found[name] = curve.minutes, curve.smoothed(width)
        return found

    # Places

    @property
    def plot(self) -> QRectF:
        """The part of the widget between the axes."""
        inner = self.rect().adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        return QRectF(inner)

    def place(self, minutes: float, value: float) -> QPointF:
        """Where a point of a curve lies in the widget."""
        xs, ys = self._places(np.array([minutes]), np.array([value]))
        return QPointF(float(xs[0]), float(ys[0]))

    def _places(
        self, minutes: NDArray[np.float64], values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        plot = self.plot
        across = plot.left() + self._across.share(minutes) * plot.width()
        up = plot.bottom() - self._up.share(values) * plot.height()
        return across, np.clip(up, -1e4, 1e4)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._drawn is None:
            self._drawn = self._draw()
        painter.drawPixmap(0, 0, self._drawn)
        if self.minutes is not None and self._curves:
            self._draw_pointer(painter, self.minutes)

    def _draw(self) -> QPixmap:
        """Everything but what follows the pointer."""
        ratio = self.devicePixelRatioF()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(QColor(self.tokens.window))
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._small())
        if self._curves:
            self._draw_axes(painter)
            self._draw_flags(painter)
            self._draw_curves(painter)
        else:
            painter.setPen(QColor(self.tokens.muted))
            words = self.tr("The first line comes after a few seconds of training.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
        return made

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(11)
        return font

    def _draw_axes(self, painter: QPainter) -> None:
        plot, ink = self.plot, QColor(self.tokens.muted)
        rule = QPen(QColor(self.tokens.border), 1)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in self._up.marks(int(plot.height() / _ROWS)):
            y = self.place(0, value).y()
            painter.setPen(rule)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(ink)
            painter.drawText(QRectF(0, y - 8, _LEFT - 8, 16), right, short(value))
        for value, words in self._times(int(plot.width() / _COLUMN)):
            x = plot.left() + value / self._across.high * plot.width()
            painter.setPen(ink)
            wide = QRectF(x - 40, plot.bottom() + 5, 80, 16)
            wide.moveRight(min(wide.right(), self.width() - 2.0))
            painter.drawText(wide, Qt.AlignmentFlag.AlignCenter, words)

    def _times(self, most: int) -> list[tuple[float, str]]:
        """Marks of the time axis in its best unit."""
        unit, words = next(
            (unit, words)
            for unit, words in (
                (1440.0, self.tr("{0} d")),
                (60.0, self.tr("{0} h")),
                (1.0, self.tr("{0} min")),
                (1 / 60, self.tr("{0} s")),
            )
            if self._across.high >= 3 * unit or unit < 1
        )
        axis = Axis(0.0, self._across.high / unit)
        return [(mark * unit, words.format(short(mark))) for mark in axis.marks(most)]

    def _draw_flags(self, painter: QPainter) -> None:
        plot = self.plot
        inks = {"warning": self.tokens.warning, "error": self.tokens.error}
        for flag in self._flags:
            x = self.place(flag.minutes, self._up.low).x()
            style = Qt.PenStyle.SolidLine if flag.kind in inks else Qt.PenStyle.DashLine
            ink = QColor(inks.get(flag.kind, self.tokens.muted))
            painter.setPen(QPen(ink, 1.5 if flag.kind in inks else 1, style))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            if flag.kind in inks:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ink)
                tip = QPointF(x, plot.top() + 8)
                wings = QPointF(-5, -8), QPointF(5, -8)
                painter.drawPolygon(QPolygonF([tip, tip + wings[0], tip + wings[1]]))
            else:
                painter.drawText(QPointF(x + 4, plot.top() + 10), flag.text)

    def _draw_curves(self, painter: QPainter) -> None:
        inks = colours(list(self._curves), self.tokens)
        painter.setClipRect(self.plot.adjusted(-_MARK, -_MARK, _MARK, _MARK))
        for name, (minutes, values) in self._lines().items():
            checked = name.startswith(CHECKED)
            xs, ys = self._places(minutes, values)
            if len(xs) > 2 * self.width():
                xs, ys = thinned(xs, ys)
            line = [QPointF(x, y) for x, y in zip(xs, ys, strict=True)]
            pen = QPen(inks[name], 1 if checked else 1.75)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            pen.setStyle(Qt.PenStyle.DashLine if checked else Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(line))
            if checked or len(line) == 1:
                painter.setPen(QPen(QColor(self.tokens.window), 1.5))
                painter.setBrush(inks[name])
                for point in line:
                    painter.drawEllipse(point, _MARK, _MARK)
                painter.setBrush(Qt.BrushStyle.NoBrush)

    def _draw_pointer(self, painter: QPainter, minutes: float) -> None:
        """A line at the time of the pointer, a dot on each curve, and alarms in words."""
        plot = self.plot
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self.place(minutes, self._up.low).x()
        painter.setPen(QPen(QColor(self.tokens.muted), 1))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        inks = colours(list(self._curves), self.tokens)
        painter.setPen(QPen(QColor(self.tokens.window), 1.5))
        for name, (times, values) in self._lines().items():
            at = nearest(times, minutes)
            point = self.place(float(times[at]), float(values[at]))
            if plot.contains(point):
                painter.setBrush(inks[name])
                painter.drawEllipse(point, _MARK + 0.5, _MARK + 0.5)
        self._draw_words(painter, x)

    def _draw_words(self, painter: QPainter, x: float) -> None:
        """The time, and the alarms near the pointer, beside its line."""
        plot = self.plot
        near = [
            flag.text
            for flag in self._flags
            if flag.kind != "stage" and abs(self.place(flag.minutes, 1).x() - x) < _REACH
        ]
        words = "\n".join([self._when(), *near])
        painter.setFont(self._small())
        bounds = QRectF(0, 0, min(320.0, plot.width()), plot.height())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        box = painter.boundingRect(bounds, flags, words).adjusted(-_BOX, -5, _BOX, 5)
        box.moveTopLeft(QPointF(x + 8, plot.top()))
        if box.right() > plot.right():
            box.moveRight(x - 8)
        box.moveLeft(max(box.left(), 0.0))
        painter.setPen(QPen(QColor(self.tokens.border), 1))
        painter.setBrush(QColor(self.tokens.raised))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QColor(self.tokens.text))
        painter.drawText(box.adjusted(_BOX, 5, -_BOX, -5), flags, words)

    def _when(self) -> str:
        minutes = self.minutes or 0.0
        number = QLocale().toString(float(minutes), "f", 1 if minutes < 100 else 0)
        return self.tr("after {0} min").format(number)

    # Pointer

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        plot = self.plot
        share = (event.position().x() - plot.left()) / max(plot.width(), 1)
        inside = -0.02 <= share <= 1.02
        self._point(min(max(share, 0.0), 1.0) * self._across.high if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def _point(self, minutes: float | None) -> None:
        if minutes != self.minutes:
            self.minutes = minutes
            self.hovered.emit()
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._drawn = None


def nearest(times: NDArray[np.float64], minutes: float) -> int:
    """Index of the time that is nearest; `times` rise."""
    right = int(np.searchsorted(times, minutes))
    if right == 0:
        return 0
    if right == len(times):
        return right - 1
    return right if times[right] - minutes < minutes - times[right - 1] else right - 1


def thinned(
    xs: NDArray[np.float64], ys: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lowest and the highest point of each column of the screen, in their order."""
    order = np.lexsort((ys, np.floor(xs)))
    columns = np.floor(xs)[order]
    first = np.flatnonzero(np.diff(columns, prepend=-np.inf))
    last = np.append(first[1:] - 1, len(order) - 1)
    kept = np.unique(np.concatenate((order[first], order[last])))
    return xs[kept], ys[kept]
