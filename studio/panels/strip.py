"""The animation strip: key poses in a row, played live over the photo, exported as a film."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.animation import Course
from engine.errors import GuiseError
from studio.actions import Command
from studio.editors.pose.document import PoseDocument
from studio.panels.painter import Menu
from studio.panels.strip_cards import Cards
from studio.panels.strip_keys import LONGEST, MOST_FPS, KeyPoses
from studio.panels.strip_player import Player
from studio.theme import ICON_SIDE, Tokens, icon

COMMANDS: tuple[Command, ...] = (
    Command("toggle_animation", "Animation strip", "View", ("Ctrl+T",), toggle=True),
    Command("add_key_pose", "Add key pose", "Pose", ("K",), rule=True),
    Command("play_animation", "Play animation", "Pose", ("P",)),
    Command("export_gif", "Export animation as GIF…", "File"),
    Command("export_mp4", "Export animation as MP4…", "File"),
)
_COURSE, _EXPORT = 140, 92
"""Widths with room for an arrow."""


class AnimationStrip(QWidget):
    """Heading, buttons, cards, and the times of the card that has the focus.

    Signals:
        export_wanted: "gif" or "mp4".
        failed: a sentence for the person.
    """

    export_wanted = Signal(str)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.document: PoseDocument | None = None
        self.keys: KeyPoses | None = None
        self.player = Player()
        self._row = -1
        self._tokens: Tokens | None = None
        self.heading = QToolButton()
        self.heading.setText(self.tr("Animation"))
        self.heading.setObjectName("section")
        self.heading.setCheckable(True)
        self.heading.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.play, self.add = QToolButton(), QToolButton()
        for button in (self.play, self.add):
            button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.add.setToolTip(self.tr("Add the pose as it is now  (K)"))
        self.add.setAccessibleName(self.tr("Add key pose"))
        self.cards = Cards()
        self.cards.setAccessibleName(self.tr("Key poses"))
        self.cards.setFixedHeight(self.cards.row_height)
        self.cards.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.empty = QLabel(self.tr("Set a pose and add it here; add another one, then play."))
        self.empty.setObjectName("muted")
        self.empty.setFixedHeight(self.cards.row_height)  # the first card moves nothing
        self.hold, self.move_on = self._seconds(), self._seconds()
        self.fps = QSpinBox(minimum=1, maximum=MOST_FPS)
        self.course = Menu()
        self._lay_out()
        self._connect()
        self._fold(False)

    def _seconds(self) -> QDoubleSpinBox:
        box = QDoubleSpinBox(maximum=LONGEST, singleStep=0.1, decimals=2)
        box.setSuffix(self.tr(" s"))
        box.setKeyboardTracking(False)
        return box

    def _lay_out(self) -> None:
        self.course.addItem(self.tr("Loop"), Course.loop)
        self.course.addItem(self.tr("There and back"), Course.ping_pong)
        self.course.addItem(self.tr("Once"), Course.once)
        self.export = QPushButton(self.tr("Export"))
        self.export.setMinimumWidth(_EXPORT)
        menu = QMenu(self.export)
        for word, run in ((self.tr("GIF…"), self.export_gif), (self.tr("MP4…"), self.export_mp4)):
            menu.addAction(word).triggered.connect(run)
        self.export.setMenu(menu)
        left, buttons, row = QVBoxLayout(), QHBoxLayout(), QHBoxLayout(self)
        left.setSpacing(4)
        buttons.setSpacing(4)
        buttons.addWidget(self.play)
        buttons.addWidget(self.add)
        buttons.addStretch()
        left.addWidget(self.heading)
        left.addLayout(buttons)
        left.addStretch()
        row.setContentsMargins(12, 4, 12, 2)
        row.setSpacing(8)
        row.addLayout(left)
        row.addWidget(self.empty, 1)
        row.addWidget(self.cards, 1)
        row.addWidget(self._times())
        row.addStretch()

    def _times(self) -> QWidget:
        """What can be said about the card and about all of them."""
        self.times = QWidget()
        self.times.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        grid = QGridLayout(self.times)
        grid.setContentsMargins(8, 6, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        parts = (
            (self.tr("Hold"), self.hold, self.tr("Seconds that this pose is held"), 0, 0),
            (self.tr("Move"), self.move_on, self.tr("Seconds to the next pose"), 1, 0),
            (self.tr("Rate"), self.fps, self.tr("Pictures a second"), 0, 2),
        )
        for word, widget, tip, line, place in parts:
            label = QLabel(word)
            label.setObjectName("muted")
            label.setBuddy(widget)
            widget.setToolTip(tip)
            widget.setAccessibleName(tip)
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(label, line, place)
            grid.addWidget(widget, line, place + 1)
        self.fps.setSuffix(self.tr(" /s"))
        self.course.setAccessibleName(self.tr("After the last pose"))
        self.course.setMinimumWidth(_COURSE)
        grid.addWidget(self.export, 0, 4)
        grid.addWidget(self.course, 1, 2, 1, 3)
        grid.setRowStretch(2, 1)
        return self.times

    def _connect(self) -> None:
        self.heading.toggled.connect(self._fold)
        self.play.clicked.connect(self.play_animation)
        self.add.clicked.connect(self.add_key_pose)
        self.player.turned.connect(self._turned)
        self.cards.chosen.connect(self.use)
        self.cards.delete_wanted.connect(self.delete)
        self.cards.moved.connect(self.move_key)
        self.cards.customContextMenuRequested.connect(self._show_menu)
        self.hold.valueChanged.connect(self._hold_changed)
        self.move_on.valueChanged.connect(self._move_changed)
        self.fps.valueChanged.connect(self._fps_changed)
        self.course.activated.connect(self._course_chosen)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.cards.dress(tokens)
        self.add.setIcon(icon("mdi6.plus", tokens))
        self._turned(self.player.playing)
        self._fold(self.heading.isChecked())

    def follow(self, document: PoseDocument | None) -> None:
        """Show another document's key poses."""
        self.player.stop()
        if self.keys is not None:
            self.keys.modelReset.disconnect(self._refresh)
        self.document = document
        self.keys = KeyPoses.of(document) if document is not None else None
        self.cards.setModel(self.keys)
        if self.keys is not None:
            self.keys.modelReset.connect(self._refresh)
            self.cards.selectionModel().currentChanged.connect(self._card_changed)
        self._row = -1
        self._refresh()

    # Commands

    def toggle_animation(self, shown: bool) -> None:
        """Fold the strip or open it."""
        self.heading.setChecked(shown)

    def add_key_pose(self) -> None:
        """Keep the pose as it is now, after the card that has the focus."""
        if self.keys is not None and self.document is not None:
            self.player.stop()
            self.heading.setChecked(True)
            row = self.cards.currentIndex().row()
            self._select(self.keys.add(self.document.pose, row if row >= 0 else None))

    def play_animation(self) -> None:
        """Play, or stop."""
        if self.player.playing:
            self.player.stop()
            return
        if self.keys is None or self.document is None:
            return
        try:
            self.player.start(self.document, self.keys.values())
        except GuiseError as error:
            self.failed.emit(str(error))

    def export_gif(self) -> None:
        """Ask for a GIF."""
        self._export("gif")

    def export_mp4(self) -> None:
        """Ask for a film."""
        self._export("mp4")

    def _export(self, kind: str) -> None:
        self.player.stop()
        if self.keys is not None and len(self.keys.values().keys) > 1:
            self.export_wanted.emit(kind)
        else:
            self.failed.emit(self.tr("An animation needs two key poses; add them first."))

    # Cards

    def use(self, row: int) -> None:
        """Ask for a key's pose, as one step."""
        self.player.stop()
        if self.keys is not None and self.document is not None:
            self.document.change(self.keys.values().keys[row].pose, self.tr("Pose of a key"))

    def replace_key(self, row: int) -> None:
        """The pose as it is now in place of a key's."""
        if self.keys is not None and self.document is not None:
            self.player.stop()
            self.keys.replace_pose(row, self.document.pose)

    def duplicate(self, row: int) -> None:
        """A key once more after itself."""
        if self.keys is not None:
            self._select(self.keys.duplicate(row))

    def delete(self, row: int) -> None:
        """Forget a key."""
        if self.keys is not None:
            self.keys.delete(row)

    def move_key(self, row: int, to: int) -> None:
        """Put a key elsewhere."""
        if self.keys is not None:
            self.keys.move(row, to)
            self._select(to)

    def _select(self, row: int) -> None:
        """Give the focus to a card, or to the last one."""
        if self.keys is not None and self.keys.rowCount() and row >= 0:
            last = self.keys.rowCount() - 1
            self.cards.setCurrentIndex(self.keys.index(min(row, last)))

    def _show_menu(self, at: QPoint) -> None:
        row = self.cards.indexAt(at).row()
        if row >= 0:
            self.menu_of(row).popup(self.cards.viewport().mapToGlobal(at))

    def menu_of(self, row: int) -> QMenu:
        """What can be done with a key."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, act in (
            (self.tr("Use pose"), self.use),
            (self.tr("Replace with current pose"), self.replace_key),
            (self.tr("Duplicate"), self.duplicate),
            (self.tr("Delete"), self.delete),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, act=act: act(row))
        return menu

    # Times

    def _hold_changed(self, seconds: float) -> None:
        row = self.cards.currentIndex().row()
        if self.keys is not None and row >= 0:
            self.keys.set_hold(row, seconds)

    def _move_changed(self, seconds: float) -> None:
        row = self.cards.currentIndex().row()
        if self.keys is not None and row >= 0:
            self.keys.set_move(row, seconds)

    def _fps_changed(self, fps: int) -> None:
        if self.keys is not None:
            self.keys.set_fps(fps)

    def _course_chosen(self, index: int) -> None:
        if self.keys is not None:
            self.keys.set_course(self.course.itemData(index))

    # What is shown

    def _turned(self, playing: bool) -> None:
        if self._tokens is not None:
            self.play.setIcon(icon("mdi6.stop" if playing else "mdi6.play", self._tokens))
        word = self.tr("Stop") if playing else self.tr("Play")
        self.play.setToolTip(f"{word}  (P)")
        self.play.setAccessibleName(word)

    def _fold(self, opened: bool) -> None:
        if self._tokens is not None:
            name = "mdi6.chevron-down" if opened else "mdi6.chevron-right"
            self.heading.setIcon(icon(name, self._tokens, self._tokens.muted))
        if not opened:
            self.player.stop()
        self._refresh()

    def _refresh(self) -> None:
        opened = self.heading.isChecked()
        some = self.keys is not None and self.keys.rowCount() > 0
        for button in (self.play, self.add):
            button.setVisible(opened)
            button.setEnabled(self.document is not None)
        for part in (self.cards, self.times):
            part.setVisible(opened and some)
        self.empty.setVisible(opened and not some)
        self.play.setEnabled(self.keys is not None and self.keys.rowCount() > 1)
        self._select(self._row)  # the same card after every edit
        self._show_times()
        self.updateGeometry()  # parts that hide do not always tell

    def _card_changed(self, card: QModelIndex) -> None:
        if card.isValid():
            self._row = card.row()
        self._show_times()

    def _show_times(self) -> None:
        if self.keys is None:
            return
        clip, row = self.keys.values(), self.cards.currentIndex().row()
        shown = clip.keys[row] if 0 <= row < len(clip.keys) else None
        values = (
            (self.hold, shown.hold if shown else 0.0),
            (self.move_on, shown.move if shown else 0.0),
        )
        for box, value in values:
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
            box.setEnabled(shown is not None)
        self.fps.blockSignals(True)
        self.fps.setValue(clip.fps)
        self.fps.blockSignals(False)
        self.course.setCurrentIndex(self.course.findData(clip.course))

    def hideEvent(self, event: QHideEvent) -> None:
        self.player.stop()
        super().hideEvent(event)
