"""Says something over the panes without stopping anybody or moving anything."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from studio.theme import Tokens, icon

_SECONDS = 6
_WIDEST = 480
_ICONS = {
    "info": "mdi6.information-outline",
    "warning": "mdi6.alert-outline",
    "error": "mdi6.alert-circle-outline",
}


class Notice(QFrame):
    """One message at a time; information leaves by itself, errors stay until closed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.kind = "info"
        self.symbol, self.text = QLabel(), QLabel(wordWrap=True)
        self.close_button = QToolButton()
        self.close_button.setToolTip(self.tr("Close"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.setSpacing(8)
        for widget in (self.symbol, self.text, self.close_button):
            layout.addWidget(widget)
        self.close_button.clicked.connect(self.hide)
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self.hide)
        self.hide()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.close_button.setIcon(icon("mdi6.close", tokens))
        self._show_symbol()

    def say(self, text: str, kind: str = "info") -> None:
        """Show a message: "info", "warning" or "error"."""
        self.kind = kind
        self.text.setText(text)
        wanted = self.text.fontMetrics().horizontalAdvance(text) + 4
        self.text.setFixedWidth(min(wanted, _WIDEST))
        self._show_symbol()
        self.show()
        if kind == "info":
            self._clock.start(_SECONDS * 1000)
        else:
            self._clock.stop()

    def _show_symbol(self) -> None:
        colours = {"info": self._tokens.accent, "warning": self._tokens.warning}
        colour = colours.get(self.kind, self._tokens.error)
        self.symbol.setPixmap(icon(_ICONS[self.kind], self._tokens, colour).pixmap(18, 18))
