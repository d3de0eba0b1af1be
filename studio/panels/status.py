"""The bottom line: how the picture stands, how long it took, device and memory."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from studio.document import PictureState
from studio.theme import Tokens


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


class StatusLine(QWidget):
    """Labels in the order of interest."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.hint, self.state, self.time, self.device = (QLabel() for _ in range(4))
        self.hint.setObjectName("caption")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.setSpacing(16)
        layout.addWidget(self.hint, 1)
        for label in (self.state, self.time, self.device):
            layout.addWidget(label)
        self._tokens: Tokens | None = None
        self._shown = PictureState.empty

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.show_state(self._shown)

    def show_state(self, state: PictureState, seconds: float = 0.0) -> None:
        """The state as a coloured dot and a word, and the time of the last picture."""
        self._shown = state
        assert self._tokens is not None
        tokens = self._tokens
        colour = {
            PictureState.current: tokens.ok,
            PictureState.painting: tokens.accent,
            PictureState.stale: tokens.warning,
            PictureState.failed: tokens.error,
        }.get(state, tokens.muted)
        self.state.setText(f'<span style="color:{colour}">●</span>&nbsp; {state_text(state)}')
        if seconds:
            self.time.setText(f"{seconds * 1000:.0f} ms")

    def show_device(self, text: str, memory: int) -> None:
        """Device, precision and the memory that models and caches hold."""
        self.device.setText(f"{text} · {memory / 1e6:.0f} MB" if memory else text)
