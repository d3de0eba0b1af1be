"""The frame: top bar, tabs with a workspace each, notices and the status line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QGridLayout, QMainWindow, QVBoxLayout, QWidget

from engine.errors import GuiseError
from engine.perception.base import Reading
from engine.request import Message, Status
from engine.request_files import SourcesMissing
from engine.shapes.label_sets import cityscapes
from engine.shapes.labels import LabelMap
from engine.shapes.sketch import Sketch
from engine.worker import TendModels
from studio import dialogs, sample, theme
from studio.actions import COMMANDS, dress_actions, make_actions, translated, united
from studio.document import Document, Origin, PictureState
from studio.editors.base import Workspace
from studio.editors.known import EDITORS
from studio.editors.live import LiveWorkspace, Start
from studio.editors.pose.document import PoseDocument
from studio.editors.pose.workspace import PoseWorkspace
from studio.editors.scene.document import SIZE as SCENE_SIZE
from studio.editors.scene.document import SceneDocument
from studio.editors.scene.workspace import SceneWorkspace
from studio.editors.sketch.document import SIDE, SketchDocument
from studio.editors.sketch.workspace import SketchWorkspace
from studio.images import to_qimage
from studio.journal_recovery import Recovery, recoverable
from studio.opening import Opener
from studio.palette import CommandPalette
from studio.panels.models import ModelsDialog
from studio.panels.models_shelf import default_model
from studio.panels.notice import Notice
from studio.panels.status import CalmState, StatusLine
from studio.panels.topbar import TopBar
from studio.panels.train_desk import TrainingDesk
from studio.panels.welcome import WelcomePage
from studio.preferences import PreferencesDialog
from studio.project import SUFFIX
from studio.project_documents import document_of
from studio.project_state import ProjectState
from studio.recent import RecentFiles
from studio.recovery import RecoveryBanner
from studio.restoring import Restorer
from studio.saving import ProjectReader
from studio.services import Services
from studio.settings import Settings
from studio.shortcuts import Shortcuts
from studio.shortcuts_dialog import ShortcutsDialog
from studio.tabs import Tabs
from studio.worker import Bridge

_FRAME = QSize(8, 40)
"""Room that the desktop's own title bar takes."""
_TOP = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
_NEW = Start()
ALL_COMMANDS = united(COMMANDS, *(editor.COMMANDS for editor in EDITORS.values()))
_COMMON = frozenset(command.name for command in COMMANDS)
_PLACES = {
    command.name: frozenset(
        name for name, editor in EDITORS.items() if command.name in editor.command_names()
    )
    for command in ALL_COMMANDS
    if command.name not in _COMMON
}
"""The editors in which a command works, of those that do not work everywhere."""


