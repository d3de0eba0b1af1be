"""Between a window and its trainings: finds them, speaks for them, asks before leaving them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine import registry
from engine.card import Card
from engine.errors import GuiseError
from engine.worker import TendModels
from studio.editors.annotation.people import PeopleWorkspace
from studio.editors.annotation.scenes import SceneAnnotations
from studio.editors.annotation.workspace import AnnotationWorkspace
from studio.editors.pose.workspace import PoseWorkspace
from studio.editors.scene.workspace import SceneWorkspace
from studio.editors.sketch.workspace import SketchWorkspace
from studio.languages import spoken
from studio.panels.train import TrainDialog
from studio.panels.train_words import caption, percent, state_words
from studio.services import Services
from studio.tabs import Tabs
from studio.theme import DARK, Tokens
from studio.training.annotations import Annotations, Item
from studio.training.runs import Snapshot, State, Word
from studio.training.trainings import Trainings
from studio.training.using import UseNow

_BEGIN = {"Pose": "open_bundled_sample", "Sketch": "new_drawing", "LabelMap": "new_scene"}
"""The command that opens something to paint, by the kind of shape."""


class TrainingDesk(QObject):
    """Owns the trainings of a window and the window in which they are watched.

    Args:
        services: what all tabs share.
        tabs: in which models that were trained paint.
        parent: the window.

    Signals:
        said: a sentence for the person, and its kind.
        told: how the running trainings stand, for the status line; "" = none runs.
        opened: a tab in which training photos are corrected.
    """

    said = Signal(str, str)
    told = Signal(str)
    opened = Signal(object)

    def __init__(self, services: Services, tabs: Tabs, parent: QWidget) -> None:
        super().__init__(parent)
        self._services, self._tabs, self._window = services, tabs, parent
        self._tokens = DARK
        self.trainings = Trainings(services.settings, self)
        self.using = UseNow(self.trainings, self)
        self.dialog: TrainDialog | None = None
        self._leaving = False
        self.using.installed.connect(self._installed)
        self.using.failed.connect(lambda text: self._say(text, "error"))
        self.trainings.seen.connect(lambda _: self._tell())
        self.trainings.ended.connect(self._ended)

    def begin(self) -> None:
        """Find the trainings that go on since the last start."""
        self.trainings.watch()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        if self.dialog is not None:
            self.dialog.dress(tokens)

    def show(self, folder: Path | None = None) -> None:
        """Open the window of trainings, with one that runs or a new one."""
        if self.dialog is None:
            self.dialog = TrainDialog(self._services.settings, self.trainings, self._window)
            self.dialog.use_wanted.connect(self.using.use)
            data = self.dialog.setup.data
            data.annotated.connect(self.correct)
            data.failed.connect(lambda text: self._say(spoken(text), "error"))
            self.dialog.dress(self._tokens)
        running = self.trainings.running
        if folder is not None or running:
            self.dialog.show_training(folder or running[0].folder)
        self.trainings.watch()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    # Correcting photos

    def correct(
        self, answer: Annotations, words: tuple[str, ...], concern: tuple[str, ...] = ()
    ) -> None:
        """Correct what is annotated in a folder in a tab, beginning with a photo of concern."""
        workspace = self._there(answer.folder) or self._opened(answer, words)
        if workspace is None:
            return
        if self.dialog is not None:
            self.dialog.hide()
        self._tabs.show_tab(workspace)
        workspace.show_item(first_of(answer, concern))
        workspace.arrive()
        self._window.activateWindow()

    def _there(self, folder: str) -> AnnotationWorkspace | None:
        tabs = [w for w in self._tabs.workspaces if isinstance(w, AnnotationWorkspace)]
        return next((w for w in tabs if w.answer.folder == folder), None)

    def _opened(self, answer: Annotations, words: tuple[str, ...]) -> AnnotationWorkspace | None:
        try:
            tab = PeopleWorkspace if answer.kind == "people" else SceneAnnotations
            workspace = tab(answer, words, self._services, self._tokens)
        except GuiseError as error:
            self._say(spoken(str(error)), "error")
            return None
        workspace.training_wanted.connect(self.show)
        workspace.saved.connect(lambda: self._check_again(Path(answer.folder)))
        self.opened.emit(workspace)
        workspace.tell_recovered()
        return workspace

    def _check_again(self, folder: Path) -> None:
        """The files of a folder are others now."""
        if self.dialog is not None and self.dialog.setup.data.folder == folder:
            self.dialog.setup.data.open_folder(folder)

    def _tell(self) -> None:
        running = self.trainings.running
        if not running:
            self.told.emit("")
        elif len(running) == 1:
            self.told.emit(f"{running[0].name}: {caption(running[0])}")
        else:
            self.told.emit(self.tr("{0} trainings go on").format(len(running)))

    def _ended(self, snapshot: Snapshot) -> None:
        """Nobody may be looking at the window of trainings."""
        if self.dialog is not None and self.dialog.isVisible():
            return
        words = f"{snapshot.name}: {state_words(snapshot.state)}"
        bad = snapshot.state in (State.failed, State.killed, State.gone)
        self.said.emit(words, "error" if bad else "info")

    def _installed(self, card: Card) -> None:
        """A training's weights are among the models: they paint what is seen, if they can."""
        self._services.bridge.post(TendModels(card.id))
        for workspace in self._tabs.workspaces:
            workspace.models_changed()
        words = self.tr("{0} is among your models now.")
        if registry.architecture(card).kind == "painter":
            if not self._paint_with(card):
                self._begin_with(card)
            words = self.tr("{0} paints now.")
        self._say(words.format(card.title), "info")

    def _begin_with(self, card: Card) -> None:
        """Something new for a model to paint; nothing of it is worth saving yet."""
        self._services.actions[_BEGIN[card.shape]].trigger()
        if self._tabs.current is not None:
            self._tabs.current.document.use_painter(card.id)

    def _paint_with(self, card: Card) -> bool:
        """Have the tab that is seen painted by a model; False if it is of another kind."""
        workspace = self._tabs.current
        if not isinstance(workspace, PoseWorkspace | SketchWorkspace | SceneWorkspace):
            return False
        painter = workspace.side.painter
        if card.id not in painter.cards:
            return False
        if workspace.document.model == card.id:  # the same painter with newer weights
            workspace.painting.paint_now()
        else:
            painter.choose(card.id)
        return True

    def _say(self, text: str, kind: str) -> None:
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.notice.say(text, kind)
        else:
            self.said.emit(text, kind)

    # Leaving

    def may_leave(self, go_on: Callable[[], None]) -> bool:
        """Whether the window may close now; else it asks, and calls `go_on` once it may."""
        running = self.trainings.running
        if self._leaving or not running:
            return True
        question = LeaveTraining(self._window, running)
        question.finished.connect(lambda answer: self._answered(answer, go_on))
        question.open()
        return False

    def _answered(self, answer: int, go_on: Callable[[], None]) -> None:
        if answer not in (LeaveTraining.GO_ON, LeaveTraining.STOP):
            return
        if answer == LeaveTraining.STOP:
            for snapshot in self.trainings.running:
                self.trainings.ask(snapshot.folder, Word.stop)
        self._leaving = True
        go_on()

    def close(self) -> None:
        """Look at nothing any more; trainings go on."""
        if self.dialog is not None:
            self.dialog.close_all()
            self.dialog.close()
        self.trainings.close()
        self.using.close()


