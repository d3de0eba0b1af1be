"""A section of the right panel that folds away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from studio.theme import ICON_SIDE, Tokens, icon


class Section(QWidget):
    """A heading that folds its content.

    Args:
        opened: how it stands at first.
    """

    def __init__(self, title: str, content: QWidget, opened: bool = True) -> None:
        super().__init__()
        self.heading = QToolButton()
        self.heading.setObjectName("section")
        self.heading.setText(title)
        self.heading.setCheckable(True)
        self.heading.setChecked(opened)
        self.heading.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.content = content
        self._tokens: Tokens | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.heading)
        layout.addWidget(content)
        content.setHidden(not opened)
        self.heading.toggled.connect(self._fold)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self._show_arrow()

    def unfold(self) -> None:
        """Show the content."""
        self.heading.setChecked(True)

    def _fold(self, opened: bool) -> None:
        self.content.setVisible(opened)
        self._show_arrow()

    def _show_arrow(self) -> None:
        if self._tokens is not None:
            name = "mdi6.chevron-down" if self.heading.isChecked() else "mdi6.chevron-right"
            self.heading.setIcon(icon(name, self._tokens, self._tokens.muted))
