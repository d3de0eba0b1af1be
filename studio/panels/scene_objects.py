"""The objects of a scene: small pictures and names, to select, merge, split, copy and delete."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QMetaObject, QObject, QRect, QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QIcon,
    QImage,
    QKeyEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from engine.shapes.label_scan import Instance
from studio.document import PictureState
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.names import label_name
from studio.images import to_qimage
from studio.panels.toolcolumn import icon_button
from studio.theme import Tokens

BUTTONS = (
    "new_object",
    "duplicate_object",
    "merge_objects",
    "split_object",
    "label_cut",
    "delete_object",
)
"""Commands of the buttons and of the context menu."""
THUMB = QSize(44, 32)
_DENSE = 2
_AROUND = 0.15
"""Of an object's size: what is seen around it."""
_SHOWN = 300
"""The largest ones are listed; more would only slow the list down."""
_LIST_MS = 150
_NUMBER = Qt.ItemDataRole.UserRole


class ObjectList(QWidget):
    """Follows the selection and sets it; several rows together can be merged."""

    def __init__(self) -> None:
        super().__init__()
        self._board: SceneBoard | None = None
        self._held: list[QMetaObject.Connection] = []
        self._actions: Mapping[str, QAction] = {}
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(2)
        self.rows = _Rows()
        self.rows.setAccessibleName(self.tr("Objects"))
        self.rows.itemSelectionChanged.connect(self._select)
        self.caption = QLabel()
        self.caption.setObjectName("caption")
        self.caption.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(self._buttons)
        layout.addWidget(self.rows)
        layout.addWidget(self.caption)
        self._soon = QTimer(self, singleShot=True, interval=_LIST_MS)
        self._soon.timeout.connect(self.refresh)

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take the commands of BUTTONS from the window's actions."""
        self._actions = actions
        for name in BUTTONS:
            self._buttons.addWidget(icon_button(actions[name]))
        self._buttons.addStretch()
        self.rows.menu = [actions[name] for name in (*BUTTONS, "label_object")]

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.rows.setStyleSheet(
            f"QListWidget::item:selected {{ border: 1px solid {tokens.accent}; }}"
        )

    def follow(self, board: SceneBoard) -> None:
        """List the objects of a board's scene."""
        while self._held:
            QObject.disconnect(self._held.pop())
        self._board = board
        self._held = [
            board.document.shape_changed.connect(self._soon.start),
            board.document.picture_changed.connect(self._picture_changed),
            board.document.selection_changed.connect(self._show_selection),
            board.choice.changed.connect(self._show_selection),
        ]
        self.refresh()

    def _picture_changed(self) -> None:
        assert self._board is not None
        if self._board.document.state is PictureState.current:
            self._soon.start()

    def refresh(self) -> None:
        """List what there is now."""
        board = self._board
        if board is None or board.document.moving:
            return
        scene = board.document.scene
        found = sorted(scene.instances.values(), key=lambda one: -one.area)
        counts: dict[int, int] = {}
        names: dict[int, str] = {}
        for number, one in scene.instances.items():
            counts[one.label] = counts.get(one.label, 0) + 1
            names[number] = f"{label_name(scene.label_set, one.label)} {counts[one.label]}"
        picture = _source(board)
        with QSignalBlocker(self.rows):
            self.rows.clear()
            for one in found[:_SHOWN]:
                colour = QColor(*scene.label_set[one.label].colour)
                thumb = thumbnail(picture, one, scene.size, colour)
                item = QListWidgetItem(thumb, names[one.id])
                item.setData(_NUMBER, one.id)
                item.setToolTip(self.tr("{0} pixels").format(one.area))
                self.rows.addItem(item)
        self.caption.setText(self._caption(len(found)))
        self.caption.setVisible(bool(self.caption.text()))
        self._show_selection()

    def _caption(self, count: int) -> str:
        if not count:
            return self.tr("Paint a car or a person: each one becomes an object of its own.")
        if count > _SHOWN:
            return self.tr("The {0} largest of {1} objects are listed.").format(_SHOWN, count)
        return ""

    def _show_selection(self) -> None:
        board = self._board
        if board is None:
            return
        picked = board.choice.group | {board.document.selected}
        if board.document.selected not in board.choice.group:
            picked = frozenset({board.document.selected})
        with QSignalBlocker(self.rows):
            for n in range(self.rows.count()):
                item = self.rows.item(n)
                item.setSelected(item.data(_NUMBER) in picked)
                if item.data(_NUMBER) == board.document.selected:
                    self.rows.scrollToItem(item)

    def _select(self) -> None:
        assert self._board is not None
        picked = frozenset(item.data(_NUMBER) for item in self.rows.selectedItems())
        document = self._board.document
        current = self.rows.currentItem()
        last = current.data(_NUMBER) if current is not None else None
        self._board.choice.gather(picked)
        document.select(last if last in picked else max(picked, default=None))


class _Rows(QListWidget):
    """A list whose letters are the window's commands."""

    def __init__(self) -> None:
        super().__init__()
        self.menu: list[QAction] = []
        self.setIconSize(THUMB)
        self.setUniformItemSizes(True)
        self.setMinimumHeight(150)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.text().strip():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addActions(self.menu)
        menu.exec(event.globalPos())


def _source(board: SceneBoard) -> QImage:
    """What objects are seen in: the painted picture, the photo, or the labels' colours."""
    document = board.document
    if document.picture is not None:
        return to_qimage(document.picture.pixels)
    if document.reference is not None:
        return to_qimage(document.reference.pixels)
    return to_qimage(document.pictured.pixels)


def thumbnail(picture: QImage, one: Instance, size: tuple[int, int], colour: QColor) -> QIcon:
    """An object in a picture of the scene, of whatever size, with its label's colour below."""
    scale_x, scale_y = picture.width() / size[0], picture.height() / size[1]
    left, top, right, bottom = one.box
    wide, high = (right - left) * (1 + 2 * _AROUND), (bottom - top) * (1 + 2 * _AROUND)
    ratio = THUMB.width() / THUMB.height()
    wide, high = max(wide, high * ratio), max(high, wide / ratio)
    corner = (left + right - wide) / 2 * scale_x, (top + bottom - high) / 2 * scale_y
    part = QRect(int(corner[0]), int(corner[1]), int(wide * scale_x) + 1, int(high * scale_y) + 1)
    shown = QPixmap(THUMB * _DENSE)
    with QPainter(shown) as painter:
        how = Qt.TransformationMode.SmoothTransformation
        aspect = Qt.AspectRatioMode.IgnoreAspectRatio
        painter.drawImage(0, 0, picture.copy(part).scaled(shown.size(), aspect, how))
        painter.fillRect(0, shown.height() - 3 * _DENSE, shown.width(), 3 * _DENSE, colour)
    return unchanging(shown)


def unchanging(pixels: QPixmap) -> QIcon:
    """An icon that looks alike in a selected row: its colours mean something."""
    made = QIcon(pixels)
    made.addPixmap(pixels, QIcon.Mode.Selected)
    return made
