"""The bottom line: how the picture stands, how long it took, device and memory."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from studio.document import PictureState
from studio.panels.notice import Notice
from studio.panels.notice_history import NoticeHistory
from studio.theme import Tokens, icon

_CALM_MS = 250
"""A picture that is painted sooner is not announced: nothing blinks during a drag."""


def state_text(state: PictureState) -> str:
    """The words for a state."""
    words = {
        PictureState.empty: QCoreApplication.translate("Status", "no picture yet"),
        PictureState.current: QCoreApplication.translate("Status", "up to date"),
        PictureState.painting: QCoreApplication.translate("Status", "painting"),
        PictureState.stale: QCoreApplication.translate("Status", "out of date"),
        PictureState.failed: QCoreApplication.translate("Status", "not painted"),
    }
    return words[state]


def state_colour(state: PictureState, tokens: Tokens) -> str:
    """The colour of a state's dot."""
    colours = {
        PictureState.current: tokens.ok,
        PictureState.painting: tokens.accent,
        PictureState.stale: tokens.warning,
        PictureState.failed: tokens.error,
    }
    return colours.get(state, tokens.muted)


class CalmState(QObject):
    """Passes states on, "painting" only if it lasts.

    Signals:
        changed: another state is to be shown.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._state = self._shown = PictureState.empty
        self._clock = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._clock.timeout.connect(self._show)

    def set(self, state: PictureState) -> None:
        """The state now."""
        self._state = state
        if state is not PictureState.painting:
            self._clock.stop()
            self._show()
        elif self._shown is not state and not self._clock.isActive():
            self._clock.start()

    def _show(self) -> None:
        if self._state is not self._shown:
            self._shown = self._state
            self.changed.emit(self._state)


class StatusLine(QWidget):
    """Labels in the order of interest."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.hint, self.state, self.time, self.device = (QLabel() for _ in range(4))
        self.training = QToolButton()
        self.training.setObjectName("kind")
        self.training.setToolTip(self.tr("Show the training"))
        self.training.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.training.hide()
        self.messages = QToolButton()
        self.messages.setObjectName("small")
        self.messages.setToolTip(self.tr("Messages so far"))
        self.messages.setAccessibleName(self.tr("Messages so far"))
        self.messages.clicked.connect(self._show_messages)
        self.messages.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.messages.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 8, 2)
        layout.setSpacing(16)
        layout.addWidget(self.hint, 1)
        for part in (self.training, self.state, self.time, self.device):
            layout.addWidget(part)
        layout.addWidget(self.messages)
        for label in (self.hint, self.time, self.device):
            label.setObjectName("muted")
        self.device.setText(self.tr("starting…"))  # until the engine tells
        for label, what in self._explained():
            label.setToolTip(what)
        self._tokens: Tokens | None = None
        self._notice: Notice | None = None
        self._shown = PictureState.empty
        self._busy = ""
        self._hint = ""

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.messages.setIcon(icon("mdi6.bell-outline", tokens, tokens.muted))
        self.show_state(self._shown)

    def follow(self, notice: Notice) -> None:
        """Offer what this place has said so far."""
        self._notice = notice
        self.messages.show()

    def _show_messages(self) -> None:
        assert self._notice is not None and self._tokens is not None
        history = NoticeHistory(self, list(self._notice.history), self._tokens)
        history.open_above(self.messages)

    def _explained(self) -> list[tuple[QLabel, str]]:
        return [
            (self.state, self.tr("How the picture stands to what you ask for")),
            (self.time, self.tr("How long the last picture took")),
            (self.device, self.tr("Where pictures are painted, and the memory in use")),
        ]

    def show_state(self, state: PictureState) -> None:
        """The state as a coloured dot and a word."""
        self._shown = state
        assert self._tokens is not None
        dot = f'<span style="color:{state_colour(state, self._tokens)}">●</span>'
        empty = state is PictureState.empty
        self.state.setText("" if empty else f"{dot}&nbsp; {state_text(state)}")

    def show_time(self, seconds: float) -> None:
        """How long the last picture took; 0 = not known."""
        self.time.setText(f"{seconds * 1000:.0f} ms" if seconds else "")

    def show_device(self, text: str, memory: int) -> None:
        """Device, precision and the memory that models and caches hold."""
        self.device.setText(f"{text} · {memory / 1e6:.0f} MB" if memory else text)

    def show_training(self, text: str) -> None:
        """How what is being trained stands; "" = nothing is."""
        self.training.setText(text)
        self.training.setVisible(bool(text))

    def show_hint(self, text: str) -> None:
        """What can be done now."""
        self._hint = text
        self.hint.setText(self._busy or text)

    def show_busy(self, text: str) -> None:
        """What is going on, before any hint; "" = nothing."""
        self._busy = text
        self.hint.setText(text or self._hint)
