"""The label palette: every label with its colour, key, share of the map, eye and lock."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import (
    QCoreApplication,
    QMetaObject,
    QModelIndex,
    QObject,
    QSignalBlocker,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import (
    QAction,
    QIcon,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPixmap,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from engine.shapes.labels import LabelMap, LabelSet
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.colouring import Colouring
from studio.editors.scene.names import label_name
from studio.panels.scene_brush import BrushRows
from studio.panels.scene_objects import unchanging
from studio.panels.toolcolumn import icon_button
from studio.theme import Tokens, icon

NAME, KEY, SHARE, SEEN, LOCK = range(5)
"""Columns."""
_WIDTHS = {KEY: 20, SHARE: 58, SEEN: 28, LOCK: 28}
_KEYS = 9
_LABEL = Qt.ItemDataRole.UserRole
_SWATCH = 16
_DENSE = 3
_COUNT_MS = 250
"""So long after the last edit are pixels counted."""
_SHEET = """
QTreeView {{ background: transparent; border: none; outline: none; padding: 0;
    selection-background-color: transparent; }}
QTreeView::item {{ min-height: 26px; border: none; padding: 0 2px; }}
QTreeView::item:hover {{ background: {raised}; }}
QTreeView::item:selected {{ background: {raised}; color: {text};
    border-top: 1px solid {accent}; border-bottom: 1px solid {accent}; }}
"""


def keyed(label_set: LabelSet) -> dict[int, int]:
    """The labels of the keys 1 to 9: those that have one, then the first ones of the palette, but
    for what is void."""
    found = {label.key: label.id for label in reversed(label_set.labels) if label.key}
    free = [key for key in range(1, _KEYS + 1) if key not in found]
    rest = [one.id for one in label_set.labels if one.id != label_set.void and not one.key]
    return found | dict(zip(free, rest, strict=False))


def swatch(label_set: LabelSet, label: int, patterns: bool) -> QIcon:
    """A label's colour, with its pattern if labels have them, as a small rounded square."""
    side = _SWATCH * _DENSE
    plain = LabelMap.of(np.full((side, side), label), None, label_set)
    pixels = Colouring(label_set, patterns=_DENSE if patterns else 0).pixels(plain, plain.box)
    image = QImage(pixels.tobytes(), side, side, 4 * side, QImage.Format.Format_ARGB32)
    shown = QPixmap(side, side)
    shown.fill(Qt.GlobalColor.transparent)
    with QPainter(shown) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = QPainterPath()
        path.addRoundedRect(0, 0, side, side, 4 * _DENSE, 4 * _DENSE)
        painter.setClipPath(path)
        painter.drawImage(0, 0, image)
        painter.setClipping(False)
        painter.setPen(Qt.GlobalColor.gray)
        painter.drawPath(path)
    return unchanging(shown)


