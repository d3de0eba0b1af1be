"""What was said before, in a list that opens from the status line."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.panels.notice import Said, kind_icon
from studio.theme import Tokens

_WIDTH, _HIGHEST = 420, 320


class NoticeHistory(QFrame):
    """A popup with the newest message first; Esc or a click elsewhere closes it."""

    def __init__(self, parent: QWidget, history: list[Said], tokens: Tokens) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Messages"))
        heading = QLabel(self.tr("Messages"))
        heading.setObjectName("heading")
        self.rows = _rows(history, tokens)
        area = QScrollArea(widgetResizable=True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.rows if history else _empty(self.tr("Nothing was said yet.")))
        area.viewport().setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 8, 12)
        layout.addWidget(heading)
        layout.addWidget(area, 1)
        self.resize(_WIDTH, _HIGHEST)
        needed = self.rows.heightForWidth(_WIDTH - 24) + 64 if history else 120
        self.resize(_WIDTH, min(_HIGHEST, needed))

    def open_above(self, anchor: QWidget) -> None:
        """Show it over a widget, right edges in line."""
        corner = anchor.mapToGlobal(QPoint(anchor.width(), 0))
        self.move(corner - QPoint(self.width(), self.height() + 4))
        self.show()
        self.setFocus()


def _rows(history: list[Said], tokens: Tokens) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 8, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    for row, said in enumerate(reversed(history)):
        text = QLabel(said.text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        time = QLabel(f"{said.when:%H:%M}")
        time.setObjectName("caption")
        grid.addWidget(kind_icon(said.kind, tokens), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(text, row, 1)
        grid.addWidget(time, row, 2, Qt.AlignmentFlag.AlignTop)
    grid.setRowStretch(len(history), 1)
    return made


def _empty(words: str) -> QLabel:
    label = QLabel(words, alignment=Qt.AlignmentFlag.AlignCenter)
    label.setObjectName("muted")
    return label
