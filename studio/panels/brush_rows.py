"""The brush on a person's mask: what it paints on, and how it is set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from engine.boxes import Box
from studio.actions import Command
from studio.canvas.brush import MAX_SIZE, MIN_SIZE, BrushOptions
from studio.editors.pose.body import BodyDocument
from studio.panels.rows import add_row, quietly, rows_grid, share_of, slider, value_at
from studio.theme import ICON_SIDE, Tokens, icon

COMMANDS: tuple[Command, ...] = (
    Command("brush_smaller", "Smaller brush", "Pose", ("[",)),
    Command("brush_larger", "Larger brush", "Pose", ("]",)),
    Command("swap_brush", "Add or erase", "Pose", ("X",)),
)
_STEPS = 100


class PersonMask:
    """A document's mask as a brush sees it."""

    def __init__(self, document: BodyDocument) -> None:
        self._document = document

    def pixels(self) -> NDArray[np.uint8]:
        """(H, W) 255 = the person's."""
        return self._document.shown_mask.pixels

    def paint(self, box: Box, values: NDArray[np.uint8]) -> None:
        """One step of the document's history."""
        text = QCoreApplication.translate("PersonMask", "Refine mask")
        self._document.paint_mask(box, values, text)


class BrushRows(QWidget):
    """Add or erase, size and hardness; also by keys."""

    def __init__(self, options: BrushOptions) -> None:
        super().__init__()
        self._options = options
        self.add, self.erase = _mode(self.tr("Add")), _mode(self.tr("Erase"))
        self.add.setToolTip(self.tr("Paint what belongs to the person  (X)"))
        self.erase.setToolTip(self.tr("Paint what does not; or hold Alt  (X)"))
        self.size_slider, self._size_says = slider(_STEPS)
        self.hardness, self._hardness_says = slider(_STEPS)
        self._lay_out()
        self.erase.toggled.connect(options.set_erasing)
        self.size_slider.valueChanged.connect(lambda v: options.set_size(_size_at(v)))
        self.hardness.valueChanged.connect(lambda v: options.set_hardness(v / _STEPS))
        options.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        group, modes = QButtonGroup(self), QHBoxLayout()
        modes.setSpacing(4)
        for button in (self.add, self.erase):
            group.addButton(button)
            modes.addWidget(button)
        grid = rows_grid(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addLayout(modes, 0, 0, 1, 3)
        add_row(grid, 1, self.tr("Size"), self.size_slider, self._size_says)
        add_row(grid, 2, self.tr("Hardness"), self.hardness, self._hardness_says)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.add.setIcon(icon("mdi6.brush", tokens))
        self.erase.setIcon(icon("mdi6.eraser", tokens))

    def brush_smaller(self) -> None:
        """A notch less."""
        self._options.resize(-1)

    def brush_larger(self) -> None:
        """A notch more."""
        self._options.resize(1)

    def swap_brush(self) -> None:
        """Erase instead of adding, or the other way round."""
        self._options.set_erasing(not self._options.erasing)

    def _show(self) -> None:
        (self.erase if self._options.erasing else self.add).setChecked(True)
        size, hardness = self._options.size(), round(self._options.hardness * _STEPS)
        quietly(self.size_slider, _step_of(size))
        quietly(self.hardness, hardness)
        self._size_says.setText(self.tr("{0:.0f} px").format(size))
        self._hardness_says.setText(self.tr("{0:.0f} %").format(hardness))


def _size_at(step: int) -> float:
    return float(round(value_at(step / _STEPS, MIN_SIZE, MAX_SIZE)))


def _step_of(size: float) -> int:
    return round(_STEPS * share_of(size, MIN_SIZE, MAX_SIZE))


def _mode(text: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button
