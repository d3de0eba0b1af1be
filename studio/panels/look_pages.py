"""The pages of the appearance panel: what each kind of look shows and lets choose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.appearance import BODY, Appearance, FromPhoto, Mix, Sampled
from studio.panels.thumbs import THUMB, thumbnail

SEEDS = 1_000_000
_SMALL = QSize(18, 22)
_NAME, WIDE_NAME = 116, 220
"""Pixels for a name beside something, and alone in a line; the panel's width is fixed."""
REGION_WORDS = {
    "head": "Head",
    "torso": "Torso",
    "arms": "Arms",
    "legs": "Legs",
    "feet": "Feet",
}


def translated(text: str) -> str:
    """A word of the panel in the user's language."""
    return QCoreApplication.translate("LookPanel", text)


def thrown_seed() -> int:
    """A fresh throw of the dice."""
    return int(np.random.default_rng().integers(SEEDS))


class SourceCard(QWidget):
    """A photo's person, small, with the photo's name and size."""

    def __init__(self) -> None:
        super().__init__()
        self.thumb, self.source, self.detail = QLabel(), QLabel(), QLabel()
        self.thumb.setFixedSize(THUMB)
        self.detail.setObjectName("muted")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.thumb, 0, 0, 4, 1)
        grid.addWidget(self.source, 1, 1)
        grid.addWidget(self.detail, 2, 1)
        grid.setRowStretch(0, 1)
        grid.setRowStretch(3, 1)
        grid.setColumnStretch(1, 1)

    def show_look(self, look: FromPhoto, name: str) -> None:
        """Show a photo's person."""
        show_name(self.source, name, _NAME)
        self.detail.setText(self.tr("{0} × {1} px").format(*look.photo.size))
        self.thumb.setPixmap(thumbnail(look))


class DicePage(QWidget):
    """Throw the dice, and keep the throw."""

    def __init__(self) -> None:
        super().__init__()
        self.throw = QPushButton(self.tr("Throw the dice"))
        self.throw.setObjectName("primary")
        self.throw.setToolTip(self.tr("Invent another look  (D)"))
        self.seed = QSpinBox(maximum=SEEDS - 1)
        self.seed.setKeyboardTracking(False)
        self.seed.setMinimumHeight(32)
        self.seed.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.seed.setPrefix(self.tr("Throw "))
        self.here = QPushButton(self.tr("Invent again at this pose"))
        self.more = QPushButton(self.tr("More looks…"))
        column(self, self.throw, self.seed, self.here, self.more).addStretch()

    def show_look(self, look: Sampled, here: bool) -> None:
        """Show a throw; `here` = it was made at the pose as it is now."""
        self.seed.blockSignals(True)
        self.seed.setValue(look.seed)
        self.seed.blockSignals(False)
        self.here.setEnabled(not here)


class MixPage(QWidget):
    """A slider between two looks."""

    def __init__(self) -> None:
        super().__init__()
        self.first = SourceButton(self.tr("This photo"))
        self.second = SourceButton(self.tr("This photo"))
        self.share = QSlider(Qt.Orientation.Horizontal)
        self.share.setRange(0, 100)
        self.share.setPageStep(10)
        self.share.setAccessibleName(self.tr("Share of the second look"))
        self.percent = QLabel(alignment=Qt.AlignmentFlag.AlignRight)
        self.percent.setObjectName("muted")
        grid = QGridLayout()
        grid.setSpacing(8)
        grid.addWidget(QLabel(self.tr("From")), 0, 0)
        grid.addWidget(self.first, 0, 1)
        grid.addWidget(QLabel(self.tr("To")), 1, 0)
        grid.addWidget(self.second, 1, 1)
        grid.setColumnStretch(1, 1)
        column(self, grid, self.share, self.percent).addStretch()

    def show_look(self, mix: Mix, first: str, second: str) -> None:
        """Show a mix and the names of its ends."""
        self.first.show_look(mix.a, first)
        self.second.show_look(mix.b, second)
        self.share.blockSignals(True)
        self.share.setValue(round(mix.t * 100))
        self.share.blockSignals(False)
        self.share.setEnabled(mix.a != mix.b)
        ready = self.tr("{0} % of the second look").format(round(mix.t * 100))
        self.percent.setText(ready if mix.a != mix.b else self.tr("Choose a second look"))


class PartsPage(QWidget):
    """A source for each region."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = QLabel()
        self.whole.setObjectName("caption")
        self.sources = {region: SourceButton(self.tr("As a whole")) for region in BODY}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        grid.addWidget(self.whole, 0, 0, 1, 2)
        for row, (region, source) in enumerate(self.sources.items(), 1):
            grid.addWidget(QLabel(translated(REGION_WORDS[region])), row, 0)
            grid.addWidget(source, row, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(self.sources) + 1, 1)


class SourceButton(QPushButton):
    """A button with a menu of where one look comes from.

    Signals:
        chosen: "own", "photo" or "dice".
    """

    chosen = Signal(str)

    def __init__(self, own: str) -> None:
        super().__init__(own)
        self.setIconSize(_SMALL)
        menu = QMenu(self)
        words: Mapping[str, str] = {
            "own": own,
            "photo": self.tr("From photo…"),
            "dice": self.tr("Invented"),
        }
        self.choices: dict[str, QAction] = {}
        for kind, word in words.items():
            action = menu.addAction(word)
            action.triggered.connect(lambda _=False, kind=kind: self.chosen.emit(kind))
            self.choices[kind] = action
        self.setMenu(menu)

    def show_look(self, look: Appearance | None, text: str) -> None:
        """Show what was chosen, with a small picture if it is a photo's person."""
        show_name(self, text, _NAME)
        picture = isinstance(look, FromPhoto)
        self.setIcon(QIcon(thumbnail(look, _SMALL)) if picture else QIcon())

    def allow_invented(self, allowed: bool) -> None:
        """Whether the painter can invent."""
        self.choices["dice"].setVisible(allowed)


def show_name(widget: QLabel | QPushButton, name: str, width: int) -> None:
    """A name in at most this many pixels; all of it in the tooltip."""
    widget.setText(widget.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, width))
    widget.setToolTip(name)


def column(parent: QWidget, *parts: QWidget | QHBoxLayout | QGridLayout) -> QVBoxLayout:
    """Parts below each other."""
    made = QVBoxLayout(parent)
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(8)
    for part in parts:
        if isinstance(part, QWidget):
            made.addWidget(part)
        else:
            made.addLayout(part)
    return made
