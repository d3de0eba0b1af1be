"""The page of one training: how it goes, its curves and samples, and what can be asked of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from studio.languages import spoken
from studio.panels.notice import kind_icon
from studio.panels.train_chart import Flag
from studio.panels.train_curves import Curves
from studio.panels.train_samples import Samples
from studio.panels.train_words import facts, state_ink, state_words, trouble
from studio.theme import DARK, ICON_SIDE, Tokens, icon
from studio.training.runs import Snapshot, State, Word
from studio.training.trainings import Trainings

_STEPS = 1000


class Trouble(QWidget):
    """A sentence about what is wrong, with its symbol; not there while nothing is."""

    def __init__(self) -> None:
        super().__init__()
        self.text = QLabel(wordWrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._symbol = QLabel()
        self._kind = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._symbol, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        self.hide()

    def say(self, text: str, kind: str, tokens: Tokens) -> None:
        """Show a sentence; an empty one hides all."""
        self.setVisible(bool(text))
        if text:
            self.text.setText(text)
            self._symbol.setPixmap(kind_icon(kind, tokens).pixmap())


class RunPage(QWidget):
    """Shows one training.

    Signals:
        use_wanted: its weights are wanted in the editor, as they are now; its folder.
        forget_wanted: it is to leave the list; its folder.
    """

    use_wanted = Signal(Path)
    forget_wanted = Signal(Path)

    def __init__(self, trainings: Trainings) -> None:
        super().__init__()
        self._trainings, self._tokens = trainings, DARK
        self.snapshot: Snapshot | None = None
        self.title, self.state, self.facts = QLabel(), QLabel(), QLabel()
        self.title.setObjectName("heading")
        self.facts.setObjectName("muted")
        self.progress = QProgressBar()
        self.progress.setRange(0, _STEPS)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(4)
        self.trouble, self.curves, self.samples = Trouble(), Curves(), Samples()
        self.use = QPushButton(self.tr("Use now"))
        self.use.setObjectName("primary")
        self.use.setToolTip(self.tr("Paint in the editor with what it has learned so far"))
        self.pause, self.sample = QPushButton(), QPushButton(self.tr("Sample now"))
        self.backup = QPushButton(self.tr("Back up"))
        self.stop = QPushButton(self.tr("Stop and keep"))
        self.resume = QPushButton(self.tr("Resume"))
        self.reveal = QPushButton(self.tr("Show folder"))
        self.copy = QPushButton(self.tr("Copy command"))
        self.forget = QPushButton(self.tr("Take off the list"))
        self._explain()
        self._lay_out()
        self._connect()

    def _explain(self) -> None:
        tips = {
            self.sample: self.tr("Paint the sample pictures and measure now"),
            self.backup: self.tr("Keep a copy of the training as it is now"),
            self.stop: self.tr("End the training; what it has learned is kept"),
            self.resume: self.tr("Go on where it ended"),
            self.copy: self.tr("Copy the exact command, for a terminal"),
            self.forget: self.tr("The folder and everything in it stays"),
        }
        for button, words in tips.items():
            button.setToolTip(words)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        for part in (self.title, self.state):
            head.addWidget(part)
        head.addStretch()
        head.addWidget(self.use)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(16)
        self.split.addWidget(self.curves)
        self.split.addWidget(self.samples)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for button in (self.pause, self.resume, self.sample, self.backup, self.stop):
            button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
            foot.addWidget(button)
        foot.addStretch()
        for button in (self.reveal, self.copy, self.forget):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.progress)
        column.addWidget(self.facts)
        column.addWidget(self.trouble)
        column.addWidget(self.split, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        for button, word in (
            (self.sample, Word.sample),
            (self.backup, Word.backup),
        ):
            button.clicked.connect(lambda _=False, word=word: self._ask(word))
        self.stop.clicked.connect(self._stop)
        self.pause.clicked.connect(self._pause_or_go_on)
        self.resume.clicked.connect(self._resume)
        self.use.clicked.connect(lambda: self._emit(self.use_wanted))
        self.forget.clicked.connect(lambda: self._emit(self.forget_wanted))
        self.copy.clicked.connect(self._copy_command)
        self.reveal.clicked.connect(self._show_folder)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.curves.dress(tokens)
        self.samples.dress(tokens)
        names = {
            self.sample: "mdi6.image-outline",
            self.backup: "mdi6.content-save-outline",
            self.stop: "mdi6.stop",
            self.resume: "mdi6.play",
        }
        for button, name in names.items():
            button.setIcon(icon(name, tokens))
        if self.snapshot is not None:
            self.show_run(self.snapshot)

    # What is shown

    def show_run(self, snapshot: Snapshot) -> None:
        """Show a training as it is now."""
        if self.snapshot is None or self.snapshot.folder != snapshot.folder:
            self.curves.forget()
            self.samples.forget()
        self.snapshot = snapshot
        state = snapshot.state
        self.title.setText(snapshot.name)
        self.title.setToolTip(str(snapshot.folder))
        dot = f'<span style="color:{state_ink(state, self._tokens)}">●</span>'
        self.state.setText(f"{dot}&nbsp; {state_words(state)}")
        self.facts.setText(facts(snapshot))
        self.progress.setRange(0, 0 if state is State.starting else _STEPS)
        self.progress.setValue(round(_STEPS * min(max(snapshot.status.progress or 0.0, 0.0), 1.0)))
        self.progress.setVisible(state is not State.gone)
        self.trouble.say(*trouble(snapshot), self._tokens)
        self.curves.show_curves(snapshot.curves, _flags(snapshot))
        self.samples.show_sheets(snapshot.sheets)
        self._show_buttons(snapshot)

    def _show_buttons(self, snapshot: Snapshot) -> None:
        state, asked = snapshot.state, snapshot.asked
        live = state in (State.training, State.paused)
        for button in (self.sample, self.backup, self.stop, self.pause):
            button.setVisible(state.runs)
            button.setEnabled(live)
        self.stop.setEnabled(live or state is State.starting)
        waiting = {self.sample: Word.sample, self.backup: Word.backup, self.stop: Word.stop}
        for button, word in waiting.items():
            button.setEnabled(button.isEnabled() and word not in asked)
        paused = Word.pause in asked and state is not State.starting
        self.pause.setText(self.tr("Go on") if paused else self.tr("Pause"))
        self.pause.setIcon(icon("mdi6.play" if paused else "mdi6.pause", self._tokens))
        self.resume.setVisible(snapshot.resumable)
        self.forget.setVisible(not state.runs)
        self.copy.setEnabled(bool(snapshot.status.command))
        self.reveal.setEnabled(state is not State.gone)
        self.use.setEnabled(live or (not state.runs and snapshot.model is not None))

    # What is asked

    def _emit(self, signal: object) -> None:
        if self.snapshot is not None:
            signal.emit(self.snapshot.folder)  # type: ignore[attr-defined]

    def _ask(self, word: Word) -> None:
        if self.snapshot is not None:
            self._trainings.ask(self.snapshot.folder, word)

    def _stop(self) -> None:
        if self.snapshot is not None and self.snapshot.state is State.starting:
            self._trainings.call_off(self.snapshot.folder)
        else:
            self._ask(Word.stop)

    def _pause_or_go_on(self) -> None:
        if self.snapshot is None:
            return
        if Word.pause in self.snapshot.asked:
            self._trainings.take_back(self.snapshot.folder, Word.pause)
        else:
            self._ask(Word.pause)

    def _resume(self) -> None:
        if self.snapshot is not None:
            self._trainings.resume(self.snapshot.folder)

    def _copy_command(self) -> None:
        if self.snapshot is not None:
            QGuiApplication.clipboard().setText(self.snapshot.status.command)

    def _show_folder(self) -> None:
        if self.snapshot is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.snapshot.folder)))


def _flags(snapshot: Snapshot) -> list[Flag]:
    """Where its parts begin, if there are several, and what was wrong."""
    stages = snapshot.stages if len(snapshot.stages) > 1 else {}
    parts = [Flag(minutes, name) for name, minutes in stages.items()]
    return parts + [Flag(minutes, spoken(text), "warning") for minutes, text in snapshot.alarms]
