"""The pose library: little figures to choose from, found while typing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QWidget

from engine.errors import GuiseError
from engine.perception.base import Reading
from engine.shapes.pose import Pose
from engine.shapes.retarget import retargeted
from studio.actions import Command
from studio.dialogs import dropped_file
from studio.editors.pose.document import PoseDocument
from studio.library import LibraryPose, PoseLibrary
from studio.panels.cells import CellDelegate, Cells
from studio.panels.figure import draw_figure
from studio.panels.look_pages import column
from studio.theme import Tokens, icon

COMMANDS: tuple[Command, ...] = (
    Command("save_to_library", "Save pose to library…", "Pose", rule=True),
    Command("search_poses", "Search pose library", "Pose", ("Ctrl+P",)),
    Command("pose_from_photo", "Pose of another photo…", "Pose"),
)
CELL = QSize(62, 80)
_ROWS = 3
_ROOM = 7.0
_POSE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class _Figures(CellDelegate):
    """Draws the poses."""

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        item: LibraryPose = index.data(_POSE)
        room = QRectF(box).adjusted(_ROOM, _ROOM, -_ROOM, -_ROOM)
        draw_figure(painter, item.pose, room, self.tokens)


class _Found(QAbstractListModel):
    """The poses that a search has found."""

    def __init__(self) -> None:
        super().__init__()
        self.poses: list[LibraryPose] = []

    def fill(self, poses: Sequence[LibraryPose]) -> None:
        """Show other poses."""
        self.beginResetModel()
        self.poses = list(poses)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self.poses)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        pose = self.poses[index.row()]
        shown: dict[int, Any] = {
            _POSE: pose,
            Qt.ItemDataRole.ToolTipRole: pose.name,
            Qt.ItemDataRole.AccessibleTextRole: pose.name,
        }
        return shown.get(role)


class NameLine(QLineEdit):
    """A name to type; Enter takes it, Esc gives up.

    Signals:
        given: the name.
        left: nothing was given.
    """

    given = Signal(str)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.given.emit(self.text())
        else:
            super().keyPressEvent(event)


class LibraryPanel(QWidget):
    """Search, figures, and what can be done with them; every choice is one undo step.

    Signals:
        photo_wanted: a photo has to be chosen; carries what is called with its Reading and name.
        photo_dropped: path of a photo whose person's pose is wanted.
        failed: a sentence for the person.
        said: good news in a sentence.
    """

    photo_wanted = Signal(object)
    photo_dropped = Signal(object)
    failed = Signal(str)
    said = Signal(str)

    def __init__(self, library: PoseLibrary) -> None:
        super().__init__()
        self.library = library
        self.document: PoseDocument | None = None
        self._renamed: LibraryPose | None = None
        self.search = QLineEdit(clearButtonEnabled=True)
        self.search.setPlaceholderText(self.tr("Search poses"))
        leading = QLineEdit.ActionPosition.LeadingPosition
        self._glass = self.search.addAction(QIcon(), leading)
        self.name = NameLine()
        self.name.setPlaceholderText(self.tr("Name of the pose"))
        self.found = _Found()
        self.cells = Cells(CELL, wrapping=True)
        self.cells.setAccessibleName(self.tr("Pose library"))
        self.cells.setItemDelegate(_Figures(self.cells, CELL))
        self.cells.setModel(self.found)
        self.cells.setFixedHeight(_ROWS * (CELL.height() + 8))
        self.cells.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.nothing = QLabel(wordWrap=True)
        self.nothing.setObjectName("muted")
        self.save = QPushButton(self.tr("Save pose…"))
        self.from_photo = QPushButton(self.tr("From photo…"))
        self.from_photo.setToolTip(self.tr("Pose of another photo"))
        self._lay_out()
        self._connect()
        self.setAcceptDrops(True)
        self.refresh()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.save, 1)
        buttons.addWidget(self.from_photo, 1)
        lines = column(self, self.search, self.cells, self.nothing, self.name, buttons)
        lines.setContentsMargins(6, 0, 0, 0)
        self.name.hide()

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self.refresh())
        self.search.returnPressed.connect(self._use_first)
        self.cells.chosen.connect(lambda row: self.use(self.found.poses[row]))
        self.cells.delete_wanted.connect(lambda row: self.delete(self.found.poses[row]))
        self.cells.customContextMenuRequested.connect(self._show_menu)
        self.save.clicked.connect(self.save_to_library)
        self.from_photo.clicked.connect(self.pose_from_photo)
        self.name.given.connect(self._named)
        self.name.left.connect(self._leave_name)
        self.library.changed.connect(self.refresh)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.cells.dress(tokens)
        # The buttons inside a line are no tool buttons to press with a finger.
        self.search.setStyleSheet("QToolButton { min-width: 0; min-height: 0; padding: 0; }")
        self._glass.setIcon(icon("mdi6.magnify", tokens, tokens.muted))

    def follow(self, document: PoseDocument | None) -> None:
        """Fit poses to another document's person."""
        self.document = document
        for widget in (self.cells, self.save, self.from_photo):
            widget.setEnabled(document is not None)

    def refresh(self) -> None:
        """Show what the search finds."""
        text = self.search.text()
        self.found.fill(self.library.found(text))
        some = bool(self.found.poses)
        self.cells.setVisible(some)
        self.nothing.setVisible(not some)
        hint = self.tr("Save poses that you like; they are kept here.")
        missed = self.tr("No pose is called “{0}”. Save this one under that name?").format(text)
        self.nothing.setText(missed if text else hint)

    # Choosing

    def use(self, item: LibraryPose, mirrored: bool = False) -> None:
        """Take a pose over to this person's body, as one step."""
        pose = item.pose.mirrored() if mirrored else item.pose
        self._take(pose, self.tr("Pose “{0}”").format(item.name))

    def take_reading(self, reading: Reading, name: str) -> None:
        """Take the pose of a photo's person over to this person's body, as one step."""
        self._take(reading.pose, self.tr("Pose of {0}").format(name))

    def _take(self, pose: Pose, text: str) -> None:
        document = self.document
        if document is None:
            return
        try:
            fitted = retargeted(pose, document.source)
        except GuiseError as error:
            self.failed.emit(str(error))
            return
        document.change(fitted, text)

    def _use_first(self) -> None:
        if self.found.poses and self.search.text():
            self.use(self.found.poses[0])

    def search_poses(self) -> None:
        """Type what to look for."""
        self.search.setFocus()
        self.search.selectAll()

    def pose_from_photo(self) -> None:
        """Ask for a photo and take its person's pose."""
        if self.document is not None:
            self.photo_wanted.emit(self.take_reading)

    # Keeping

    def save_to_library(self) -> None:
        """Ask for a name and keep the pose as it is now."""
        if self.document is not None:
            self._ask_name(None, self.search.text() if not self.found.poses else "")

    def rename(self, item: LibraryPose) -> None:
        """Ask for another name of an own pose."""
        self._ask_name(item, item.name)

    def delete(self, item: LibraryPose) -> None:
        """Move an own pose to the trash."""
        if item.path is None:
            return
        if self._tried(lambda: self.library.delete(item)):
            self.said.emit(self.tr("“{0}” was moved to the trash.").format(item.name))

    def add_files(self, paths: Sequence[Path]) -> None:
        """Copy pose files into the library."""
        for path in paths:
            self._tried(lambda path=path: self.library.add_file(path))

    def _ask_name(self, item: LibraryPose | None, name: str) -> None:
        self._renamed = item
        self.name.setText(name)
        self.name.show()
        self.name.setFocus()
        self.name.selectAll()

    def _leave_name(self) -> None:
        self.name.hide()
        self.cells.setFocus()

    def _named(self, name: str) -> None:
        document, item = self.document, self._renamed
        if item is not None:
            kept = self._tried(lambda: self.library.rename(item, name))
        else:
            kept = document is not None and self._tried(
                lambda: self.library.save(name, document.edited)
            )
        if kept:
            self.search.clear()
            self._leave_name()

    def _tried(self, act: Any) -> bool:
        try:
            act()
        except GuiseError as error:
            self.failed.emit(str(error))
            return False
        return True

    def _show_menu(self, at: QPoint) -> None:
        row = self.cells.indexAt(at).row()
        if row >= 0:
            self.menu_of(self.found.poses[row]).popup(self.cells.viewport().mapToGlobal(at))

    def menu_of(self, item: LibraryPose) -> QMenu:
        """What can be done with a pose."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Use")).triggered.connect(lambda: self.use(item))
        mirrored = menu.addAction(self.tr("Use mirrored"))
        mirrored.triggered.connect(lambda: self.use(item, mirrored=True))
        if item.path is not None:
            menu.addSeparator()
            menu.addAction(self.tr("Rename…")).triggered.connect(lambda: self.rename(item))
            delete = menu.addAction(self.tr("Delete"))
            delete.setShortcut(Qt.Key.Key_Delete)
            delete.triggered.connect(lambda: self.delete(item))
        return menu

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(u.toLocalFile()) for u in event.mimeData().urls() if u.isLocalFile()]
        poses = [path for path in files if path.suffix.lower() == ".json"]
        event.acceptProposedAction()
        if poses:
            self.add_files(poses)
        elif files and self.document is not None:
            self.photo_dropped.emit(files[0])
