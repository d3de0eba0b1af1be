"""The page on which a training is set up: photos, what to make of them, how long."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from PySide6.QtCore import QLocale, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from engine.errors import GuiseError
from studio.languages import spoken
from studio.panels.painter import Menu, painters_of
from studio.panels.section import Section
from studio.panels.train_cards import Cards
from studio.panels.train_data import DataPanel
from studio.panels.train_words import duration, gigabytes, tr
from studio.settings import Settings
from studio.theme import DARK, ICON_SIDE, Tokens, icon
from studio.training.answers import Estimate, read_estimate
from studio.training.asking import Asking
from studio.training.process import spoken_command
from studio.training.recipes import FINE_TUNE, TUNABLE, Choice, choices
from studio.training.trainings import runs_folder

_LONGEST = 60 * 24 * 30
_CALM_MS = 600
"""Whoever turns at a number is not asked after each turn."""
_TICK = "5"
"""Seconds between two lines of statistics: a chart that is looked at moves."""
_CONTROL = 220


class SetupPage(QWidget):
    """Everything that is decided before a training begins.

    Signals:
        start_wanted: the command without `guise`, and the run folder in it.
    """

    start_wanted = Signal(list, Path)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._tokens = DARK
        self.data, self.cards = DataPanel(settings), Cards(choices())
        self.minutes = QSpinBox()
        self.minutes.setRange(1, _LONGEST)
        self.minutes.setSuffix(self.tr(" min"))
        self.minutes.lineEdit().setTextMargins(6, 0, 0, 0)
        self.name, self.options = QLineEdit(), QLineEdit()
        self.model = Menu()
        self.options.setPlaceholderText("--rate 4e-4 --batch 8")
        self.command = QLabel(wordWrap=True)
        self.command.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.command.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QPushButton(self.tr("Copy command"))
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.command.text()))
        self.told = QLabel(wordWrap=True)
        self.told.setObjectName("muted")
        self.start = QPushButton(self.tr("Start training"))
        self.start.setObjectName("primary")
        self.estimate: Estimate | None = None
        self._named = False
        self._asking = Asking(self)
        self._asking.answered.connect(self._take_estimate)
        self._calm = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._calm.timeout.connect(self._ask)
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(8)
        self.details, self.how = self._details(), QLabel(self.tr("How"))
        for heading, part in (
            (QLabel(self.tr("Photos")), self.data),
            (QLabel(self.tr("What to make")), self.cards),
            (self.how, self.details),
        ):
            heading.setObjectName("heading")
            heading.setContentsMargins(0, 8 if column.count() else 0, 0, 0)
            column.addWidget(heading)
            column.addWidget(part)
        column.addStretch()
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.told, 1)
        foot.addWidget(self.start)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        outer.addWidget(area, 1)
        outer.addLayout(foot)

    def _details(self) -> QWidget:
        made = QWidget()
        rows = QGridLayout()
        rows.setHorizontalSpacing(12)
        rows.setVerticalSpacing(8)
        rows.setColumnStretch(2, 1)
        for row, (words, control) in enumerate(
            (
                (self.tr("Start from"), self.model),
                (self.tr("Name"), self.name),
                (self.tr("Train for"), self.minutes),
            )
        ):
            label = QLabel(words)
            if control is self.model:
                self._start_from = label
            label.setBuddy(control)
            control.setFixedWidth(_CONTROL)
            control.setAccessibleName(words)
            rows.addWidget(label, row, 0)
            rows.addWidget(control, row, 1)
        self.advanced = Section(self.tr("Advanced"), self._advanced(), opened=False)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(rows)
        column.addWidget(self.advanced)
        return made

    def _advanced(self) -> QWidget:
        made = QWidget()
        label = QLabel(self.tr("Further options"))
        label.setBuddy(self.options)
        self.options.setAccessibleName(label.text())
        words = self.tr("Every option of `guise train` can be given here.")
        self.options.setToolTip(words)
        self.copy.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        rows = QGridLayout(made)
        rows.setContentsMargins(6, 0, 0, 0)
        rows.setHorizontalSpacing(12)
        rows.setVerticalSpacing(8)
        rows.setColumnStretch(1, 1)
        rows.addWidget(label, 0, 0)
        rows.addWidget(self.options, 0, 1, 1, 2)
        rows.addWidget(QLabel(self.tr("Command")), 1, 0, Qt.AlignmentFlag.AlignTop)
        rows.addWidget(self.command, 1, 1)
        rows.addWidget(self.copy, 1, 2, Qt.AlignmentFlag.AlignTop)
        return made

    def _connect(self) -> None:
        self.data.checked.connect(self._offer)
        self.cards.chosen.connect(self._choose)
        self.minutes.valueChanged.connect(lambda _: self._changed())
        self.model.activated.connect(lambda _: self._changed())
        self.options.textEdited.connect(lambda _: self._changed())
        self.name.textEdited.connect(self._rename)
        self.start.clicked.connect(lambda: self.start_wanted.emit(self.words, self.folder))

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.data.dress(tokens)
        self.cards.dress(tokens)
        self.advanced.dress(tokens)
        self.copy.setIcon(icon("mdi6.content-copy", tokens))

    # What is decided

    @property
    def choice(self) -> Choice | None:
        """What is to be learned; None while there are no photos for anything."""
        check = self.data.check
        return self.cards.choice if check is not None and check.usable else None

    @property
    def folder(self) -> Path:
        """The run folder."""
        return runs_folder() / plain_name(self.name.text())

    @property
    def words(self) -> list[str]:
        """The command without `guise`; empty = nothing can be started yet."""
        check, choice = self.data.check, self.choice
        if check is None or choice is None:
            return []
        own = [*("--out", str(self.folder)), *("--model-id", plain_name(self.name.text()))]
        time = ["--minutes", str(self.minutes.value()), "--tick", _TICK]
        begun = choice.words(self.model.currentData() or "")
        return [*begun, *check.arguments, *own, *time, *self._further()]

    def _further(self) -> list[str]:
        try:
            return shlex.split(self.options.text())
        except ValueError:  # a quotation mark is still open
            return self.options.text().split()

    def _offer(self) -> None:
        check = self.data.check
        fits = check.recipes if check is not None and check.usable else ()
        self._offer_models({fit.id for fit in fits if fit.fits})
        self.cards.offer({fit.id: fit for fit in fits})

    def _offer_models(self, recipes: set[str]) -> None:
        """The painters at hand that can learn from such photos."""
        self.model.clear()
        for architecture, shape in TUNABLE.items():
            if architecture in recipes:
                for card in painters_of(shape):
                    if card.architecture == architecture:
                        self.model.addItem(card.title, card.id)

    def _choose(self) -> None:
        choice = self.cards.choice
        if choice is not None:
            self.minutes.setValue(choice.minutes)
        for part in (self.model, self._start_from):
            part.setVisible(choice is not None and choice.recipe == FINE_TUNE)
        if self.data.folder is not None and not self._named:
            self.name.setText(free_name(self.data.folder.name))
        self._changed()

    def _rename(self) -> None:
        self._named = bool(self.name.text().strip())
        self._changed()

    def _changed(self) -> None:
        self.estimate = None
        self._asking.cancel()
        if self.choice is not None:
            self._calm.start()
        self._refresh()

    # What it takes

    def _ask(self) -> None:
        if self.words:
            self._asking.ask([*self.words, "--estimate"])
            self._refresh()

    def _take_estimate(self, code: int, output: str, error: str) -> None:
        try:
            self.estimate = read_estimate(output) if code == 0 else None
        except GuiseError:
            self.estimate = None
        self._refresh()
        if self.estimate is None and error:
            self.told.setText(spoken(error))

    def _refresh(self) -> None:
        words = self.words
        for part in (self.how, self.details):
            part.setVisible(self.choice is not None)
        self.command.setText(spoken_command(words) if words else "")
        self.copy.setEnabled(bool(words))
        self.start.setEnabled(bool(words) and self.folder.name != "")
        self.told.setText(self._told())

    def _told(self) -> str:
        if self.choice is None:
            return "" if self.data.folder else self.tr("Begin with a folder of photos.")
        estimate = self.estimate
        if estimate is None:
            return self.tr("Measuring how much it takes…")
        takes = estimate_words(estimate, self.minutes.value())
        if not estimate.fits:
            return " ".join([takes, *map(spoken, estimate.text)])
        return takes

    def begin_anew(self) -> None:
        """After a start: the next training has another name."""
        self._named = False
        if self.data.folder is not None:
            self.name.setText(free_name(self.data.folder.name))
        self._refresh()

    def close_all(self) -> None:
        """Nobody waits for answers any more."""
        self._calm.stop()
        self._asking.cancel()
        self.data.close_all()


def estimate_words(estimate: Estimate, minutes: int) -> str:
    """Time, pictures and memory, in one line."""
    parts = [tr("About {0}").format(duration(60 * minutes))]
    if estimate.images:
        count = QLocale().toString(estimate.images)
        parts.append(tr("{0} pictures seen").format(count))
    if estimate.most_bytes:
        parts.append(tr("{0} of memory").format(gigabytes(estimate.most_bytes)))
    if estimate.device:
        parts.append(_device(estimate.device))
    return " · ".join(parts)


def _device(name: str) -> str:
    return tr("on the processor") if name.startswith("cpu") else tr("on the graphics card")


def plain_name(text: str) -> str:
    """A name as a folder and a model can have it."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text.strip()).strip("-.").lower()[:60]


def free_name(wanted: str) -> str:
    """A name that no run folder has yet."""
    base = plain_name(wanted) or "training"
    names = [base, *(f"{base}-{n}" for n in range(2, 1000))]
    return next(name for name in names if not (runs_folder() / name).exists())
