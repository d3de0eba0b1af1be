"""The joint list: every joint by limb and name, to select, hide and lock by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSignalBlocker,
    QSize,
    Qt,
)
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTreeView

from studio.editors.pose.body import BodyDocument
from studio.editors.pose.joint_model import LOCK, NAME, SEEN, JointModel
from studio.theme import Tokens

MENU = (
    "toggle_hidden",
    "toggle_locked",
    "reset_joints",
    "place_joints",
    "remove_joints",
    "select_limb",
)
"""Commands of the context menu."""

_ICON_COLUMN = 28
_OWN_KEYS = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)
_SHEET = """
QTreeView {{ background: transparent; border: none; outline: none;
    selection-background-color: transparent; }}
QTreeView::item {{ min-height: 26px; border: none; }}
QTreeView::item:hover {{ background: {raised}; }}
QTreeView::item:selected {{ background: {raised}; color: {text};
    border-top: 1px solid {accent}; border-bottom: 1px solid {accent}; }}
"""


class JointTree(QTreeView):
    """Follows the document's selection, and sets it; a limb's row selects the limb.

    A click on the eye hides or shows the joint, a click in the last column locks it.

    Args:
        eye: the command of a click on the eye.
        menu: those of the context menu.
    """

    def __init__(self, eye: str = "toggle_hidden", menu: Sequence[str] = MENU) -> None:
        super().__init__()
        self._eye, self._menu = eye, menu
        self.document: BodyDocument | None = None
        self._joints = JointModel()
        self._actions: Mapping[str, QAction] = {}
        self._tokens: Tokens | None = None
        self._state: object = None
        self._limbs = "sides"
        self.setModel(self._joints)
        self._lay_out()
        self.selectionModel().selectionChanged.connect(self._select)
        self.clicked.connect(self._clicked)

    def _lay_out(self) -> None:
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setIconSize(QSize(16, 16))
        self.setUniformRowHeights(True)
        self.setMinimumHeight(180)
        self.setAccessibleName(self.tr("Joints"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(_ICON_COLUMN)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (SEEN, LOCK):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, _ICON_COLUMN)
        self.expandAll()

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take the commands of the menu from the window's actions."""
        self._actions = actions

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens, self._state = tokens, None
        self.setStyleSheet(_SHEET.format(**vars(tokens)))
        self._show_states()

    def colour_limbs(self, limbs: str) -> None:
        """Dots in the colours of the canvas, a name in LIMB_COLOURS."""
        self._limbs, self._state = limbs, None
        self._show_states()

    def follow(self, document: BodyDocument | None) -> None:
        """Show another document."""
        if self.document is not None:
            self.document.selection_changed.disconnect(self._show_selection)
            self.document.shape_changed.disconnect(self._show_states)
            self.document.locks_changed.disconnect(self._show_states)
        self.document, self._state = document, None
        if document is not None:
            document.selection_changed.connect(self._show_selection)
            document.shape_changed.connect(self._show_states)
            document.locks_changed.connect(self._show_states)
            self._show_states()
            self._show_selection()

    def _show_states(self) -> None:
        """Only if they are others: a drag asks at every move."""
        document = self.document
        if document is None or self._tokens is None:
            return
        state = document.edited.presence.tobytes(), document.locked
        if state != self._state:
            self._state = state
            self._joints.show(document.edited, document.locked, self._tokens, self._limbs)

    def _show_selection(self) -> None:
        if self.document is None:
            return
        chosen = QItemSelection()
        for joint in self.document.selected:
            index = self._joints.index_of(joint)
            chosen.select(index, index.siblingAtColumn(LOCK))
        model = self.selectionModel()
        with QSignalBlocker(model):
            model.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            if self.document.selected and not self.hasFocus():
                first = self._joints.index_of(min(self.document.selected))
                model.setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
                self.scrollTo(first)
        self.viewport().update()

    def _select(self) -> None:
        if self.document is not None:
            rows = self.selectionModel().selectedRows(NAME)
            joints = frozenset[int]().union(*(self._joints.joints_at(row) for row in rows))
            self.document.select(joints)
            self._show_selection()

    def _clicked(self, index: QModelIndex) -> None:
        name = {SEEN: self._eye, LOCK: "toggle_locked"}.get(index.column(), "")
        if name in self._actions:
            self._actions[name].trigger()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        menu.popup(event.globalPos() if by_mouse else self._beside_current())

    def menu(self) -> QMenu:
        """What can be done with the selected joints."""
        menu = QMenu(self)
        menu.addActions([self._actions[name] for name in self._menu if name in self._actions])
        return menu

    def _beside_current(self) -> QPoint:
        return self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OWN_KEYS:
            super().keyPressEvent(event)
        else:
            event.ignore()  # the window's keys hold here too; no search by typing
