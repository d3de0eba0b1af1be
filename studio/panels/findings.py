"""What was found in training data, as lines of a panel: a symbol, a sentence, files."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.panels.notice import kind_icon
from studio.theme import ICON_SIDE, Tokens, icon


class Finding(QWidget):
    """A symbol, a sentence, and the files that it is about.

    Signals:
        activated: it was clicked twice.
    """

    activated = Signal()

    def __init__(self, text: str, names: str, kind: str, tokens: Tokens) -> None:
        super().__init__()
        words = QLabel(text, wordWrap=True)
        row, column = QHBoxLayout(self), QVBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        column.setSpacing(0)
        row.addWidget(_symbol(kind, tokens), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        column.addWidget(words)
        if names:
            caption = QLabel(names, wordWrap=True)
            caption.setObjectName("caption")
            column.addWidget(caption)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()


def _symbol(kind: str, tokens: Tokens) -> QLabel:
    if kind != "ok":
        return kind_icon(kind, tokens)
    made = QLabel()
    symbol = icon("mdi6.check-circle-outline", tokens, tokens.ok)
    made.setPixmap(symbol.pixmap(ICON_SIDE, ICON_SIDE))
    return made


def add_to(column: QVBoxLayout, row: Finding) -> None:
    """Put a line below the others, seen at once and not in the next turn of Qt's."""
    column.addWidget(row)
    row.show()


def emptied(column: QVBoxLayout) -> None:
    """Take all lines away."""
    while column.count():
        item = column.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
