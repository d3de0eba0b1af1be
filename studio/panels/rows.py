"""Rows of a panel: a label, a slider, and what the slider says."""

from __future__ import annotations

from math import log

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSlider, QWidget

LABEL = 86
"""Sliders below each other begin at one place."""


def slider(steps: int, widest: str = "0000 px") -> tuple[QSlider, QLabel]:
    """A slider of 0..steps and the label that says its value, at most as long as `widest`."""
    made, says = QSlider(Qt.Orientation.Horizontal), QLabel()
    made.setRange(0, steps)
    made.setMinimumWidth(40)
    says.setObjectName("muted")
    says.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    says.setMinimumWidth(says.fontMetrics().horizontalAdvance(widest))
    return made, says


def quietly(made: QSlider, value: int) -> None:
    """Show a value that nobody chose here."""
    before = made.blockSignals(True)
    made.setValue(value)
    made.blockSignals(before)


def rows_grid(parent: QWidget | None = None) -> QGridLayout:
    """Three columns, the middle one as wide as there is room."""
    made = QGridLayout(parent) if parent is not None else QGridLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(8)
    made.setVerticalSpacing(6)
    made.setColumnStretch(1, 1)
    return made


def add_row(to: QGridLayout, row: int, text: str, made: QSlider, says: QLabel) -> None:
    """A labelled slider in a row of a grid."""
    label = QLabel(text)
    label.setMinimumWidth(LABEL)
    label.setBuddy(made)
    made.setAccessibleName(text)
    for column, widget in enumerate((label, made, says)):
        to.addWidget(widget, row, column)


def value_at(share: float, low: float, high: float) -> float:
    """The value at a share 0..1 of a slider on which small values get as much room as large."""
    return low * (high / low) ** share


def share_of(value: float, low: float, high: float) -> float:
    """Where such a slider shows a value."""
    return log(value / low) / log(high / low)


def side_by_side(*parts: QWidget | None) -> QHBoxLayout:
    """Parts in a line; None = the room between."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for part in parts:
        row.addStretch() if part is None else row.addWidget(part)
    return row
