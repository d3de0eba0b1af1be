"""Commands as tables: menus, tools, shortcuts and tooltips come from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from studio.theme import Tokens, icon


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        name: the method that runs it, of the window or of what is open.
        text: for menus, sentence case.
        menu: the menu it stands in.
        keys: shortcuts, the first one shown.
        icon: qtawesome name; empty = none.
        tool: whether it stands in the tool column.
        toggle: whether it is on or off; the method is told which.
        choice: whether it is one of several, checked while it is the one.
        rule: whether a line goes before it in its menu and in the tool column.
    """

    name: str
    text: str
    menu: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tool: bool = False
    toggle: bool = False
    choice: bool = False
    rule: bool = False


COMMANDS: tuple[Command, ...] = (
    Command("open_photo", "Open…", "File", ("Ctrl+O",), "mdi6.folder-open-outline"),
    Command("new_drawing", "New drawing", "File", ("Ctrl+N",), "mdi6.pencil-outline"),
    Command("new_scene", "New scene", "File", ("Ctrl+Shift+N",), "mdi6.city-variant-outline"),
    Command("open_drawing", "Open as drawing…", "File", ("Ctrl+Alt+O",)),
    Command("open_scene", "Open photo as scene…", "File"),
    Command("open_bundled_sample", "Open sample", "File"),
    Command("save", "Save", "File", ("Ctrl+S",), rule=True),
    Command("save_as", "Save as…", "File", ("Ctrl+Shift+S",)),
    Command("export_picture", "Export…", "File", ("Ctrl+E",), rule=True),
    Command("copy_picture", "Copy picture", "Edit", ("Ctrl+Shift+C",), rule=True),
    Command("close_document", "Close", "File", ("Ctrl+W",), rule=True),
    Command("close", "Quit", "File", ("Ctrl+Q",)),
    Command("undo", "Undo", "Edit", ("Ctrl+Z",), "mdi6.undo"),
    Command("redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "mdi6.redo"),
    Command(
        "fit_view",
        "Fit to window",
        "View",
        ("Ctrl+0",),
        "mdi6.fit-to-screen-outline",
        tool=True,
        rule=True,
    ),
    Command("actual_size", "100 %", "View", ("Ctrl+1",)),
    Command("zoom_in", "Zoom in", "View", ("Ctrl++", "Ctrl+=")),
    Command("zoom_out", "Zoom out", "View", ("Ctrl+-",)),
    Command("view_side", "Side by side", "View", ("1",), choice=True, rule=True),
    Command("view_single", "In place", "View", ("2",), choice=True),
    Command("view_wipe", "Wipe", "View", ("3",), choice=True),
    Command("toggle_panels", "Hide panels", "View", ("Tab",), toggle=True, rule=True),
    Command("theme_dark", "Dark theme", "View", choice=True, rule=True),
    Command("theme_light", "Light theme", "View", choice=True),
    Command("theme_system", "System theme", "View", choice=True),
    Command("next_document", "Next tab", "Window", ("Ctrl+Tab", "Ctrl+PgDown")),
    Command("previous_document", "Previous tab", "Window", ("Ctrl+Shift+Tab", "Ctrl+PgUp")),
    Command("show_models", "Models…", "Window", rule=True),
    Command("show_training", "Train a model…", "Window", ("Ctrl+Shift+T",)),
    Command("show_settings", "Settings…", "Edit", ("Ctrl+,",), rule=True),
    Command("show_palette", "Find command…", "Help", ("Ctrl+Shift+P", "F1")),
    Command("show_shortcuts", "Keyboard shortcuts", "Help", ("?",)),
    Command("show_about", "About Guise", "Help"),
)
"""What every editor has in common."""
MENUS = ("File", "Edit", "View", "Window", "Help")
_OWN_MENUS = 2
"""An editor's own menus stand after so many of the common ones."""


def translated(text: str) -> str:
    """A command's text in the user's language."""
    return QCoreApplication.translate("Command", text)


def menus_with(own: Iterable[str]) -> tuple[str, ...]:
    """Names of all menus in their order, with those of an editor."""
    return (*MENUS[:_OWN_MENUS], *own, *MENUS[_OWN_MENUS:])


def united(*tables: Iterable[Command]) -> tuple[Command, ...]:
    """All commands once; editors that share one tell it alike."""
    return tuple({command.name: command for table in tables for command in table}.values())


def make_actions(
    window: QWidget, commands: Iterable[Command], run: Callable[..., None]
) -> dict[str, QAction]:
    """QActions of the window that call `run` with the command's name, and a toggle's state."""
    return {command.name: _action(window, command, run) for command in commands}


def _action(window: QWidget, command: Command, run: Callable[..., None]) -> QAction:
    action = QAction(translated(command.text), window)
    action.setObjectName(command.name)
    action.setShortcuts([QKeySequence(k) for k in command.keys])
    action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
    action.setCheckable(command.toggle or command.choice)
    key = f"  ({QKeySequence(command.keys[0]).toString()})" if command.keys else ""
    action.setToolTip(f"{action.text().rstrip('…')}{key}")
    if command.toggle:
        action.toggled.connect(lambda on: run(command.name, on))
    else:
        action.triggered.connect(lambda: run(command.name))
    window.addAction(action)
    return action


def dress_actions(
    actions: Mapping[str, QAction], commands: Iterable[Command], tokens: Tokens
) -> None:
    """Icons in the theme's colours."""
    for command in commands:
        if command.icon:
            actions[command.name].setIcon(icon(command.icon, tokens))
