"""Where a drawing's look comes from: dice, a colour, a photo, or the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox, QToolButton, QWidget

from engine.errors import GuiseError
from studio.dialogs import dropped_file
from studio.panels.latent_chips import Chips
from studio.panels.latent_numbers import LookNumbers
from studio.panels.latent_text import from_text, to_text
from studio.panels.look_pages import SEEDS, column
from studio.theme import ICON_SIDE, Tokens, icon

_ICONS = {
    "previous": "mdi6.chevron-left",
    "next": "mdi6.chevron-right",
    "reset": "mdi6.restore",
    "copy": "mdi6.content-copy",
    "paste": "mdi6.content-paste",
}


class LookSource(QWidget):
    """Dice with its throw, colours, a photo; reset, copy and paste.

    Signals:
        photo_wanted: a photo has to be chosen.
        photo_dropped: the path of a photo whose look is wanted.
        failed: a sentence for the person.
    """

    photo_wanted = Signal()
    photo_dropped = Signal(object)
    failed = Signal(str)

    def __init__(self, numbers: LookNumbers) -> None:
        super().__init__()
        self.numbers = numbers
        self.throw = QPushButton(self.tr("Throw the dice"))
        self.throw.setObjectName("primary")
        self.throw.setToolTip(self.tr("Invent another look  (D)"))
        self.seed = QSpinBox(maximum=SEEDS - 1)
        self.seed.setKeyboardTracking(False)
        self.seed.setMinimumHeight(32)
        self.seed.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.seed.setPrefix(self.tr("Throw "))
        self.seed.setAccessibleName(self.tr("Throw of the dice"))
        self.chips = Chips()
        self.photo = QPushButton(self.tr("Take look from photo…"))
        self.photo.setToolTip(self.tr("Or drop a photo here"))
        self.buttons = {name: self._button() for name in _ICONS}
        self.note = QLabel(wordWrap=True)
        self.note.setObjectName("caption")
        self._tips()
        throws = self._row("previous", self.seed, "next")
        acts = self._row("reset", "copy", "paste", self.note)
        column(self, self.throw, throws, self.chips, self.photo, acts)
        self._merge = numbers.gesture()
        self._connect()
        self.setAcceptDrops(True)

    def _button(self) -> QToolButton:
        button = QToolButton()
        button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        return button

    def _row(self, *parts: str | QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for part in parts:
            wide = isinstance(part, QWidget)
            row.addWidget(part if wide else self.buttons[part], 1 if wide else 0)
        return row

    def _tips(self) -> None:
        tips = {
            "previous": self.tr("Previous look"),
            "next": self.tr("Next look"),
            "reset": self.tr("Reset look"),
            "copy": self.tr("Copy look"),
            "paste": self.tr("Paste look"),
        }
        for name, tip in tips.items():
            self.buttons[name].setToolTip(tip)
            self.buttons[name].setAccessibleName(tip)

    def _connect(self) -> None:
        acts = {
            "previous": self.previous_look,
            "next": self.next_look,
            "reset": self.numbers.reset,
            "copy": self.copy_look,
            "paste": self.paste_look,
        }
        for name, act in acts.items():
            self.buttons[name].clicked.connect(act)
        self.throw.clicked.connect(self.numbers.throw)
        self.seed.valueChanged.connect(lambda seed: self.numbers.throw_seed(seed, self._merge))
        self.seed.editingFinished.connect(self._begin)
        self.photo.clicked.connect(self.photo_wanted)
        self.numbers.changed.connect(self.refresh)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.throw.setIcon(icon("mdi6.dice-5", tokens, tokens.on_accent))
        for name, button in self.buttons.items():
            button.setIcon(icon(_ICONS[name], tokens))
        self.chips.dress(tokens)

    def refresh(self) -> None:
        """Show the throw, and what the painter can take."""
        numbers = self.numbers
        self.seed.blockSignals(True)
        self.seed.setValue(numbers.seed)
        self.seed.blockSignals(False)
        for widget in (self.throw, self.seed, self.buttons["previous"], self.buttons["next"]):
            widget.setVisible(numbers.can_throw)
        for widget in (self.chips, self.buttons["copy"], self.buttons["paste"]):
            widget.setVisible(bool(numbers.count))
        self.photo.setVisible(numbers.can_lend)
        held = len(numbers.locked & frozenset(numbers.shown))
        self.note.setText(self.tr("{0} locked").format(held) if held else "")

    def _begin(self) -> None:
        self._merge = self.numbers.gesture()

    def next_look(self) -> None:
        """The throw after this one."""
        self.numbers.throw_seed(self.numbers.seed + 1)

    def previous_look(self) -> None:
        """The throw before this one."""
        self.numbers.throw_seed(self.numbers.seed - 1)

    def copy_look(self) -> None:
        """Put the numbers on the clipboard."""
        numbers = self.numbers
        if numbers.count and numbers.document is not None:
            text = to_text(numbers.now, numbers.document.model)
            QGuiApplication.clipboard().setText(text)

    def paste_look(self) -> None:
        """Take numbers from the clipboard."""
        try:
            look = from_text(QGuiApplication.clipboard().text(), self.numbers.count)
        except GuiseError as error:
            self.failed.emit(str(error))
        else:
            self.numbers.move(look, self.tr("Paste look"))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.numbers.can_lend and dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.photo_dropped.emit(path)
