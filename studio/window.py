"""The frame: top bar, tools, panes, panels and status around one document."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from engine.appearance import Sampled
from engine.errors import GuiseError
from engine.perception.base import Reading
from engine.shapes.pose_files import write_pose
from studio import dialogs, sample, theme
from studio.actions import COMMANDS, dress_actions, make_actions
from studio.document import Document, Origin, PictureState
from studio.editors.pose.editor import PoseEditor, hint_for
from studio.painting import LivePainting
from studio.panels.choices import LooksDialog, PaintersDialog
from studio.panels.notice import Notice
from studio.panels.side import SidePanel
from studio.panels.status import CalmState, StatusLine
from studio.panels.toolcolumn import ToolColumn
from studio.panels.topbar import TopBar
from studio.panes import Panes
from studio.settings import Settings
from studio.worker import Bridge

_FRAME = QSize(8, 40)
"""Room that the desktop's own title bar takes."""
VIEWS = ("side", "single", "wipe")


class Window(QMainWindow):
    """One window, one document; the engine answers through the bridge."""

    def __init__(self, bridge: Bridge, settings: Settings) -> None:
        super().__init__()
        self.bridge, self.settings = bridge, settings
        self.document: Document | None = None
        self._leaving = False
        self._samples_shown = 0
        self.panes, self.side = Panes(), SidePanel()
        self.notice, self.status, self.state = Notice(), StatusLine(), CalmState()
        self.pose_editor = PoseEditor()
        self.painting = LivePainting(bridge, self.panes.longest)
        self.actions_by_name = make_actions(
            self, self, self.pose_editor, self.painting, self.side.look
        )
        self.top, self.tools = TopBar(self.actions_by_name), ToolColumn(self.actions_by_name)
        self._build()
        self._connect()
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.apply_theme(settings.theme)
        self._show_view(settings.view if settings.view in VIEWS else "side")
        self.resize(QSize(1440, 900).boundedTo(self.screen().availableSize() - _FRAME))
        self.restoreGeometry(settings.geometry)
        self._refresh()

    # Construction

    def _build(self) -> None:
        middle, row, body = QWidget(), QWidget(), QWidget()
        body.setObjectName("panes")
        layers = QGridLayout(middle)
        layers.setContentsMargins(0, 0, 0, 0)
        layers.setRowStretch(0, 1)
        layers.addWidget(self.panes, 0, 0, 3, 1)
        layers.addWidget(self.notice, 1, 0, Qt.AlignmentFlag.AlignHCenter)
        layers.setRowMinimumHeight(2, 16)
        self.notice.raise_()
        _stack(QHBoxLayout(row), self.tools, middle, self.side)
        _stack(QVBoxLayout(body), row, self.status)
        self.setMenuWidget(self.top)
        self.setCentralWidget(body)

    def _connect(self) -> None:
        invitation, painting = self.panes.invitation, self.painting
        invitation.open_button.clicked.connect(self.open_photo)
        invitation.sample_button.clicked.connect(self.open_bundled_sample)
        invitation.sample_button.setVisible(bool(sample.names()))
        self.top.compare.pressed.connect(lambda: self.panes.peek(True))
        self.top.compare.released.connect(lambda: self.panes.peek(False))
        self.panes.view.changed.connect(painting.view_changed)
        self.state.changed.connect(self._show_state)
        self.side.painter.compare.clicked.connect(self.compare_painters)
        self.side.painter.fell_back.connect(self.notice.say)
        self.side.look.photo_wanted.connect(self._choose_person)
        self.side.look.photo_dropped.connect(
            lambda path: self._read_person(path, self.side.look.take_reading)
        )
        self.side.look.more_wanted.connect(self.more_looks)
        self.pose_editor.said.connect(self.notice.say)
        painting.opened.connect(self._opened)
        painting.saved.connect(self._saved)
        painting.failed.connect(lambda text: self.notice.say(text, "error"))
        painting.warned.connect(lambda text: self.notice.say(text, "warning"))
        painting.busy.connect(self.status.show_busy)
        painting.busy.connect(invitation.say)
        painting.device.connect(self.status.show_device)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_theme_changed)

    # Looks

    def apply_theme(self, choice: theme.ThemeChoice) -> None:
        """Dress everything and remember the choice."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        tokens = theme.apply(app, choice)
        self.settings.theme = choice
        for part in (self.top, self.panes, self.side, self.notice, self.status):
            part.dress(tokens)
        dress_actions(self.actions_by_name, tokens)
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

    def view_side(self) -> None:
        """Photo and picture side by side."""
        self._show_view("side")

    def view_single(self) -> None:
        """The picture under the skeleton."""
        self._show_view("single")

    def view_wipe(self) -> None:
        """Before and after, with a line to drag."""
        self._show_view("wipe")

    def _show_view(self, name: str) -> None:
        self.settings.view = name
        self.panes.show_as(name)
        for each in VIEWS:
            self.actions_by_name[f"view_{each}"].setChecked(each == name)

    def fit_view(self) -> None:
        """The whole photo."""
        self.panes.view.fit()

    def actual_size(self) -> None:
        """One photo pixel on one screen pixel."""
        self.panes.view.actual_size(self.devicePixelRatioF())

    def zoom_in(self) -> None:
        """Closer to the middle."""
        self.panes.zoom(1.25)

    def zoom_out(self) -> None:
        """Away from the middle."""
        self.panes.zoom(0.8)

    def toggle_panels(self, hidden: bool) -> None:
        """The picture alone."""
        for part in (self.tools, self.side, self.status):
            part.setVisible(not hidden)

    def show_shortcuts(self) -> None:
        """Every command and its key."""
        dialogs.ShortcutsDialog(self).show()

    def show_about(self) -> None:
        """What this is, and its terms."""
        dialogs.AboutDialog(self).show()

    # Documents and files

    def set_document(self, document: Document) -> None:
        """Show a document; the one before is let go."""
        self._let_go()
        self.document = document
        for changed in (
            document.pose_changed,
            document.look_changed,
            document.picture_changed,
            document.selection_changed,
            document.undo.indexChanged,
            document.undo.cleanChanged,
        ):
            changed.connect(self._refresh)
        self.panes.follow(document)
        self.side.follow(document)
        assert self.panes.tool is not None
        self.pose_editor.follow(document, self.panes.tool)
        self.painting.follow(document)
        self._refresh()

    def _let_go(self) -> None:
        """Stop listening to the document: a history that is destroyed speaks once more."""
        if self.document is not None:
            self.document.undo.indexChanged.disconnect(self._refresh)
            self.document.undo.cleanChanged.disconnect(self._refresh)
            self.document.deleteLater()
            self.document = None

    def open_path(self, path: Path) -> None:
        """Read a photo in the background; what is open stays until it is there."""
        self.settings.folder = str(path.parent)
        self.painting.read(path)

    def open_photo(self) -> None:
        """Choose a photo."""
        path = dialogs.photo_to_open(self, self.settings.folder)
        if path is not None:
            self.open_path(path)

    def open_bundled_sample(self) -> None:
        """Show the bundled sample; the next one each time."""
        try:
            names = sample.names()
            name = names[self._samples_shown % len(names)]
            self._samples_shown += 1
            self.set_document(sample.open_sample(name))
        except (GuiseError, OSError, ValueError) as error:
            self.notice.say(self.tr("The sample cannot be opened: {0}").format(error), "error")

    def _opened(self, reading: Reading, path: Path) -> None:
        self.set_document(Document(reading, Origin(path.stem, path)))
        if reading.found:
            self.notice.say(self.tr("Drag a joint: the person follows."))
        else:
            text = self.tr(
                "Nobody was found in this photo. Drag this skeleton onto the person, then press V."
            )
            self.notice.say(text, "warning")

    def export_png(self) -> None:
        """Paint at the photo's own size and write a PNG."""
        document = self.document
        if document is None:
            return
        path = dialogs.png_to_save(self, self.settings.folder, document.origin.name)
        if path is not None:
            self.settings.folder = str(path.parent)
            self.painting.export(path)

    def _saved(self, path: Path, degraded: str) -> None:
        text = self.tr("The picture is in {0}.").format(path)
        self.notice.say(f"{text} {degraded}".strip(), "warning" if degraded else "info")

    def import_pose(self) -> None:
        """Take the pose of an OpenPose or COCO file."""
        path = dialogs.pose_to_open(self, self.settings.folder)
        if path is None or self.document is None:
            return
        try:
            self.pose_editor.take(dialogs.read_fitted(path, self.document.source))
        except GuiseError as error:
            self.notice.say(str(error), "error")

    def export_pose(self) -> None:
        """Write the pose as OpenPose JSON."""
        path = dialogs.pose_to_save(self, self.settings.folder)
        if path is None or self.document is None:
            return
        try:
            write_pose(self.document.pose, path)
        except (GuiseError, OSError) as error:
            self.notice.say(str(error), "error")
            return
        self.notice.say(self.tr("The pose is in {0}.").format(path))

    # Looks of others

    def look_from_photo(self) -> None:
        """Choose another photo and take its person's look."""
        self._choose_person(self.side.look.take_reading)

    def _choose_person(self, taken: Callable[[Reading, str], None]) -> None:
        path = dialogs.photo_to_open(self, self.settings.folder)
        if path is not None:
            self.settings.folder = str(path.parent)
            self._read_person(path, taken)

    def _read_person(self, path: Path, taken: Callable[[Reading, str], None]) -> None:
        self.painting.read_person(path, lambda reading: taken(reading, path.stem))

    def compare_painters(self) -> None:
        """What is asked for, by every painter that takes this look."""
        if self.document is not None:
            PaintersDialog(self, self.document, self.painting, self.side.painter).open()

    def more_looks(self) -> None:
        """Several invented looks to choose from."""
        if self.document is not None:
            LooksDialog(self, self.document, self.painting).open()

    # State

    def _refresh(self) -> None:
        document, actions = self.document, self.actions_by_name
        for command in COMMANDS:
            if command.menu in ("Edit", "Pose", "Look") or command.name in dialogs.NEED_DOCUMENT:
                actions[command.name].setEnabled(document is not None)
        self.top.compare.setEnabled(document is not None)
        if document is None:
            self.setWindowTitle("Guise")
            self.state.set(PictureState.empty)
            return
        actions["undo"].setEnabled(document.undo.canUndo())
        actions["redo"].setEnabled(document.undo.canRedo())
        actions["toggle_hidden"].setEnabled(bool(document.selected))
        card = self.side.painter.card
        invents = card is not None and "Sampled" in card.takes
        for name in ("throw_dice", "more_looks"):
            actions[name].setEnabled(invents)
        held = isinstance(document.look, Sampled) and document.look.shape != document.pose
        actions["dice_here"].setEnabled(held)
        actions["own_look"].setEnabled(document.look is not None)
        actions["fit_skeleton"].setChecked(document.fitting)
        actions["move_joints"].setChecked(not document.fitting)
        self.setWindowTitle(f"{document.origin.name}[*] - Guise")
        self.setWindowModified(not document.undo.isClean())
        self.state.set(document.state)
        self.status.show_time(document.seconds)
        self.status.show_hint(hint_for(document))

    def _show_state(self, state: PictureState) -> None:
        self.status.show_state(state)
        self.panes.show_state(state)

    # Events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Backslash:
            self.panes.peek(True)
        elif key == Qt.Key.Key_Space:
            self.panes.hold(True)
        elif not self.pose_editor.key(key, far):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        if event.key() == Qt.Key.Key_Backslash:
            self.panes.peek(False)
        elif event.key() == Qt.Key.Key_Space:
            self.panes.hold(False)
        else:
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.panes.peek(False)  # the key-up goes to another window
            self.panes.hold(False)
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dialogs.dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()
            self.panes.invitation.welcome(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.panes.invitation.welcome(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.panes.invitation.welcome(False)
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
            QTimer.singleShot(0, self.bridge.start)  # PyTorch only once the window is there
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        document = self.document
        if document is not None and not document.undo.isClean() and not self._leaving:
            event.ignore()
            question = dialogs.LeaveDialog(self)
            question.finished.connect(self._leave)
            question.open()
            return
        self.settings.geometry = self.saveGeometry()
        self.hide()  # ending the thread may take a moment
        self.painting.follow(None)
        self.bridge.close()
        self._let_go()
        super().closeEvent(event)

    def _leave(self, answer: int) -> None:
        if answer == dialogs.LeaveDialog.EXPORT:
            self.export_png()
        elif answer == dialogs.LeaveDialog.LEAVE:
            self._leaving = True
            self.close()


def _stack(layout: QHBoxLayout | QVBoxLayout, *parts: QWidget) -> None:
    """Parts side by side without gaps."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for part in parts:
        layout.addWidget(part)
