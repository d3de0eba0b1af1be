"""The panel at the right of an editor: sections that fold, in a column that scrolls."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

WIDTH = 264


class SideColumn(QWidget):
    """As wide as in all editors, if there is no need for more; each editor fills it."""

    def __init__(self, width: int = WIDTH) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(width)

    def _fill(self, parts: Sequence[QWidget], tall: QWidget | None = None) -> None:
        """Show the parts from top to bottom; `tall` takes the room that is left."""
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(12)
        for part in parts:
            layout.addWidget(part, 1 if part is tall else 0)
        layout.addStretch()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
