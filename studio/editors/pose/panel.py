"""The joint list: every joint by name, to select and to hide with the keyboard."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from engine.shapes.pose import JOINTS, Presence
from studio.document import Document
from studio.editors.pose.marks import joint_colour

_OWN_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)


def joint_names() -> dict[str, str]:
    """Joints as people say them."""
    return {name: name.replace("_", " ").capitalize() for name in JOINTS}


class JointList(QListWidget):
    """Follows the document's selection, and sets it."""

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setIconSize(QSize(14, 14))
        self.setUniformItemSizes(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document: Document | None = None
        for text in joint_names().values():
            self.addItem(QListWidgetItem(text))
        self.itemSelectionChanged.connect(self._select)

    def follow(self, document: Document) -> None:
        """Show another document."""
        self.document = document
        document.selection_changed.connect(self.refresh)
        document.pose_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Icons and selection as the document has them."""
        if self.document is None:
            return
        presence = self.document.edited.presence
        with QSignalBlocker(self):
            for i, name in enumerate(JOINTS):
                item = self.item(i)
                item.setIcon(_dot(joint_colour(name).name(), Presence(int(presence[i]))))
                item.setSelected(i in self.document.selected)
        if self.document.selected and not self.hasFocus():
            self.scrollToItem(self.item(min(self.document.selected)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OWN_KEYS:
            super().keyPressEvent(event)
        else:
            event.ignore()  # the window's keys hold here too; no search by typing

    def _select(self) -> None:
        if self.document is not None:
            self.document.select(frozenset(i.row() for i in self.selectedIndexes()))


@lru_cache(maxsize=64)
def _dot(colour: str, presence: Presence) -> QIcon:
    """Filled = seen, ring = hidden, faint = missing."""
    pixmap = QPixmap(28, 28)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if presence == Presence.missing:
        painter.setOpacity(0.3)
    pen = painter.pen()
    pen.setColor(QColor(colour))
    pen.setWidthF(2)
    painter.setPen(pen)
    if presence == Presence.seen:
        painter.setBrush(QColor(colour))
    painter.drawEllipse(3, 3, 8, 8)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # Qt would tint it
    return icon
