"""The tools at the left: one column of icons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from studio.actions import Command
from studio.theme import ICON_SIDE

_BUTTON = 32


class ToolColumn(QWidget):
    """A button for every command that is a tool."""

    def __init__(self, actions: Mapping[str, QAction], commands: Iterable[Command]) -> None:
        super().__init__()
        self.setObjectName("tools")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(4)
        for command in commands:
            if command.tool:
                if command.rule:
                    layout.addWidget(_rule(), alignment=Qt.AlignmentFlag.AlignHCenter)
                layout.addWidget(icon_button(actions[command.name]))
        layout.addStretch()


def icon_button(action: QAction | None = None) -> QToolButton:
    """A square button that shows the action's icon."""
    button = QToolButton()
    if action is not None:
        button.setDefaultAction(action)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
    button.setFixedSize(_BUTTON, _BUTTON)
    return button


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    rule.setFixedSize(20, 1)
    return rule
