"""The joints of a document as a tree: limbs, under them joints with their state."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QStandardItem, QStandardItemModel

from engine.shapes.pose import INDEX, JOINTS, Pose, Presence
from studio.editors.pose.marks import joint_colour
from studio.editors.pose.names import joint_names, limb_names
from studio.theme import Tokens, icon

NAME, SEEN, LOCK = range(3)
"""Columns."""
_JOINT = Qt.ItemDataRole.UserRole
_GROUPS: dict[str, tuple[str, ...]] = {
    "head": ("nose", "right_eye", "left_eye", "right_ear", "left_ear", "neck"),
    "right_arm": ("right_shoulder", "right_elbow", "right_wrist"),
    "left_arm": ("left_shoulder", "left_elbow", "left_wrist"),
    "right_leg": ("right_hip", "right_knee", "right_ankle"),
    "left_leg": ("left_hip", "left_knee", "left_ankle"),
}
_DOT = 14


class JointModel(QStandardItemModel):
    """Rows for limbs and joints; :meth:`show` brings in the states."""

    def __init__(self) -> None:
        super().__init__(0, 3)
        self._rows: dict[int, list[QStandardItem]] = {}
        for limb, joints in _GROUPS.items():
            heading = self._heading(limb_names()[limb])
            for joint in joints:
                self._rows[INDEX[joint]] = row = [_item() for _ in range(3)]
                row[NAME].setText(joint_names()[joint])
                row[NAME].setData(INDEX[joint], _JOINT)
                heading.appendRow(row)

    def _heading(self, text: str) -> QStandardItem:
        row = [_item() for _ in range(3)]
        row[NAME].setText(text)
        self.appendRow(row)
        return row[NAME]

    def show(self, pose: Pose, locked: frozenset[int], tokens: Tokens, limbs: str) -> None:
        """Icons, tips and inks as these joints stand; `limbs` is a name in LIMB_COLOURS."""
        for limb in range(self.rowCount()):
            self.item(limb, NAME).setForeground(QColor(tokens.muted))
        for i, (name, seen, lock) in self._rows.items():
            presence = Presence(int(pose.presence[i]))
            name.setIcon(_dot(joint_colour(JOINTS[i], limbs), presence))
            name.setForeground(
                QColor(tokens.muted if presence is Presence.missing else tokens.text)
            )
            words = _words(presence, i in locked)
            for item in (name, seen, lock):
                item.setToolTip(f"{name.text()}: {words}")
            name.setData(f"{name.text()}, {words}", Qt.ItemDataRole.AccessibleTextRole)
            seen.setIcon(icon(_SEEN_ICONS[presence], tokens, _seen_ink(presence, tokens)))
            lock.setIcon(icon("mdi6.lock", tokens) if i in locked else QIcon())

    def joints_at(self, index: QModelIndex) -> frozenset[int]:
        """The joint of a row, or all of a limb's."""
        item = self.itemFromIndex(index.siblingAtColumn(NAME))
        if item.hasChildren():
            return frozenset(item.child(n).data(_JOINT) for n in range(item.rowCount()))
        return frozenset({item.data(_JOINT)})

    def index_of(self, joint: int) -> QModelIndex:
        """The row of a joint."""
        return self._rows[joint][NAME].index()


_SEEN_ICONS = {
    Presence.seen: "mdi6.eye-outline",
    Presence.hidden: "mdi6.eye-off-outline",
    Presence.missing: "mdi6.minus",
}


def _seen_ink(presence: Presence, tokens: Tokens) -> str:
    """What is as usual stands back."""
    return tokens.text if presence is Presence.hidden else tokens.muted


def _words(presence: Presence, locked: bool) -> str:
    tr = QCoreApplication.translate
    words = {
        Presence.seen: tr("Joint", "seen"),
        Presence.hidden: tr("Joint", "hidden"),
        Presence.missing: tr("Joint", "not in the pose"),
    }
    return words[presence] + (", " + tr("Joint", "locked") if locked else "")


def _item() -> QStandardItem:
    item = QStandardItem()
    item.setEditable(False)
    return item


def _dot(colour: QColor, presence: Presence) -> QIcon:
    """Filled = seen, ring = hidden, faint ring = missing."""
    pixmap = QPixmap(3 * _DOT, 3 * _DOT)
    pixmap.setDevicePixelRatio(3)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(0.35 if presence is Presence.missing else 1)
    painter.setPen(QPen(colour, 2))
    painter.setBrush(colour if presence is Presence.seen else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(3, 3, _DOT - 6, _DOT - 6)
    painter.end()
    made = QIcon(pixmap)
    made.addPixmap(pixmap, QIcon.Mode.Selected)  # Qt would tint it
    return made
