"""The joint list: every joint by name, to select and to hide with the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem

from engine.shapes.pose import JOINTS, Presence
from studio.document import Document
from studio.editors.pose.marks import joint_colour


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
                item.setIcon(_dot(joint_colour(name), Presence(int(presence[i]))))
                item.setSelected(i in self.document.selected)

    def _select(self) -> None:
        if self.document is not None:
            self.document.select(frozenset(i.row() for i in self.selectedIndexes()))


def _dot(colour: QColor, presence: Presence) -> QIcon:
    """Filled = seen, ring = hidden, faint = missing."""
    pixmap = QPixmap(28, 28)
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(QColor(0, 0, 0, 0))
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if presence == Presence.missing:
        painter.setOpacity(0.3)
    pen = painter.pen()
    pen.setColor(colour)
    pen.setWidthF(2)
    painter.setPen(pen)
    if presence == Presence.seen:
        painter.setBrush(colour)
    painter.drawEllipse(3, 3, 8, 8)
    painter.end()
    return QIcon(pixmap)
