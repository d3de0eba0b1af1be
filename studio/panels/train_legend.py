"""The chart's legend: what each curve is called and worth now, and whether it is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.theme import DARK, Tokens
from studio.training.names import words_for
from studio.training.scale import short
from studio.training.stats import CHECKED

_ROW = 28
_WIDTH = 208
_AT_FIRST = 4
"""So many losses are seen until others are chosen."""
_ASIDE = ("kl_", "active_", "gathered", "plain_", "prior")
"""Beginnings of names that tell how training goes rather than how good it is."""


class LegendRow(QAbstractButton):
    """A curve's line, name and value; checked = it is seen."""

    def __init__(self, name: str) -> None:
        super().__init__()
        words = words_for(name)
        self.setText(words.title if words else plain(name))
        self.setToolTip(f"{words.about}\n{name}" if words else name)
        self.setAccessibleName(self.text())
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.dashed = name.startswith(CHECKED)
        self.colour, self.tokens, self.value = QColor(), DARK, ""

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _ROW)

    def tell(self, value: float | None) -> None:
        """The value now."""
        words = "" if value is None else short(value)
        if words != self.value:
            self.value = words
            self.setAccessibleDescription(words)
            self.update()

    def paintEvent(self, e: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            edge = QColor(self.tokens.accent) if self.hasFocus() else Qt.GlobalColor.transparent
            painter.setPen(QPen(edge, 1))
            painter.setBrush(QColor(self.tokens.raised))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        on = self.isChecked()
        self._draw_line(painter, on)
        painter.setPen(QColor(self.tokens.text if on else self.tokens.muted))
        inner = self.rect().adjusted(34, 0, -8, 0)
        value = painter.fontMetrics().horizontalAdvance(self.value)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, self.value)
        room = inner.adjusted(0, 0, -value - 8, 0)
        words = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, words)

    def _draw_line(self, painter: QPainter, on: bool) -> None:
        """As the curve is drawn; a hollow ring while it is not."""
        y = self.height() / 2
        if not on:
            painter.setPen(QPen(QColor(self.tokens.muted), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(13, y - 3.5, 7, 7))
            return
        style = Qt.PenStyle.DashLine if self.dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(self.colour, 2, style))
        painter.drawLine(8, round(y), 25, round(y))
        if self.dashed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.colour)
            painter.drawEllipse(QRectF(13, y - 3.5, 7, 7))


class Legend(QWidget):
    """A row a curve, losses first, then figures on photos that are held out.

    Signals:
        changed: other curves are to be seen.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, LegendRow] = {}
        self._tokens = DARK
        self._losses, self._figures = _caption(), _caption()
        self._losses.setText(self.tr("While learning"))
        self._figures.setText(self.tr("On photos it does not learn from"))
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self.setMinimumHeight(3 * _ROW)
        self._fill()

    def dress(self, tokens: Tokens, inks: Mapping[str, QColor]) -> None:
        """Colours of the theme and of the curves."""
        self._tokens = tokens
        for name, row in self.rows.items():
            row.tokens, row.colour = tokens, inks.get(name, QColor(tokens.text))
            row.update()

    def show_names(self, names: Sequence[str]) -> None:
        """Offer these curves; those known before stay as they were chosen."""
        if list(names) == list(self.rows):
            return
        chosen = {name: row.isChecked() for name, row in self.rows.items()}
        for row in self.rows.values():
            row.deleteLater()
        first = at_first(names)
        self.rows = {name: LegendRow(name) for name in names}
        for name, row in self.rows.items():
            row.setChecked(chosen.get(name, name in first))
            row.toggled.connect(lambda _: self.changed.emit())
        self._fill()

    def _fill(self) -> None:
        while self._column.count():
            self._column.takeAt(0)
        figures = [row for row in self.rows.values() if row.dashed]
        losses = [row for row in self.rows.values() if not row.dashed]
        for caption, rows in ((self._losses, losses), (self._figures, figures)):
            caption.setVisible(bool(rows))
            self._column.addWidget(caption)
            for row in rows:
                self._column.addWidget(row)
        self._column.addStretch()

    @property
    def seen(self) -> list[str]:
        """Names of the curves that are to be seen."""
        return [name for name, row in self.rows.items() if row.isChecked()]

    def tell(self, values: Mapping[str, float]) -> None:
        """What each curve is worth at the time that is looked at."""
        for name, row in self.rows.items():
            row.tell(values.get(name))


def at_first(names: Sequence[str]) -> set[str]:
    """The curves that are seen until others are chosen: the first losses and their figures."""
    main = [n for n in names if not n.startswith((CHECKED, *_ASIDE))][:_AT_FIRST]
    twins = {CHECKED + name for name in main}
    figures = [n for n in names if n.startswith(CHECKED)]
    return {*main, *(twins.intersection(figures) or figures[:1])}


def plain(name: str) -> str:
    """A loss or figure that has no words of its own, as of a newer trainer."""
    return name.removeprefix(CHECKED).replace("_", " ")


def _caption() -> QLabel:
    made = QLabel()
    made.setObjectName("caption")
    made.setContentsMargins(8, 6, 8, 2)
    return made