class LeaveTraining(QDialog):
    """Asked when the window is closed while something is being trained."""

    GO_ON, STOP = 2, 3

    def __init__(self, parent: QWidget, running: list[Snapshot]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Guise")
        names = ", ".join(f"“{s.name}” ({percent(s.status.progress)})" for s in running)
        text = QLabel(wordWrap=True)
        text.setText(
            self.tr(
                "{0} is still learning. It can go on in the background, and will be found again "
                "when Guise is opened next."
            ).format(names)
        )
        self.go_on_button = QPushButton(self.tr("Go on in the background"))
        self.go_on_button.setObjectName("primary")
        self.stop_button = QPushButton(self.tr("Stop and keep"))
        self.stay_button = QPushButton(self.tr("Cancel"))
        row = QHBoxLayout()
        row.addStretch()
        for button in (self.stop_button, self.stay_button, self.go_on_button):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(text)
        column.addLayout(row)
        self.go_on_button.clicked.connect(lambda: self.done(self.GO_ON))
        self.stop_button.clicked.connect(lambda: self.done(self.STOP))
        self.stay_button.clicked.connect(self.reject)
        self.go_on_button.setDefault(True)
        self.setMinimumWidth(440)


def first_of(answer: Annotations, concern: tuple[str, ...]) -> str:
    """Id of the item to begin with: one of concern, else one with problems, else the first."""
    meant = [item for item in answer.items if _is_named(item, concern)]
    wrong = [item for item in answer.items if item.problems]
    return (*meant, *wrong, *answer.items)[0].id


def _is_named(item: Item, names: tuple[str, ...]) -> bool:
    return any(item.photo.endswith(name) or name in (item.id, item.name) for name in names)
