"""The list of all keys: searched, changed, reset, written and read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.errors import GuiseError
from studio.languages import spoken
from studio.palette import menu_path, shown_text
from studio.panels.rows import side_by_side
from studio.shortcuts import Shortcuts, gestures, is_fixed

_NAME = Qt.ItemDataRole.UserRole
_NATIVE = QKeySequence.SequenceFormat.NativeText


class ShortcutsDialog(QDialog):
    """A command is chosen in the list, its new key is pressed in the field below.

    What is changed holds at once.

    Args:
        menus: heading of every command by its name; one without stands under its present menu.
    """

    def __init__(self, parent: QWidget, shortcuts: Shortcuts, menus: Mapping[str, str]) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.shortcuts, self._menus = shortcuts, menus
        self.rows: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = {}
        self._pressed = QKeySequence()
        self.search = QLineEdit(placeholderText=self.tr("Search"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search"))
        self.tree = self._make_tree()
        self._make_field()
        self._make_buttons()
        self._lay_out()
        self._connect()
        self._show_keys()
        self._choose()
        self.resize(560, 640)

    # Construction

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget(columnCount=2)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAccessibleName(self.tr("Commands"))
        tree.header().hide()
        tree.setIndentation(12)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        for name, action in self.shortcuts.actions.items():
            menu = self._menus.get(name) or menu_path(action) or self.tr("Other")
            row = self._add(tree, menu, shown_text(action).rstrip("…"))
            row.setData(0, _NAME, name)
            self.rows[name] = row
        for words in gestures():
            self._add(tree, self.tr("On the canvas"), *words)
        tree.expandAll()
        return tree

    def _add(self, tree: QTreeWidget, menu: str, text: str, keys: str = "") -> QTreeWidgetItem:
        if menu not in self._groups:
            self._groups[menu] = (_heading(tree, menu), [])
        head, rows = self._groups[menu]
        rows.append(QTreeWidgetItem(head, [text, keys]))
        return rows[-1]

    def _make_field(self) -> None:
        self.caption = QLabel()
        self.field = QKeySequenceEdit()
        self.field.setMinimumWidth(130)  # room for its placeholder
        self.field.setMaximumSequenceLength(1)
        self.field.setAccessibleName(self.tr("New key"))
        self.field.setToolTip(self.tr("Click here and press the new key"))
        self.remove_button = QPushButton(self.tr("Remove key"))
        self.reset_button = QPushButton(self.tr("Reset"))
        self.reset_button.setToolTip(self.tr("Give this command its default key back"))
        self.note = QLabel(wordWrap=True)
        self.note.setObjectName("warning")
        self.take_button = QPushButton(self.tr("Use it here"))
        self.take_button.setToolTip(self.tr("The other command loses this key"))
        self.take_button.hide()

    def _make_buttons(self) -> None:
        self.reset_all_button = QPushButton(self.tr("Reset all"))
        self.import_button = QPushButton(self.tr("Import…"))
        self.export_button = QPushButton(self.tr("Export…"))
        self.close_button = QPushButton(self.tr("Close"))
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter in the list is for the list

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.search)
        layout.addWidget(self.tree, 1)
        layout.addLayout(
            side_by_side(self.caption, None, self.field, self.remove_button, self.reset_button)
        )
        told = side_by_side(self.take_button)
        told.insertWidget(0, self.note, 1)
        layout.addLayout(told)
        layout.addLayout(
            side_by_side(
                self.import_button,
                self.export_button,
                self.reset_all_button,
                None,
                self.close_button,
            )
        )

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.tree.currentItemChanged.connect(self._choose)
        self.tree.itemActivated.connect(lambda: self.field.setFocus())
        self.field.editingFinished.connect(self._take_key)
        self.take_button.clicked.connect(self._assign)
        self.remove_button.clicked.connect(self._remove)
        self.reset_button.clicked.connect(self._reset)
        self.reset_all_button.clicked.connect(self.shortcuts.reset_all)
        self.import_button.clicked.connect(self._import)
        self.export_button.clicked.connect(self._export)
        self.close_button.clicked.connect(self.close)
        self.shortcuts.changed.connect(self._show_keys)

    # The list

    def chosen(self) -> str:
        """Name of the command chosen in the list; empty = none that can be changed."""
        item = self.tree.currentItem()
        return (item.data(0, _NAME) or "") if item is not None else ""

    def choose(self, name: str) -> None:
        """Choose a command in the list."""
        self.tree.setCurrentItem(self.rows[name])

    def _filter(self, words: str) -> None:
        for head, rows in self._groups.values():
            for row in rows:
                text = f"{row.text(0)} {row.text(1)}".lower()
                row.setHidden(not all(word in text for word in words.lower().split()))
            head.setHidden(all(row.isHidden() for row in rows))

    def _show_keys(self) -> None:
        for name, row in self.rows.items():
            keys = [key.toString(_NATIVE) for key in self.shortcuts.keys(name)]
            row.setText(1, ", ".join(keys))
            font = row.font(1)
            font.setBold(not self.shortcuts.is_default(name))
            row.setFont(1, font)
        self._filter(self.search.text())
        self._choose()

    # Another key

    def _choose(self) -> None:
        name = self.chosen()
        self._say("")
        self.field.clear()
        for part in (self.field, self.remove_button):
            part.setEnabled(bool(name))
        self.reset_button.setEnabled(bool(name) and not self.shortcuts.is_default(name))
        action = shown_text(self.shortcuts.actions[name]).rstrip("…") if name else ""
        words = self.tr("New key for “{0}”").format(action)
        self.caption.setText(words if name else self.tr("Choose a command to change its key."))

    def _take_key(self) -> None:
        self._pressed, name = self.field.keySequence(), self.chosen()
        if self._pressed.isEmpty() or not name:
            return
        key = self._pressed.toString(_NATIVE)
        users = self.shortcuts.users(self._pressed, name)
        if is_fixed(self._pressed):
            self._say(self.tr("{0} is needed on the canvas; press another key.").format(key))
            self.field.clear()
        elif users:
            owners = ", ".join(shown_text(self.shortcuts.actions[u]).rstrip("…") for u in users)
            text = self.tr("{0} is the key of “{1}”.").format(key, owners)
            self._say(text, taken=True)
        else:
            self._assign()

    def _assign(self) -> None:
        self.shortcuts.assign(self.chosen(), [self._pressed])
        self.tree.setFocus()

    def _remove(self) -> None:
        self.shortcuts.assign(self.chosen(), [])

    def _reset(self) -> None:
        self.shortcuts.reset(self.chosen())

    def _say(self, text: str, taken: bool = False) -> None:
        self.note.setText(text)
        self.take_button.setVisible(taken)
        if taken:
            self.take_button.setFocus()

    # Files

    def _import(self) -> None:
        kinds = "JSON (*.json)"
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Import shortcuts"), "", kinds)
        if name:
            self.import_from(Path(name))

    def import_from(self, path: Path) -> None:
        """Take the keys of a file, or say why not."""
        try:
            unknown = self.shortcuts.read(path)
        except GuiseError as error:
            self._say(spoken(str(error)))
            return
        if unknown:
            self._say(self.tr("{0} commands of the file are not known here.").format(unknown))

    def _export(self) -> None:
        kinds = "JSON (*.json)"
        start = "shortcuts.json"
        name, _ = QFileDialog.getSaveFileName(self, self.tr("Export shortcuts"), start, kinds)
        if not name:
            return
        try:
            self.shortcuts.write(Path(name).with_suffix(".json"))
        except GuiseError as error:
            self._say(spoken(str(error)))


def _heading(tree: QTreeWidget, text: str) -> QTreeWidgetItem:
    made = QTreeWidgetItem(tree, [text])
    font = made.font(0)
    font.setBold(True)
    made.setFont(0, font)
    made.setFlags(Qt.ItemFlag.ItemIsEnabled)
    return made
