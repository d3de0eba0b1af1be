"""The frame: menus, tools, panes, panels and status around one document."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.errors import GuiseError
from engine.picture import Picture
from engine.request import (
    Cancelled,
    Failed,
    Message,
    Painted,
    Progress,
    Quality,
    Read,
    Request,
    Saved,
    Status,
)
from engine.shapes.pose import JOINTS, Presence
from engine.shapes.pose_files import write_pose
from engine.worker import ReadFile, SaveJob
from studio import dialogs, sample, theme
from studio.actions import COMMANDS, MENUS, dress_actions, make_actions, translated
from studio.document import Document, Origin, PictureState
from studio.panels.notice import Notice
from studio.panels.side import SidePanel
from studio.panels.status import StatusLine
from studio.panes import Panes
from studio.settings import Settings
from studio.worker import Bridge

PREVIEW_LONGEST = 900
"""Device pixels of a picture while the hand moves."""
SETTLE_MS = 150
"""A hand that rests this long gets the picture with full care."""
_MODEL = "people"
_FRAME = QSize(8, 40)
"""Room that the desktop's own title bar takes."""


class Window(QMainWindow):
    """One window, one document; the engine answers through the bridge."""

    def __init__(self, bridge: Bridge, settings: Settings) -> None:
        super().__init__()
        self.bridge, self.settings = bridge, settings
        self.document: Document | None = None
        self._reading: Path | None = None
        self._warming: Request | None = None
        self._leaving = False
        self.panes, self.side = Panes(), SidePanel()
        self.notice, self.status = Notice(), StatusLine()
        self.actions_by_name = make_actions(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.paint_now)
        self._build()
        self.bridge.answered.connect(self._take)
        self.setAcceptDrops(True)
        self.apply_theme(settings.theme)
        self._show_view(settings.view if settings.view in dialogs.VIEWS else "side")
        self.resize(QSize(1440, 900).boundedTo(self.screen().availableSize() - _FRAME))
        self.restoreGeometry(settings.geometry)
        self._refresh()

    # Construction

    def _build(self) -> None:
        for name in MENUS:
            menu = self.menuBar().addMenu(translated(name))
            for command in COMMANDS:
                if command.menu == name:
                    if command.rule:
                        menu.addSeparator()
                    menu.addAction(self.actions_by_name[command.name])
        self.tools = self._tool_column()
        middle = QVBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        notice_row = QVBoxLayout()
        notice_row.setContentsMargins(8, 8, 8, 0)
        notice_row.addWidget(self.notice)
        middle.addLayout(notice_row)
        middle.addWidget(self.panes, 1)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.tools)
        row.addLayout(middle, 1)
        row.addWidget(self.side)
        body = QWidget()
        body.setObjectName("panes")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(body)
        invitation = self.panes.invitation
        invitation.open_button.clicked.connect(self.open_photo)
        invitation.sample_button.clicked.connect(self.open_bundled_sample)
        invitation.sample_button.setVisible(bool(sample.names()))

    def _tool_column(self) -> QWidget:
        column = QWidget()
        column.setObjectName("tools")
        layout = QVBoxLayout(column)
        layout.setContentsMargins(6, 8, 6, 8)
        layout.setSpacing(4)
        for command in COMMANDS:
            if command.tool:
                button = QToolButton()
                button.setIconSize(QSize(18, 18))
                button.setDefaultAction(self.actions_by_name[command.name])
                button.setFixedSize(32, 32)
                layout.addWidget(button)
        layout.addStretch()
        return column

    def apply_theme(self, choice: theme.ThemeChoice) -> None:
        """Dress everything and remember the choice."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        tokens = theme.apply(app, choice)
        self.settings.theme = choice
        for part in (self.panes, self.notice, self.status):
            part.dress(tokens)
        dress_actions(self.actions_by_name, tokens)
        for each in theme.ThemeChoice:
            self.actions_by_name[f"theme_{each.value}"].setChecked(each is choice)

    # Documents

    def set_document(self, document: Document) -> None:
        """Show a document; the one before is let go."""
        if self.document is not None:
            self.document.deleteLater()
        self.document = document
        document.pose_changed.connect(self._pose_changed)
        document.picture_changed.connect(self._refresh)
        document.selection_changed.connect(self._refresh)
        document.undo.indexChanged.connect(self._refresh)
        document.undo.cleanChanged.connect(self._refresh)
        self.panes.follow(document)
        self.side.follow(document)
        self.actions_by_name["fit_skeleton"].setChecked(document.fitting)
        self._warm_up(document)
        self._refresh()

    def _warm_up(self, document: Document) -> None:
        """Let the engine load and prepare now, so that the first drag is as quick as the next."""
        if not document.reading.found:
            return
        pose = document.pose
        if document.picture is None:
            document.adopt(Picture(document.reading.photo.pixels))  # no edit: the photo itself
            x, y = pose["left_shoulder"] or (0.0, 0.0)
            pose = pose.moved(left_shoulder=(x + 1e-3, y))
        wanted = document.request_for(pose, Quality.preview, self._seen(Quality.preview), _MODEL)
        self._warming = wanted
        self.bridge.post(wanted)

    def open_path(self, path: Path) -> None:
        """Read a photo in the background; what is open stays until it is there."""
        self._reading = path
        self.settings.folder = str(path.parent)
        self.status.hint.setText(self.tr("Reading {0}…").format(path.name))
        self.bridge.post(ReadFile(path))

    def open_photo(self) -> None:
        """Choose a photo."""
        path = dialogs.photo_to_open(self, self.settings.folder)
        if path is not None:
            self.open_path(path)

    def open_bundled_sample(self) -> None:
        """Show the bundled sample."""
        if sample.names():
            self.set_document(sample.open_sample(sample.names()[0]))

    def export_png(self) -> None:
        """Paint at the photo's own size and write a PNG."""
        document = self.document
        if document is None:
            return
        path = dialogs.png_to_save(self, self.settings.folder, document.origin.name)
        if path is not None:
            self.settings.folder = str(path.parent)
            request = document.request(Quality.full, None, _MODEL)
            self.status.hint.setText(self.tr("Exporting {0}…").format(path.name))
            self.bridge.post(SaveJob(request, path))

    def import_pose(self) -> None:
        """Take the pose of an OpenPose or COCO file."""
        path = dialogs.pose_to_open(self, self.settings.folder)
        if path is not None and self.document is not None:
            try:
                pose = dialogs.read_fitted(path, self.document.source)
            except GuiseError as error:
                self.notice.say(str(error), "error")
                return
            self.document.change(pose, self.tr("Import pose"))

    def export_pose(self) -> None:
        """Write the pose as OpenPose JSON."""
        path = dialogs.pose_to_save(self, self.settings.folder)
        if path is not None and self.document is not None:
            try:
                write_pose(self.document.pose, path)
            except (GuiseError, OSError) as error:
                self.notice.say(str(error), "error")
                return
            self.notice.say(self.tr("The pose is in {0}.").format(path))

    # Editing

    def undo(self) -> None:
        """One gesture back."""
        if self.document is not None:
            self.document.undo.undo()

    def redo(self) -> None:
        """One gesture forward."""
        if self.document is not None:
            self.document.undo.redo()

    def select_all(self) -> None:
        """Select every joint that is there."""
        if self.document is not None:
            self.document.select(frozenset(range(len(JOINTS))))

    def reset_pose(self) -> None:
        """Back to the pose of the photo."""
        if self.document is not None:
            self.document.change(self.document.source, self.tr("Reset pose"))

    def mirror_pose(self) -> None:
        """Mirror the pose where the person stands; left and right change names."""
        if self.document is not None:
            self.document.change(dialogs.mirrored_in_place(self.document.edited), self.tr("Mirror"))

    def toggle_hidden(self) -> None:
        """Hide or show the selected joints."""
        if self.document is not None:
            self.document.toggle_hidden()

    def next_joint(self) -> None:
        """Select the next joint."""
        self._step_joint(1)

    def previous_joint(self) -> None:
        """Select the joint before."""
        self._step_joint(-1)

    def _step_joint(self, step: int) -> None:
        if self.document is None:
            return
        present = [i for i, p in enumerate(self.document.edited.presence) if p != Presence.missing]
        now = max(self.document.selected, default=-1 if step > 0 else 0)
        later = sorted(present, key=lambda i: ((i - now) * step - 1) % len(JOINTS))
        if later:
            self.document.select(frozenset({later[0]}))

    def fit_skeleton(self, on: bool) -> None:
        """Correct where the joints lie on the photo, instead of moving the person."""
        if self.document is not None and self.document.fitting != on:
            self.document.set_fitting(on)
            if on:
                text = self.tr(
                    "Drag the joints onto the person in the photo, then press F to repose."
                )
                self.notice.say(text)

    # Painting

    def _pose_changed(self) -> None:
        """Ask for a quick picture now and for a careful one when the hand rests."""
        self._paint(Quality.preview)
        self._settle.start()
        self._refresh()

    def paint_now(self) -> None:
        """Paint with full care, as large as it is seen."""
        self._settle.stop()
        self._paint(Quality.full)

    def cancel_painting(self) -> None:
        """Call off what is being painted; the last picture stays."""
        self._settle.stop()
        self.bridge.cancel()
        if self.document is not None:
            self.document.mark_stale()

    def _paint(self, quality: Quality) -> None:
        document = self.document
        if document is None or (document.fitting and not document.reading.found):
            return
        self.bridge.post(document.request(quality, self._seen(quality), _MODEL))

    def _seen(self, quality: Quality) -> int:
        """Longest side of the picture that the panes can show."""
        assert self.document is not None
        seen = min(self.panes.longest(), max(self.document.reading.photo.size))
        return min(seen, PREVIEW_LONGEST) if quality is Quality.preview else seen

    def _take(self, message: Message) -> None:
        """An answer of the engine."""
        match message:
            case Read():
                self._read(message)
            case Painted(request=request) if request is self._warming:
                self._warming = None
            case Painted(request=request) if self._shows(request):
                assert self.document is not None
                self.document.take(message)
                if message.degraded:
                    self.notice.say(message.degraded, "warning")
            case Saved(path=path, degraded=degraded):
                self._saved(path, degraded)
            case Status(text=text, memory=memory):
                self.status.show_device(text, memory)
            case Failed():
                self._failed(message)
            case Progress(text=text):
                self.status.hint.setText(text)
            case Painted() | Cancelled():
                pass

    def _shows(self, request: Request) -> bool:
        """Whether a picture belongs to the photo that is open."""
        document = self.document
        return document is not None and request.appearance.photo == document.reading.photo

    def _read(self, message: Read) -> None:
        path, self._reading = self._reading, None
        reading = message.reading
        name = path.stem if path else self.tr("photo")
        self.set_document(Document(reading, Origin(name, path)))
        if reading.found:
            self.notice.say(self.tr("Drag a joint: the person follows."))
        else:
            text = self.tr(
                "Nobody was found in this photo. Drag this skeleton onto the person, then press F."
            )
            self.notice.say(text, "warning")

    def _saved(self, path: Path, degraded: str) -> None:
        if self.document is not None:
            self.document.undo.setClean()
        text = self.tr("The picture is in {0}.").format(path)
        self.notice.say(f"{text} {degraded}".strip(), "warning" if degraded else "info")
        self._settle.start()

    def _failed(self, message: Failed) -> None:
        text = f"{message.message} {message.advice}".strip()
        if self.document is not None:
            self.document.fail(message.request, text)
        if isinstance(message.request, SaveJob) and self.document is not None:
            self._settle.start()
        self.notice.say(text, "error")
        self._refresh()

    # The window itself

    def _refresh(self) -> None:
        document = self.document
        actions = self.actions_by_name
        for command in COMMANDS:
            if command.menu in ("Edit", "Pose") or command.name in dialogs.NEED_DOCUMENT:
                actions[command.name].setEnabled(document is not None)
        if document is None:
            self.setWindowTitle("Guise")
            self.status.show_state(PictureState.empty)
            return
        actions["undo"].setEnabled(document.undo.canUndo())
        actions["redo"].setEnabled(document.undo.canRedo())
        actions["toggle_hidden"].setEnabled(bool(document.selected))
        self.setWindowTitle(f"{document.origin.name}[*] - Guise")
        self.setWindowModified(not document.undo.isClean())
        self.status.show_state(document.state, document.seconds)
        self.status.hint.setText(dialogs.hint_for(document))

    def fit_view(self) -> None:
        """The whole photo."""
        self.panes.view.fit()

    def actual_size(self) -> None:
        """One photo pixel on one screen pixel."""
        self.panes.view.actual_size(self.devicePixelRatioF())

    def zoom_in(self) -> None:
        """Closer to the middle."""
        self._zoom(1.25)

    def zoom_out(self) -> None:
        """Away from the middle."""
        self._zoom(0.8)

    def _zoom(self, factor: float) -> None:
        canvas = self.panes.editor if self.panes.editor.isVisible() else self.panes.painted
        self.panes.view.zoom(factor, canvas.rect().toRectF().center())

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
        for each in dialogs.VIEWS:
            self.actions_by_name[f"view_{each}"].setChecked(each == name)

    def toggle_panels(self, hidden: bool) -> None:
        """The picture alone."""
        for part in (self.tools, self.side, self.status):
            part.setVisible(not hidden)

    def theme_dark(self) -> None:
        """Light text on dark."""
        self.apply_theme(theme.ThemeChoice.dark)

    def theme_light(self) -> None:
        """Dark text on light."""
        self.apply_theme(theme.ThemeChoice.light)

    def theme_system(self) -> None:
        """As the desktop says."""
        self.apply_theme(theme.ThemeChoice.system)

    def show_shortcuts(self) -> None:
        """Every command and its key."""
        dialogs.ShortcutsDialog(self).show()

    def show_about(self) -> None:
        """Version, licence, and the model's terms."""
        dialogs.AboutDialog(self).show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        document, key = self.document, event.key()
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        if document is None:
            super().keyPressEvent(event)
        elif key in steps:
            size = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            document.nudge(*(size * s for s in steps[Qt.Key(key)]))
        elif key == Qt.Key.Key_Escape:
            if self.panes.tool is None or not self.panes.tool.cancel():
                document.select(frozenset())
        elif key == Qt.Key.Key_Backslash:
            self.panes.peek(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Backslash and not event.isAutoRepeat():
            self.panes.peek(False)
        else:
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.panes.peek(False)  # the key-up goes to another window
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open_path(path)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self.bridge.start)  # PyTorch only once the window is there

    def closeEvent(self, event: QCloseEvent) -> None:
        document = self.document
        if document is not None and not document.undo.isClean() and not self._leaving:
            event.ignore()
            question = dialogs.LeaveDialog(self)
            question.finished.connect(self._leave)
            question.open()
            return
        self.settings.geometry = self.saveGeometry()
        self._settle.stop()
        self.bridge.close()
        super().closeEvent(event)

    def _leave(self, answer: int) -> None:
        if answer == dialogs.LeaveDialog.EXPORT:
            self.export_png()
        elif answer == dialogs.LeaveDialog.LEAVE:
            self._leaving = True
            self.close()


def dropped_file(data: QMimeData) -> Path | None:
    """The first local file of a drop."""
    files = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return Path(files[0]) if files else None
