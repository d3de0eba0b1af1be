"""Colours to give an item: a row of chips and one's own."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QGridLayout, QSizePolicy, QWidget

from studio.theme import DARK, Tokens, icon

_SIDE = 28
_ACROSS = 8
_STEPS: dict[int, int] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -_ACROSS,
    Qt.Key.Key_Down: _ACROSS,
}
"""How far an arrow goes in the row of chips."""
Colour = tuple[int, int, int]
_FIRST = (190, 30, 40)


class Chip(QAbstractButton):
    """A round spot of one colour; without one it offers to pick."""

    def __init__(self, name: str, colour: Colour | None) -> None:
        super().__init__()
        self.colour, self.tokens = colour, DARK
        self.setText(name)
        self.setToolTip(name)
        self.setFixedSize(_SIDE, _SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def keyPressEvent(self, e: QKeyEvent) -> None:
        if e.key() in _STEPS:
            e.ignore()  # the row knows which one comes next
        else:
            super().keyPressEvent(e)

    def paintEvent(self, e: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.4)
        middle = QPointF(_SIDE / 2, _SIDE / 2)
        hot = self.underMouse() or self.hasFocus()
        if self.colour is None:
            box = QRectF(0, 0, 20, 20)
            box.moveCenter(middle)
            icon("mdi6.eyedropper-variant", self.tokens).paint(painter, box.toRect())
        else:
            painter.setPen(QPen(QColor(self.tokens.border), 1))
            painter.setBrush(QColor(*self.colour))
            painter.drawEllipse(middle, 9.5, 9.5)
        if hot:
            colour = self.tokens.accent if self.hasFocus() else self.tokens.muted
            painter.setPen(QPen(QColor(colour), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, 12.5, 12.5)


class Chips(QWidget):
    """Colours side by side; arrows go from one to the next.

    Signals:
        chosen: red, green and blue, 0..255.
    """

    chosen = Signal(tuple)

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.last = QColor(*_FIRST)
        self.chips: list[Chip] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(1)
        for name, colour in self._colours():
            chip = Chip(name, colour)
            chip.clicked.connect(lambda _=False, colour=colour: self.chosen.emit(colour))
            self.chips.append(chip)
        self.own = Chip(self.tr("Pick a colour…"), None)
        self.own.clicked.connect(self.pick)
        self.chips.append(self.own)
        for place, chip in enumerate(self.chips):
            grid.addWidget(chip, place // _ACROSS, place % _ACROSS)

    def _colours(self) -> tuple[tuple[str, Colour], ...]:
        return (
            (self.tr("Black"), (25, 25, 28)),
            (self.tr("Grey"), (128, 128, 130)),
            (self.tr("White"), (235, 235, 232)),
            (self.tr("Beige"), (214, 192, 160)),
            (self.tr("Tan"), (170, 120, 76)),
            (self.tr("Brown"), (110, 70, 40)),
            (self.tr("Burgundy"), (108, 26, 42)),
            (self.tr("Red"), (190, 30, 40)),
            (self.tr("Orange"), (222, 120, 44)),
            (self.tr("Yellow"), (230, 190, 40)),
            (self.tr("Green"), (50, 120, 60)),
            (self.tr("Turquoise"), (60, 150, 150)),
            (self.tr("Blue"), (35, 70, 160)),
            (self.tr("Navy"), (32, 40, 76)),
            (self.tr("Pink"), (235, 160, 180)),
        )

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for chip in self.chips:
            chip.tokens = tokens
            chip.update()

    def pick(self) -> None:
        """Ask for any colour."""
        title = self.tr("Colour of the item")
        colour = QColorDialog.getColor(self.last, self, title)
        if colour.isValid():
            self.last = colour
            self.chosen.emit((colour.red(), colour.green(), colour.blue()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = next((n for n, chip in enumerate(self.chips) if chip.hasFocus()), None)
        step = _STEPS.get(event.key())
        if at is None or step is None:
            super().keyPressEvent(event)
        elif 0 <= at + step < len(self.chips):
            self.chips[at + step].setFocus(Qt.FocusReason.TabFocusReason)
