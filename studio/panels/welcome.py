"""The page that is seen while nothing is open: open, drop, go on, or try a sample."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QDate, QLocale, QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.panels.tile import Tile, TileGrid
from studio.recent import RecentFile, RecentFiles
from studio.sample import SampleCard
from studio.theme import Tokens, icon

_WIDEST = 932


class WelcomePage(QWidget):
    """Title, the way to a photo, what was open before, and samples, in the order of Tab.

    Args:
        samples: the bundled ones.
        recent: what was open before; the page follows its changes.

    Signals:
        open_wanted: a file is to be chosen.
        drawing_wanted: an empty sheet is wanted.
        scene_wanted: an empty label map is wanted.
        sample_wanted: a sample is to be opened; its name.
        recent_wanted: a file is to be opened; its path.
    """

    open_wanted = Signal()
    drawing_wanted = Signal()
    scene_wanted = Signal()
    sample_wanted = Signal(str)
    recent_wanted = Signal(Path)

    def __init__(self, samples: Sequence[SampleCard], recent: RecentFiles) -> None:
        super().__init__()
        self.setObjectName("panes")
        self._files = recent
        self._tokens: Tokens | None = None
        self.area, self.open_button = self._drop_target(), QPushButton(self.tr("Open photo…"))
        self.open_button.setObjectName("primary")
        self.open_button.setToolTip(self.tr("Choose a photo or a project"))
        self.open_button.clicked.connect(self.open_wanted)
        self.drawing_button = QPushButton(self.tr("New drawing"))
        self.drawing_button.setToolTip(self.tr("Draw a shoe or a bag and see it coloured"))
        self.drawing_button.clicked.connect(self.drawing_wanted)
        self.scene_button = QPushButton(self.tr("New scene"))
        self.scene_button.setToolTip(self.tr("Paint a map of labels and see a street"))
        self.scene_button.clicked.connect(self.scene_wanted)
        inner = self.area.layout()
        assert isinstance(inner, QVBoxLayout)
        inner.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addLayout(_in_a_row(self.drawing_button, self.scene_button))
        self.recent_title, self.recent = _heading(self.tr("Recent files")), TileGrid()
        self.sample_title, self.samples = _heading(self.tr("Try a sample")), TileGrid()
        self.samples.show_tiles([self._sample_tile(card) for card in samples])
        self._lay_out()
        self.sample_title.setVisible(bool(samples))
        recent.changed.connect(self.show_recent)
        self.show_recent()
        self.say("")

    # Construction

    def _drop_target(self) -> QFrame:
        self.picture, self.heading, self.caption = QLabel(), QLabel(), QLabel()
        self.heading.setObjectName("heading")
        self.caption.setObjectName("muted")
        made = QFrame()
        made.setObjectName("invitation")
        layout = QVBoxLayout(made)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(8)
        for label in (self.picture, self.heading, self.caption):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addSpacing(4)
        return made

    def _sample_tile(self, card: SampleCard) -> Tile:
        tile = Tile(card.title, [], QImage(str(card.picture)))
        tile.setToolTip(self.tr("Open the sample “{0}”").format(card.title))
        tile.clicked.connect(lambda: self.sample_wanted.emit(card.name))
        return tile

    def _lay_out(self) -> None:
        title = QLabel("Guise")
        title.setObjectName("title")
        words = self.tr("Keep the look, change the shape. Keep the shape, change the look.")
        motto = QLabel(words, wordWrap=True)
        motto.setObjectName("muted")
        column = QWidget()
        column.setMaximumWidth(_WIDEST)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(24, 32, 24, 24)
        layout.setSpacing(4)
        for part in (title, motto):
            layout.addWidget(part)
        layout.addSpacing(16)
        layout.addWidget(self.area)
        for heading, box in (
            (self.recent_title, self.recent),
            (self.sample_title, self.samples),
        ):
            layout.addWidget(heading)
            layout.addWidget(box)
        layout.addStretch()
        _scrolled(self, column)

    # What is shown

    def show_recent(self) -> None:
        """The files as they are on the disk now."""
        self.recent.show_tiles([self._recent_tile(file) for file in self._files.files()])
        for part in (self.recent_title, self.recent):
            part.setVisible(bool(self.recent.tiles))
        if self._tokens is not None:
            self.dress(self._tokens)
        self._order_focus()

    def _recent_tile(self, file: RecentFile) -> Tile:
        path, there = file.path, file.there
        second = _spoken(file.when) if there else self.tr("No longer there")
        kind = "mdi6.image-outline" if there else "mdi6.image-off-outline"
        caption, image = [_short(path.parent), second], self._files.thumbnail(path)
        tile = Tile(path.name, caption, image, kind, removable=True, faded=not there)
        gone = self.tr("{0} was moved, renamed or deleted. Del takes it off this list.")
        tile.setToolTip(str(path) if there else gone.format(path))
        tile.remove_wanted.connect(lambda: self._files.remove(path))
        if there:
            tile.clicked.connect(lambda: self.recent_wanted.emit(path))
        return tile

    def _order_focus(self) -> None:
        first = (self.open_button, self.drawing_button, self.scene_button)
        order = [*first, *self.recent.tiles, *self.samples.tiles]
        for one, other in pairwise(order):
            QWidget.setTabOrder(one, other)

    def say(self, busy: str) -> None:
        """What is going on, or the invitation."""
        waiting = self.tr("The first photo takes a few seconds.")
        calling = self.tr("Then drag a joint and the person follows.")
        self.heading.setText(busy or self.tr("Drop a photo of a person here"))
        self.caption.setText(waiting if busy else calling)

    def welcome(self, dragging: bool) -> None:
        """Show that what is held over the window may be dropped."""
        self.area.setProperty("hot", dragging)
        self.area.style().polish(self.area)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        symbol = icon("mdi6.human-handsup", tokens, tokens.muted)
        self.picture.setPixmap(symbol.pixmap(QSize(48, 48), self.devicePixelRatioF()))
        for tile in (*self.recent.tiles, *self.samples.tiles):
            tile.dress(tokens)
        self.drawing_button.setIcon(icon("mdi6.pencil-outline", tokens))
        self.scene_button.setIcon(icon("mdi6.city-variant-outline", tokens))


def _in_a_row(*buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch()
    for button in buttons:
        row.addWidget(button)
    row.addStretch()
    return row


def _heading(text: str) -> QLabel:
    made = QLabel(text)
    made.setObjectName("heading")
    made.setContentsMargins(0, 20, 0, 4)
    return made


def _scrolled(page: QWidget, column: QWidget) -> QLayout:
    """The column in the middle of the page, which scrolls when it is low."""
    holder = QWidget()
    middle = QHBoxLayout(holder)
    middle.setContentsMargins(0, 0, 0, 0)
    middle.addStretch(1)
    middle.addWidget(column, 1000)  # all the room up to its widest
    middle.addStretch(1)
    area = QScrollArea(widgetResizable=True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(holder)
    outer = QVBoxLayout(page)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(area)
    return outer


def _short(folder: Path) -> str:
    """A folder, from the person's own on if it is in there."""
    home = Path.home()
    return str(Path("~") / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)


def _spoken(when: datetime) -> str:
    """The time today, else the date, as the language writes them."""
    locale, day = QLocale(), QDate(when.year, when.month, when.day)
    if day == QDate.currentDate():
        return f"{when:%H:%M}"
    return locale.toString(day, QLocale.FormatType.ShortFormat)
