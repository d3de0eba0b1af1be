"""The window of trainings: a new one is set up, those that there are are watched and steered."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import GuiseError
from studio.languages import spoken
from studio.panels.notice import Notice
from studio.panels.train_run import RunPage
from studio.panels.train_setup import SetupPage
from studio.panels.train_words import caption
from studio.panels.two_lines import CAPTION, PROBLEM, TwoLines
from studio.settings import Settings
from studio.theme import ICON_SIDE, Tokens, icon
from studio.training.runs import Snapshot, State, is_run
from studio.training.trainings import Trainings

_LIST_WIDTH = 220
_SIZE = QSize(1240, 800)
_FOLDER = Qt.ItemDataRole.UserRole + 2
_BAD = (State.failed, State.killed, State.gone)


class TrainDialog(QDialog):
    """Trainings in a list at the left, the chosen one, or a new one, at the right.

    Signals:
        use_wanted: the weights of a training are wanted in the editor; its folder.
    """

    use_wanted = Signal(Path)

    def __init__(
        self, settings: Settings, trainings: Trainings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._trainings = trainings
        self.setWindowTitle(self.tr("Train a model"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setAcceptDrops(True)
        self.list, self.notice = QListWidget(), Notice()
        self.list.setAccessibleName(self.tr("Trainings"))
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lines = TwoLines(self.list)
        self.list.setItemDelegate(self._lines)
        self.add = QPushButton(self.tr("Add a run folder…"))
        self.add.setToolTip(self.tr("Watch a training that was begun in a terminal"))
        self.add.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.setup, self.run = SetupPage(settings), RunPage(trainings)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.setup)
        self.pages.addWidget(self.run)
        self._lay_out()
        self._connect()
        self.resize(_SIZE.boundedTo(self.screen().availableSize() - QSize(24, 64)))
        self.refresh()
        self.list.setCurrentRow(0)

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        left.addWidget(self.add)
        right.setSpacing(8)
        right.addWidget(self.pages, 1)
        right.addWidget(self.notice)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(16)
        row.addLayout(left)
        row.addLayout(right, 1)

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(lambda _: self._show_chosen())
        self.add.clicked.connect(self._choose_run)
        self.setup.start_wanted.connect(self._start)
        self.run.use_wanted.connect(self.use_wanted)
        self.run.forget_wanted.connect(self._forget)
        self._trainings.listed.connect(self.refresh)
        self._trainings.seen.connect(self._seen)
        self._trainings.failed.connect(lambda text: self.notice.say(spoken(text), "error"))

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._lines.tokens = tokens
        for part in (self.setup, self.run, self.notice):
            part.dress(tokens)
        self.add.setIcon(icon("mdi6.folder-plus-outline", tokens))
        self.list.viewport().update()

    # The list

    @property
    def chosen(self) -> Path | None:
        """The run folder that is seen; None = a new training."""
        item = self.list.currentItem()
        return item.data(_FOLDER) if item else None

    def refresh(self) -> None:
        """The trainings that there are; the chosen one stays chosen."""
        chosen = self.chosen
        self.list.blockSignals(True)
        self.list.clear()
        first = QListWidgetItem(self.tr("New training"))
        first.setData(CAPTION, self.tr("Teach a painter your photos"))
        self.list.addItem(first)
        for folder in self._trainings.folders:
            item = QListWidgetItem(folder.name)
            item.setData(_FOLDER, folder)
            item.setToolTip(str(folder))
            self._tell(item, self._trainings.snapshot(folder))
            self.list.addItem(item)
        self.list.setCurrentRow(self._row_of(chosen))
        self.list.blockSignals(False)
        self._show_chosen()

    def _row_of(self, folder: Path | None) -> int:
        folders = self._trainings.folders
        return folders.index(folder) + 1 if folder in folders else 0

    def _tell(self, item: QListWidgetItem, snapshot: Snapshot | None) -> None:
        words = caption(snapshot) if snapshot else self.tr("looking…")
        item.setData(CAPTION, words)
        item.setData(PROBLEM, snapshot is not None and snapshot.state in _BAD)
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, words)

    def _seen(self, snapshot: Snapshot) -> None:
        item = self.list.item(self._row_of(snapshot.folder))
        if item is not None and item.data(_FOLDER) == snapshot.folder:
            self._tell(item, snapshot)
        if snapshot.folder == self.chosen:
            self.run.show_run(snapshot)

    def show_training(self, folder: Path | None) -> None:
        """Choose a training; None = a new one."""
        self.list.setCurrentRow(self._row_of(folder))

    def _show_chosen(self) -> None:
        folder = self.chosen
        self.pages.setCurrentWidget(self.setup if folder is None else self.run)
        if folder is not None:
            self.run.show_run(self._trainings.snapshot(folder) or Snapshot(folder, State.starting))
            self._trainings.look_now(folder)

    # What is done

    def _start(self, words: list[str], folder: Path) -> None:
        try:
            self._trainings.start(words, folder)
        except GuiseError as error:
            self.notice.say(spoken(str(error)), "error")
            return
        self.setup.begin_anew()
        self.show_training(folder)

    def _forget(self, folder: Path) -> None:
        self._trainings.forget(folder)

    def _choose_run(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Run folder of a training"))
        if name:
            self.add_run(Path(name))

    def add_run(self, folder: Path) -> None:
        """Watch a training that was begun elsewhere."""
        if not is_run(folder):
            words = self.tr("{0} is no run folder: no training has written there.")
            self.notice.say(words.format(folder), "error")
            return
        self._trainings.add(folder)
        self.show_training(folder.absolute())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.setup.data.dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.show_training(None)
        self.setup.data.dropEvent(event)

    def close_all(self) -> None:
        """Read and ask for nothing more."""
        self.setup.close_all()
        self.run.samples.close_all()