class Window(QMainWindow):
    """One window, a tab a document; the engine answers through the bridge.

    Signals:
        models_loaded: bytes of each model that the engine holds, by its id.
    """

    models_loaded = Signal(object)

    def __init__(self, bridge: Bridge, settings: Settings) -> None:
        super().__init__()
        self.bridge, self.settings = bridge, settings
        self._leaving = False
        self._given_up: set[Workspace] = set()
        self._loaded: Mapping[str, int] = {}
        self._samples_shown = self._drawings = self._scenes = 0
        self.actions_by_name = make_actions(self, ALL_COMMANDS, self.run)
        self.services = Services(bridge, settings, self.actions_by_name)
        self.palette_box = CommandPalette(self, self.actions_by_name, settings)
        self.shortcuts = Shortcuts(self.actions_by_name, settings, _PLACES)
        self.recent = RecentFiles()
        self.invitation = WelcomePage(sample.cards(), self.recent)
        self.tabs = Tabs(self.invitation)
        self.training = TrainingDesk(self.services, self.tabs, self)
        self.opener, self.projects = Opener(bridge), ProjectReader(self)
        self.restorer, self.recovery = Restorer(self), RecoveryBanner()
        self.notice, self.status, self.state = Notice(), StatusLine(), CalmState()
        self.top = TopBar(self.actions_by_name)
        self._build()
        self._connect()
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.apply_theme(settings.theme)
        self.resize(QSize(1440, 900).boundedTo(self.screen().availableSize() - _FRAME))
        self.restoreGeometry(settings.geometry)
        self._turned()

    # Construction

    def _build(self) -> None:
        middle, body = QWidget(), QWidget()
        body.setObjectName("panes")
        layers = QGridLayout(middle)
        layers.setContentsMargins(0, 0, 0, 0)
        layers.setRowStretch(0, 1)
        layers.addWidget(self.tabs, 0, 0, 3, 1)
        layers.addWidget(self.recovery, 0, 0, _TOP)
        layers.addWidget(self.notice, 1, 0, Qt.AlignmentFlag.AlignHCenter)
        layers.setRowMinimumHeight(2, 16)
        self.recovery.raise_()
        self.notice.raise_()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(middle, 1)
        column.addWidget(self.status)
        self.setMenuWidget(self.top)
        self.setCentralWidget(body)

    def _connect(self) -> None:
        invitation, opener = self.invitation, self.opener
        invitation.open_wanted.connect(self.open_photo)
        invitation.drawing_wanted.connect(self.new_drawing)
        invitation.scene_wanted.connect(self.new_scene)
        invitation.sample_wanted.connect(self.open_sample)
        invitation.recent_wanted.connect(self.open_path)
        self.top.compare.pressed.connect(lambda: self._peek(True))
        self.top.compare.released.connect(lambda: self._peek(False))
        self.state.changed.connect(self.status.show_state)
        self.status.follow(self.notice)
        self.status.training.clicked.connect(self.show_training)
        self.training.told.connect(self.status.show_training)
        self.training.said.connect(self.notice.say)
        self.training.opened.connect(self.add_workspace)
        self.tabs.turned.connect(self._turned)
        self.tabs.close_wanted.connect(self.close_tab)
        opener.opened.connect(self._opened)
        opener.drawn.connect(self._drawn)
        opener.labelled.connect(self._labelled)
        opener.failed.connect(lambda text: self.notice.say(text, "error"))
        opener.busy.connect(self.status.show_busy)
        opener.busy.connect(invitation.say)
        restorer = self.restorer
        restorer.opened.connect(self.add_document)
        restorer.plain.connect(opener.open)
        restorer.missing.connect(self._find_sources)
        restorer.failed.connect(lambda text: self.notice.say(text, "error"))
        self.projects.opened.connect(self._project_opened)
        self.projects.failed.connect(lambda text: self.notice.say(text, "error"))
        self.recovery.restored.connect(self._restored)
        self.bridge.answered.connect(self._show_device)
        self.settings.changed.connect(self._setting_changed)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_theme_changed)

    # Commands

    def run(self, name: str, *state: bool) -> None:
        """Run a command: the window's own, or that of the tab that is seen."""
        method = self._method(name)
        if method is not None:
            method(*state)

    def _method(self, name: str) -> Callable[..., object] | None:
        owners = (self, *(self.workspace.owners() if self.workspace else ()))
        return next((getattr(o, name) for o in owners if hasattr(o, name)), None)

    # Looks

    def apply_theme(self, choice: theme.ThemeChoice) -> None:
        """Dress everything and remember the choice."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._tokens = theme.apply(app, choice)
        self.settings.theme = choice
        pages = (self.tabs, self.invitation)
        frame = (self.top, *pages, self.recovery, self.notice, self.status, self.palette_box)
        for part in (*frame, self.training, *self.tabs.workspaces):
            part.dress(self._tokens)
        dress_actions(self.actions_by_name, ALL_COMMANDS, self._tokens)
        for each in theme.ThemeChoice:
            self.actions_by_name[f"theme_{each.value}"].setChecked(each is choice)

    def theme_dark(self) -> None:
        """Light text on dark."""
        self.apply_theme(theme.ThemeChoice.dark)

    def theme_light(self) -> None:
        """Dark text on light."""
        self.apply_theme(theme.ThemeChoice.light)

    def theme_system(self) -> None:
        """As the desktop says."""
        self.apply_theme(theme.ThemeChoice.system)

    def _system_theme_changed(self) -> None:
        if self.settings.theme is theme.ThemeChoice.system:
            self.apply_theme(theme.ThemeChoice.system)

    def _setting_changed(self, name: str) -> None:
        if name == "theme":
            self.apply_theme(self.settings.theme)
        self.services.take_settings()
        for workspace in self.tabs.workspaces:
            workspace.take_settings()
            self._refresh(workspace)

    def toggle_panels(self, hidden: bool) -> None:
        """The picture alone."""
        self.status.setVisible(not hidden)
        for workspace in self.tabs.workspaces:
            workspace.show_panels(not hidden)

    def show_shortcuts(self) -> None:
        """Every command and its key."""
        menus = {command.name: translated(command.menu) for command in ALL_COMMANDS}
        ShortcutsDialog(self, self.shortcuts, menus).show()

    def show_settings(self) -> None:
        """Everything that can be set."""
        PreferencesDialog(self, self.settings, self._tokens).show()

    def show_palette(self) -> None:
        """Find a command by a few letters."""
        self.palette_box.open()

    def show_models(self) -> None:
        """What paints and what reads photos, with its terms."""
        dialog = ModelsDialog(self.settings, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.unload_wanted.connect(lambda model: self.bridge.post(TendModels(model)))
        dialog.models_changed.connect(self._models_changed)
        self.models_loaded.connect(dialog.show_loaded)
        dialog.dress(self._tokens)
        dialog.show_loaded(self._loaded)
        dialog.show()

    def show_training(self) -> None:
        """Train a model, or watch one that is being trained."""
        self.training.show()

    def _models_changed(self) -> None:
        """Files came or went: the engine and every list of painters look again."""
        self.bridge.post(TendModels())
        for workspace in self.tabs.workspaces:
            workspace.models_changed()

    def show_about(self) -> None:
        """What this is, and its terms."""
        dialogs.AboutDialog(self).show()

    def _show_device(self, message: Message) -> None:
        if isinstance(message, Status):
            self.status.show_device(message.text, message.memory)
            self._loaded = message.loaded
            self.models_loaded.emit(message.loaded)

    # Documents and files

    @property
    def workspace(self) -> Workspace | None:
        """The tab that is seen."""
        return self.tabs.current

    @property
    def document(self) -> Document | None:
        """The document that is seen."""
        return self.workspace.document if self.workspace else None

    def add_document(self, document: Document, start: Start = _NEW) -> LiveWorkspace:
        """Show a document in a tab of its own."""
        workspace = self._workspace_for(document, start)
        if isinstance(workspace, PoseWorkspace):
            workspace.person_wanted.connect(lambda one: self._change_person(workspace, one))
        if isinstance(workspace, SceneWorkspace):
            workspace.other_set.connect(self.add_document)
        workspace.saved.connect(lambda: self._remember(document))
        self.add_workspace(workspace)
        self._remember(document)
        if workspace.saver.warning:
            self.notice.say(workspace.saver.warning, "warning")
        return workspace

    def add_workspace(self, workspace: Workspace) -> None:
        """Show a tab."""
        workspace.said.connect(self.notice.say)
        workspace.offered.connect(
            lambda text, label, name: self.notice.say(text, "info", label, lambda: self.run(name))
        )
        workspace.busy.connect(self.status.show_busy)
        workspace.changed.connect(lambda: self._refresh(workspace))
        workspace.show_panels(not self.actions_by_name["toggle_panels"].isChecked())
        self.tabs.add(workspace)

    def _workspace_for(self, document: Document, start: Start) -> LiveWorkspace:
        common = self.services, self._tokens, start
        match document:
            case PoseDocument():
                return PoseWorkspace(document, *common)
            case SketchDocument():
                return SketchWorkspace(document, *common)
            case SceneDocument():
                return SceneWorkspace(document, *common)
            case _:
                raise TypeError(f"there is no editor for {type(document).__name__}")

    def _remember(self, document: Document) -> None:
        """Among the recent files, with a small picture."""
        if document.origin.path is not None:
            self.recent.add(document.origin.path, to_qimage(document.pictured.pixels))

    def close_document(self) -> None:
        """Close the tab that is seen."""
        if self.workspace is not None:
            self.close_tab(self.workspace)

    def close_tab(self, workspace: Workspace) -> None:
        """Close a tab; asks if something would be lost."""
        self._finish(workspace, lambda: self.tabs.remove(workspace))

    def _finish(self, workspace: Workspace, go_on: Callable[[], None]) -> None:
        """Go on once the document is saved, or not wanted any more."""
        if not workspace.dirty:
            go_on()
            return
        self.tabs.show_tab(workspace)
        question = dialogs.LeaveDialog(self, workspace.document.origin.name)

        def answered(answer: int) -> None:
            if answer == dialogs.LeaveDialog.LEAVE:
                self._given_up.add(workspace)
                go_on()
            elif answer == dialogs.LeaveDialog.SAVE and workspace.save():
                workspace.saved.connect(go_on, Qt.ConnectionType.SingleShotConnection)
            else:
                self._given_up.clear()

        question.finished.connect(answered)
        question.open()

    def next_document(self) -> None:
        """The tab to the right."""
        self.tabs.step(1)

    def previous_document(self) -> None:
        """The tab to the left."""
        self.tabs.step(-1)

    def open_path(self, path: Path) -> None:
        """Open a file in a tab, or show the tab that has it."""
        self.settings.folder = str(path.parent)
        there = [w for w in self.tabs.workspaces if w.document.origin.path == path]
        if there:
            self.tabs.show_tab(there[0])
        elif path.suffix == SUFFIX:
            self.projects.open(path)
        elif path.suffix.lower() == ".svg":
            self.opener.open_drawing(path)
        elif path.suffix.lower() == ".png":
            self.restorer.open(path)
        else:
            self.opener.open(path)

    def _find_sources(self, path: Path, missing: SourcesMissing) -> None:
        """A picture of ours was opened, but not the photos it was made from."""

        def find() -> None:
            found = dialogs.photos_to_find(self, str(path.parent), missing)
            if found:
                self.restorer.open(path, found)

        self.notice.say(str(missing), "warning", self.tr("Find photos…"), find)

    def open_photo(self) -> None:
        """Choose a file."""
        path = dialogs.file_to_open(self, self.settings.folder)
        if path is not None:
            self.open_path(path)

    def new_drawing(self) -> None:
        """An empty sheet in a tab of its own."""
        self._drawings += 1
        name = self.tr("Drawing {0}").format(self._drawings)
        model = default_model(self.settings, "Sketch")
        self.add_document(SketchDocument(Sketch((SIDE, SIDE)), Origin(name), model))

    def new_scene(self) -> None:
        """An empty label map in a tab of its own."""
        self._scenes += 1
        name = self.tr("Scene {0}").format(self._scenes)
        blank = LabelMap.blank(SCENE_SIZE, cityscapes())
        model = default_model(self.settings, "LabelMap")
        self.add_document(SceneDocument(blank, Origin(name), model))

    def open_drawing(self) -> None:
        """Choose a drawing, or a photo whose lines are drawn."""
        path = dialogs.drawing_to_open(self, self.settings.folder)
        if path is not None:
            self.settings.folder = str(path.parent)
            self.opener.open_drawing(path)

    def open_scene(self) -> None:
        """Choose a photo of a street, which is labelled."""
        path = dialogs.photo_to_open(self, self.settings.folder)
        if path is not None:
            self.settings.folder = str(path.parent)
            self.opener.open_scene(path)

    def _labelled(self, document: SceneDocument) -> None:
        document.use_painter(default_model(self.settings, "LabelMap"))
        self.add_document(document)

    def _drawn(self, document: SketchDocument) -> None:
        document.use_painter(default_model(self.settings, "Sketch"))
        self.add_document(document)

    def open_bundled_sample(self) -> None:
        """Show a bundled sample; the next one each time."""
        names = sample.names()
        self._samples_shown += 1
        self.open_sample(names[(self._samples_shown - 1) % len(names)])

    def open_sample(self, name: str) -> None:
        """Show a bundled sample."""
        try:
            self.add_document(sample.open_sample(name))
        except (GuiseError, OSError, ValueError) as error:
            self.notice.say(self.tr("The sample cannot be opened: {0}").format(error), "error")

    def _project_opened(self, document: Document, state: ProjectState) -> None:
        self.add_document(document, Start(project=document.origin.path, view=state.view))

    def _restored(self, state: ProjectState, recovery: Recovery) -> None:
        document = document_of(state, recovery.path)
        self.add_document(document, Start(recovery.path, recovery, state.view))

    def _change_person(self, workspace: PoseWorkspace, reading: Reading) -> None:
        """Another person of the same photo: here if nothing was done yet, else in a new tab."""
        document = PoseDocument(reading, workspace.document.origin)
        document.use_painter(workspace.document.model)
        untouched = not workspace.dirty
        added = self.add_document(document)
        assert isinstance(added, PoseWorkspace)
        added.people = workspace.people
        if untouched:
            self.tabs.remove(workspace)

    def _opened(self, document: PoseDocument) -> None:
        document.use_painter(default_model(self.settings, "Pose"))
        workspace = self.add_document(document)
        assert isinstance(workspace, PoseWorkspace)
        if document.reading.found:
            workspace.find_people()
            self.notice.say(self.tr("Drag a joint: the person follows."))
        else:
            text = self.tr(
                "Nobody was found in this photo. Drag this skeleton onto the person, then press V."
            )
            path = document.origin.path
            again = (lambda: self.opener.open_drawing(path)) if path else None
            self.notice.say(text, "warning", self.tr("Open as drawing"), again)

    # State

    def _turned(self) -> None:
        """Another tab, or none: other menus and other commands."""
        workspace = self.workspace
        own, names = (workspace.COMMANDS, workspace.MENUS) if workspace else ((), ())
        self.top.show_menus((*COMMANDS, *own), names)
        for command in ALL_COMMANDS:
            self.actions_by_name[command.name].setEnabled(self._method(command.name) is not None)
        self.top.compare.setEnabled(workspace is not None)
        if workspace is not None:
            self._refresh(workspace)
            return
        self.setWindowTitle("Guise")
        self.setWindowModified(False)
        self.state.set(PictureState.empty)
        self.status.show_hint("")
        self.status.show_time(0)

    def _refresh(self, workspace: Workspace) -> None:
        if workspace not in self.tabs.workspaces:
            return
        self.tabs.mark(workspace)
        if workspace is not self.workspace:
            return
        document = workspace.document
        workspace.refresh(self.actions_by_name)
        self.setWindowTitle(f"{document.origin.name}[*] - Guise")
        self.setWindowModified(workspace.dirty)
        self.state.set(document.state)
        self.status.show_time(document.seconds)
        self.status.show_hint(workspace.hint if self.settings.switch("hints") else "")

    def _peek(self, on: bool) -> None:
        if self.workspace is not None:
            self.workspace.peek(on)

    # Events

    def _begin(self) -> None:
        """PyTorch and what a crash left, only once the window is there."""
        self.bridge.start()
        if self.settings.trouble:
            self.notice.say(self.settings.trouble, "warning")
        self.recovery.offer(recoverable(self.services.journals))
        self.training.begin()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.workspace is None or not self.workspace.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        if self.workspace is None or not self.workspace.release(event):
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        away = event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow()
        if away and self.workspace is not None:
            self.workspace.keys_up()
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dialogs.dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()
            self.invitation.welcome(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.invitation.welcome(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.invitation.welcome(False)
        path = dialogs.dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open_path(path)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Expose:  # handled by painting everything, at once
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._begin)
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        dirty = [w for w in self.tabs.workspaces if w.dirty and w not in self._given_up]
        if dirty and not self._leaving:
            event.ignore()
            self._finish(dirty[0], self._close_next)
            return
        if not (self._leaving or self.training.may_leave(self._close_next)):
            event.ignore()
            return
        self.settings.geometry = self.saveGeometry()
        self.hide()  # ending the threads may take a moment
        for workspace in self.tabs.workspaces:
            workspace.let_go(discard=True)
        self.training.close()
        self.projects.wait()
        self.restorer.wait()
        self.recovery.wait()
        self.recovery.put_off()
        self.bridge.close()
        super().closeEvent(event)

    def _close_next(self) -> None:
        """One document less to ask about."""
        QTimer.singleShot(0, self.close)
