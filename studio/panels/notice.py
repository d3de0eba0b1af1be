"""Says things over the panes without stopping anybody or moving anything."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent, QFocusEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.languages import spoken
from studio.theme import ICON_SIDE, Tokens, icon

SECONDS = 6
MOST = 3
_REMEMBERED = 100
_WIDEST = 480
_ICONS = {
    "info": "mdi6.information-outline",
    "warning": "mdi6.alert-outline",
    "error": "mdi6.alert-circle-outline",
}


@dataclass(frozen=True)
class Said:
    """One message of the past.

    Attributes:
        kind: "info", "warning" or "error".
        when: local time.
    """

    text: str
    kind: str
    when: datetime


def kind_icon(kind: str, tokens: Tokens, side: int = ICON_SIDE) -> QLabel:
    """A kind's symbol in its colour."""
    colours = {"info": tokens.accent, "warning": tokens.warning, "error": tokens.error}
    symbol = QLabel()
    symbol.setPixmap(icon(_ICONS[kind], tokens, colours[kind]).pixmap(side, side))
    symbol.setFixedSize(side, side)
    return symbol


class Card(QFrame):
    """One message; information leaves by itself unless the pointer or the keyboard is on it.

    Signals:
        done: it is to be taken away.
    """

    done = Signal(object)

    def __init__(self, text: str, kind: str, tokens: Tokens) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.kind = kind
        self.text = QLabel(text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        wanted = self.text.fontMetrics().horizontalAdvance(text) + 4
        self.text.setMinimumWidth(min(wanted, _WIDEST))
        self.text.setMaximumWidth(_WIDEST)
        self.action_button = QPushButton()
        self.action_button.setObjectName("link")
        self.action_button.hide()
        self.close_button = QToolButton()
        self.close_button.setToolTip(self.tr("Close"))
        self.close_button.setAccessibleName(self.tr("Close"))
        self.close_button.setIcon(icon("mdi6.close", tokens))
        self.close_button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.close_button.clicked.connect(lambda: self.done.emit(self))
        self.setAccessibleName(text)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.setSpacing(8)
        layout.addWidget(kind_icon(kind, tokens))
        layout.addWidget(self.text, 1)
        layout.addWidget(self.action_button)
        layout.addWidget(self.close_button)
        self._clock = QTimer(self, singleShot=True, interval=SECONDS * 1000)
        self._clock.timeout.connect(lambda: self.done.emit(self))
        for button in (self.action_button, self.close_button):
            button.installEventFilter(self)
        self.start()

    @property
    def leaving(self) -> bool:
        """Whether it goes by itself after a while."""
        return self._clock.isActive()

    def start(self) -> None:
        """Count the seconds anew; only information goes by itself."""
        if self.kind == "info":
            self._clock.start()

    def offer(self, action: str, run: Callable[[], object]) -> None:
        """A button that does something about it."""
        self.action_button.setText(action)
        self.action_button.show()
        self.action_button.clicked.connect(lambda: self.done.emit(self))
        self.action_button.clicked.connect(lambda: run())

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """A button that has the keyboard keeps the message."""
        if isinstance(event, QFocusEvent):
            self._clock.stop() if event.gotFocus() else self.start()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        self._clock.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self.start()


class Notice(QWidget):
    """Up to three messages over each other, the newest at the bottom.

    Signals:
        said: there is one more message in :attr:`history`.

    Attributes:
        history: what was said, oldest first.
        kind: of the newest message.
        text: label of the newest message.
    """

    said = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.history: deque[Said] = deque(maxlen=_REMEMBERED)
        self.cards: list[Card] = []
        self.kind, self.text = "info", QLabel()
        self.setAccessibleName(self.tr("Messages"))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._tokens: Tokens | None = None
        self.hide()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme, for messages from now on."""
        self._tokens = tokens

    def say(
        self,
        text: str,
        kind: str = "info",
        action: str = "",
        run: Callable[[], object] | None = None,
    ) -> None:
        """Show a message.

        Args:
            text: one or two sentences; those of errors may be English.
            kind: "info" goes after a while; "warning" and "error" stay until closed.
            action: label of a button, e.g. "Undo"; empty = none.
            run: what the button does.
        """
        assert self._tokens is not None
        text = spoken(text)
        self.history.append(Said(text, kind, datetime.now()))
        for card in [c for c in self.cards if (c.text.text(), c.kind) == (text, kind)]:
            self._take(card)  # said again: it moves to the bottom
        while len(self.cards) >= MOST:
            self._take(next((c for c in self.cards if c.leaving), self.cards[0]))
        card = Card(text, kind, self._tokens)
        if action and run is not None:
            card.offer(action, run)
        card.done.connect(self._take)
        self.cards.append(card)
        self.kind, self.text = kind, card.text
        self._layout.addWidget(card)
        self.show()
        self.raise_()
        self._announce(card)
        self.said.emit()

    def _announce(self, card: Card) -> None:
        event = QAccessibleAnnouncementEvent(card, card.text.text())
        if card.kind != "info":
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)

    def _take(self, card: Card) -> None:
        if card not in self.cards:
            return
        self.cards.remove(card)
        self._layout.removeWidget(card)
        card.hide()
        card.deleteLater()
        self.setVisible(bool(self.cards))
