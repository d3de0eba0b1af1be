"""A slider for each number of a look that does something."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.vectors import FARTHEST
from studio.panels.latent_numbers import LookNumbers
from studio.theme import DARK, ICON_SIDE, Tokens, icon

_STEPS = 100
"""Slider steps in 1."""
_HANDLE = 7.0
"""Radius of the handle."""
_NO_BUTTONS = """
QAbstractSpinBox { padding: 2px 4px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0; }
QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow { width: 0; height: 0; image: none; }
"""
"""Qt's own way to hide them leaves no room for the text under our style sheet."""
_ZERO_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class CentredSlider(QSlider):
    """A slider that starts in its middle, drawn from there; its handle goes where it is pressed.

    Signals:
        reset_wanted: it was double-clicked, or Delete was pressed.
        gesture_began: what comes next is another step for undo.
    """

    reset_wanted = Signal()
    gesture_began = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        reach = round(FARTHEST * _STEPS)
        self.tokens = DARK
        self.colours: Sequence[tuple[int, int, int]] = ()
        self.setRange(-reach, reach)
        self.setSingleStep(_STEPS // 10)
        self.setPageStep(_STEPS // 2)
        self.setMinimumHeight(28)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def event(self, event: QEvent) -> bool:
        """Delete belongs to the slider while it has the focus."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in _ZERO_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ZERO_KEYS:
            self.reset_wanted.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.gesture_began.emit()
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.gesture_began.emit()
        self.setSliderDown(True)
        self._go_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._go_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderDown(False)
            self.gesture_began.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.reset_wanted.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()  # whoever scrolls the panel changes nothing on the way

    def _go_to(self, x: float) -> None:
        share = (x - _HANDLE) / max(1.0, self.width() - 2 * _HANDLE)
        reach = self.maximum() - self.minimum()
        self.setValue(self.minimum() + round(min(max(share, 0.0), 1.0) * reach))

    def _at(self, value: int) -> float:
        share = (value - self.minimum()) / (self.maximum() - self.minimum())
        return _HANDLE + share * (self.width() - 2 * _HANDLE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        level, here, middle = self.height() / 2, self._at(self.value()), self._at(0)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.colours:
            self._draw_track(painter, level)
        else:
            self._draw_groove(painter, level, here, middle)
        painter.setBrush(QColor(self.tokens.muted))
        painter.drawRect(QRectF(middle - 0.5, level - 7, 1, 14))
        self._draw_handle(painter, QPointF(here, level))

    def _draw_groove(self, painter: QPainter, level: float, here: float, middle: float) -> None:
        groove = QRectF(_HANDLE, level - 2, self.width() - 2 * _HANDLE, 4)
        painter.setBrush(QColor(self.tokens.border))
        painter.drawRoundedRect(groove, 2, 2)
        painter.setBrush(QColor(self.tokens.accent if self.isEnabled() else self.tokens.muted))
        painter.drawRoundedRect(QRectF(min(here, middle), level - 2, abs(here - middle), 4), 2, 2)

    def _draw_track(self, painter: QPainter, level: float) -> None:
        """The item's colours from end to end."""
        track = QRectF(_HANDLE, level - 4, self.width() - 2 * _HANDLE, 8)
        shades = QLinearGradient(track.left(), 0, track.right(), 0)
        for place, colour in enumerate(self.colours):
            shades.setColorAt(place / (len(self.colours) - 1), QColor(*colour))
        painter.setOpacity(1.0 if self.isEnabled() else 0.4)
        painter.setPen(QPen(QColor(self.tokens.border), 1))
        painter.setBrush(shades)
        painter.drawRoundedRect(track, 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setOpacity(1.0)

    def _draw_handle(self, painter: QPainter, at: QPointF) -> None:
        tokens, focused = self.tokens, self.hasFocus()
        painter.setPen(QPen(QColor(tokens.accent if focused else tokens.panel), 2))
        painter.setBrush(QColor(tokens.text if self.isEnabled() else tokens.muted))
        radius = _HANDLE if self.isSliderDown() else _HANDLE - 1
        painter.drawEllipse(at, radius, radius)


class SliderRow(QWidget):
    """One number of the look: lock, slider, field."""

    def __init__(self, numbers: LookNumbers, number: int) -> None:
        super().__init__()
        self.numbers, self.number = numbers, number
        self._merge = numbers.gesture()
        self._dressed: tuple[bool, Tokens] | None = None
        name = self.tr("Slider {0}").format(number + 1)
        self.lock, self.dice = QToolButton(), QToolButton()
        for button in (self.lock, self.dice):
            button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.slider, self.field = CentredSlider(), QDoubleSpinBox(decimals=2, singleStep=0.1)
        self.field.setKeyboardTracking(False)
        self.field.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.field.setFixedWidth(54)
        self.field.setStyleSheet(_NO_BUTTONS)
        self.slider.setToolTip(self.tr("{0}; a double click resets it").format(name))
        self.slider.setAccessibleName(name)
        self.field.setAccessibleName(name)
        caption = QLabel(str(number + 1), alignment=Qt.AlignmentFlag.AlignCenter)
        caption.setObjectName("caption")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.lock, caption, self.slider, self.field, self.dice):
            row.addWidget(widget, 1 if widget is self.slider else 0)
        caption.setFixedWidth(14)
        self.dice.setToolTip(self.tr("Throw the dice for slider {0}").format(number + 1))
        self.dice.setAccessibleName(self.dice.toolTip())
        self.lock.clicked.connect(lambda: numbers.toggle_lock(number))
        self.dice.clicked.connect(lambda: numbers.throw_number(number))
        self.slider.valueChanged.connect(lambda value: self._moved(value / _STEPS))
        self.slider.gesture_began.connect(self._begin)
        self.slider.reset_wanted.connect(self.reset)
        self.field.valueChanged.connect(self._typed)

    def _begin(self) -> None:
        self._merge = self.numbers.gesture()

    def _moved(self, value: float) -> None:
        self.numbers.set_number(self.number, value, self._merge)

    def _typed(self, value: float) -> None:
        self._begin()
        self._moved(value)

    def reset(self) -> None:
        """Back to the middle, as a step of its own."""
        if self.number not in self.numbers.locked:
            self._begin()
            self._moved(0.0)

    def refresh(self, tokens: Tokens) -> None:
        """Show the number as it is."""
        value, held = self.numbers.now.values[self.number], self.number in self.numbers.locked
        for widget in (self.slider, self.field):
            widget.blockSignals(True)
        self.slider.setValue(round(value * _STEPS))
        self.field.setRange(min(-FARTHEST, value), max(FARTHEST, value))
        self.field.setValue(value)
        for widget in (self.slider, self.field):
            widget.blockSignals(False)
        self.slider.colours = self.numbers.tracks.get(self.number, ())
        self.slider.update()
        if (held, tokens) != self._dressed:  # icons are slow to make for every step of a drag
            self._dressed = (held, tokens)
            self._dress(tokens, held)

    def _dress(self, tokens: Tokens, held: bool) -> None:
        for widget in (self.slider, self.field, self.dice):
            widget.setEnabled(not held)
        self.slider.tokens = tokens
        name = "mdi6.lock" if held else "mdi6.lock-open-variant-outline"
        self.lock.setIcon(icon(name, tokens, tokens.accent if held else tokens.muted))
        self.dice.setIcon(icon("mdi6.dice-3-outline", tokens, tokens.muted))
        tip = self.tr("Unlock slider {0}") if held else self.tr("Lock slider {0}")
        self.lock.setToolTip(tip.format(self.number + 1))
        self.lock.setAccessibleName(self.lock.toolTip())


class Sliders(QWidget):
    """Rows for the numbers that do something, and a line on those that do not."""

    def __init__(self, numbers: LookNumbers) -> None:
        super().__init__()
        self.numbers = numbers
        self.rows: dict[int, SliderRow] = {}
        self.tokens = DARK
        self.note = QLabel(wordWrap=True)
        self.note.setObjectName("caption")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(2)
        self.column.addWidget(self.note)
        numbers.changed.connect(self.refresh)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.tokens = tokens
        self.refresh()

    def refresh(self) -> None:
        """Show the look as it is."""
        shown = self.numbers.shown
        if tuple(self.rows) != shown:
            self._rebuild(shown)
        for row in self.rows.values():
            row.refresh(self.tokens)
        self.note.setText(self._told())
        self.note.setVisible(bool(self.note.text()))

    def _rebuild(self, shown: tuple[int, ...]) -> None:
        for row in self.rows.values():
            self.column.removeWidget(row)
            row.deleteLater()
        self.rows = {number: SliderRow(self.numbers, number) for number in shown}
        for place, row in enumerate(self.rows.values()):
            self.column.insertWidget(place, row)

    def _told(self) -> str:
        numbers = self.numbers
        if not numbers.count:
            return self.tr("This painter has no sliders.")
        hidden = numbers.count - len(numbers.shown)
        if hidden == 1:
            return self.tr("One more slider does nothing to be seen and is not shown.")
        if hidden:
            return self.tr("{0} more sliders do nothing to be seen and are not shown.").format(
                hidden
            )
        return ""
