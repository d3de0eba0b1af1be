"""The line at the top: menus, the views, and what is done most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenuBar, QSizePolicy, QToolButton, QWidget

from studio.actions import Command, menus_with, translated
from studio.panels.toolcolumn import icon_button
from studio.theme import Tokens, icon

_VIEWS = ("view_side", "view_single", "view_wipe")


class TopBar(QWidget):
    """Menus left, views in the middle, undo, redo, compare and export right.

    On macOS the menus stand in the desktop's own bar.

    Attributes:
        compare: shows the original while it is held.
    """

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("top")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._actions = actions
        self.menus = QMenuBar()
        self.menus.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.compare = icon_button()
        self.compare.setToolTip(self.tr("Show the original while held  (\\)"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 4, 8, 4)
        layout.setSpacing(2)
        layout.addWidget(self.menus, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addStretch(1)
        for name in _VIEWS:
            layout.addWidget(_text_button(actions[name], "view"))
        layout.addStretch(1)
        for name in ("open_photo", "undo", "redo"):
            layout.addWidget(icon_button(actions[name]))
        layout.addWidget(self.compare)
        layout.addSpacing(8)
        layout.addWidget(_text_button(actions["export_picture"], "primary"))

    def show_menus(self, commands: Sequence[Command], own: Iterable[str]) -> None:
        """Menus of these commands; `own` are the names of an editor's own menus."""
        self.menus.clear()
        for name in menus_with(own):
            menu = self.menus.addMenu(translated(name))
            for command in commands:
                if command.menu == name:
                    if command.rule:
                        menu.addSeparator()
                    menu.addAction(self._actions[command.name])

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.compare.setIcon(icon("mdi6.compare", tokens))


def _text_button(action: QAction, name: str) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setObjectName(name)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    return button