class LabelPalette(QWidget):
    """Choose a label by a click or its key; its eye hides it, its lock keeps it as it is."""

    def __init__(self) -> None:
        super().__init__()
        self._board: SceneBoard | None = None
        self._tokens: Tokens | None = None
        self._patterned: bool | None = None
        self._held: list[QMetaObject.Connection] = []
        self.brush = BrushRows()
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search labels"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._choose_first)
        self.rows = QStandardItemModel(0, len(_WIDTHS) + 1)
        self.view = _Rows()
        self._lay_out()
        self._soon = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._soon.timeout.connect(self._count)

    def _lay_out(self) -> None:
        view = self.view
        view.setModel(self.rows)
        view.setAccessibleName(self.tr("Labels"))
        header = view.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(min(_WIDTHS.values()))
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS.items():
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, width)
        view.selectionModel().currentRowChanged.connect(self._current_changed)
        view.clicked.connect(self._clicked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.brush)
        self._found = QHBoxLayout()
        self._found.setSpacing(4)
        self._found.addWidget(self.search)
        layout.addLayout(self._found)
        layout.addWidget(view)

    def follow(self, board: SceneBoard) -> None:
        """Show the labels of a board's scene; another board must have the same options."""
        before, self._board = self._board, board
        while self._held:
            QObject.disconnect(self._held.pop())
        if before is None:
            self.brush.follow(board.options)
            board.options.changed.connect(self._options_changed)
        if before is None or before.choice.label_set != board.choice.label_set:
            self._list(board.choice.label_set)
        self._held = [
            board.choice.changed.connect(self._show_choice),
            board.document.shape_changed.connect(self._soon.start),
        ]
        self._options_changed()
        self._show_choice()
        self._count()

    def _list(self, label_set: LabelSet) -> None:
        """A row for each label."""
        self.rows.setRowCount(0)
        self._patterned = None
        for label in label_set.labels:
            row = [QStandardItem() for _ in range(len(_WIDTHS) + 1)]
            row[NAME].setText(label_name(label_set, label.id))
            row[NAME].setData(label.id, _LABEL)
            row[SHARE].setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            row[KEY].setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            for item in row:
                item.setEditable(False)
            self.rows.appendRow(row)
        for key, label in keyed(label_set).items():
            self._item(label, KEY).setText(str(key))

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take the command of label sets from the window's actions."""
        self._found.addWidget(icon_button(actions["label_sets"]))

    def let_go(self) -> None:
        """Hear no more of the options, which the documents of a window share."""
        self.brush.let_go()
        if self._board is not None:
            self._board.options.changed.disconnect(self._options_changed)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme; those of labels are their own."""
        self._tokens = tokens
        self.view.setStyleSheet(_SHEET.format(**vars(tokens)))
        self._show_choice()

    def take_key(self, digit: int) -> None:
        """Choose the label of a key."""
        if self._board is not None:
            label = keyed(self._board.choice.label_set).get(digit)
            if label is not None:
                self._choose(label)

    # What is shown

    def _item(self, label: int, column: int) -> QStandardItem:
        assert self._board is not None
        return self.rows.item(self._board.choice.label_set.ids.index(label), column)

    def _options_changed(self) -> None:
        assert self._board is not None
        patterned = self._board.options.patterns
        if patterned != self._patterned:
            self._patterned = patterned
            label_set = self._board.choice.label_set
            for label in label_set.ids:
                self._item(label, NAME).setIcon(swatch(label_set, label, patterned))

    def _show_choice(self) -> None:
        """Eyes, locks, and which label is chosen."""
        board, tokens = self._board, self._tokens
        if board is None or tokens is None:
            return
        choice = board.choice
        for label in choice.label_set.ids:
            hidden, locked = label in choice.hidden, label in choice.locked
            eye = "mdi6.eye-off-outline" if hidden else "mdi6.eye-outline"
            seen, lock = self._item(label, SEEN), self._item(label, LOCK)
            seen.setIcon(icon(eye, tokens, tokens.text if hidden else tokens.muted))
            lock.setIcon(
                icon("mdi6.lock", tokens)
                if locked
                else icon("mdi6.lock-open-variant-outline", tokens, tokens.muted)
            )
            seen.setToolTip(self.tr("Show this label") if hidden else self.tr("Hide this label"))
            lock.setToolTip(self.tr("Unlock this label") if locked else self.tr("Lock this label"))
            name = self._item(label, NAME)
            words = [name.text(), *self._words(hidden, locked)]
            name.setData(", ".join(words), Qt.ItemDataRole.AccessibleTextRole)
        with QSignalBlocker(self.view.selectionModel()):
            self.view.setCurrentIndex(self._item(choice.label, NAME).index())
        self.view.viewport().update()

    def _words(self, hidden: bool, locked: bool) -> list[str]:
        return [self.tr("hidden")] * hidden + [self.tr("locked")] * locked

    def _count(self) -> None:
        """Shares of the map."""
        assert self._board is not None
        scene = self._board.document.scene
        whole = scene.size[0] * scene.size[1]
        for label in scene.label_set.ids:
            area = scene.areas.get(label, 0)
            self._item(label, SHARE).setText(_share(area / whole))
            self._item(label, SHARE).setToolTip(self.tr("{0} pixels").format(area))

    def _filter(self, text: str) -> None:
        """Only the labels whose names have all the words."""
        words = text.lower().split()
        for n in range(self.rows.rowCount()):
            name = self.rows.item(n, NAME).text().lower()
            self.view.setRowHidden(n, QModelIndex(), not all(word in name for word in words))

    # What is chosen

    def _current_changed(self, index: QModelIndex) -> None:
        if index.isValid():
            self._choose(self.rows.item(index.row(), NAME).data(_LABEL))

    def _choose(self, label: int) -> None:
        if self._board is not None and label != self._board.choice.label:
            self._board.choice.choose(label)

    def _choose_first(self) -> None:
        shown = [n for n in range(self.rows.rowCount()) if not self._is_hidden(n)]
        if shown:
            self._choose(self.rows.item(shown[0], NAME).data(_LABEL))
            self.search.clear()

    def _is_hidden(self, row: int) -> bool:
        return self.view.isRowHidden(row, QModelIndex())

    def _clicked(self, index: QModelIndex) -> None:
        assert self._board is not None
        choice, label = self._board.choice, self.rows.item(index.row(), NAME).data(_LABEL)
        if index.column() == SEEN:
            choice.hide(label, label not in choice.hidden)
        elif index.column() == LOCK:
            choice.lock(label, label not in choice.locked)


class _Rows(QTreeView):
    """Rows without branches; letters are the window's commands, not a search."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIconSize(QSize(_SWATCH, _SWATCH))
        self.setUniformRowHeights(True)
        self.setMinimumHeight(240)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)


def _share(share: float) -> str:
    if not share:
        return ""
    tr = QCoreApplication.translate
    percent = f"{share * 100:.0f}" if share >= 0.01 else "<1"
    return tr("Label", "{0} %").format(percent)
