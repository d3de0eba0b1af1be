"""Every command of the window as a table: menus, tools, shortcuts and tooltips come from it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from studio.theme import Tokens, icon


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        name: method of one of the owners that runs it; toggles take a bool.
        text: for menus, sentence case.
        menu: the menu it stands in.
        keys: shortcuts, the first one shown.
        icon: qtawesome name; empty = none.
        tool: whether it stands in the tool column.
        toggle: whether it can be checked.
        rule: whether a line goes before it in its menu and in the tool column.
    """

    name: str
    text: str
    menu: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tool: bool = False
    toggle: bool = False
    rule: bool = False


COMMANDS: tuple[Command, ...] = (
    Command("open_photo", "Open photo…", "File", ("Ctrl+O",), "mdi6.folder-open-outline"),
    Command("open_bundled_sample", "Open sample", "File"),
    Command("export_png", "Export PNG…", "File", ("Ctrl+E",)),
    Command("import_pose", "Import pose…", "File", ("Ctrl+I",), rule=True),
    Command("export_pose", "Export pose…", "File", ("Ctrl+Shift+E",)),
    Command("close", "Quit", "File", ("Ctrl+Q",), rule=True),
    Command("undo", "Undo", "Edit", ("Ctrl+Z",), "mdi6.undo"),
    Command("redo", "Redo", "Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "mdi6.redo"),
    Command("select_all", "Select all joints", "Edit", ("Ctrl+A",), rule=True),
    Command("next_joint", "Next joint", "Edit", ("N",)),
    Command("previous_joint", "Previous joint", "Edit", ("Shift+N",)),
    Command(
        "move_joints", "Move joints", "Pose", ("V",), "mdi6.vector-polyline-edit", True, toggle=True
    ),
    Command(
        "fit_skeleton", "Fit skeleton to photo", "Pose", ("F",), "mdi6.human", True, toggle=True
    ),
    Command("mirror_pose", "Mirror pose", "Pose", ("M",), "mdi6.flip-horizontal", True, rule=True),
    Command("toggle_hidden", "Hide joints", "Pose", ("H",), "mdi6.eye-off-outline", True),
    Command("reset_pose", "Reset pose", "Pose", ("Ctrl+R",), "mdi6.restore", True),
    Command("own_look", "Look of this photo", "Look", ("Ctrl+Shift+L",)),
    Command("look_from_photo", "Take look from photo…", "Look", ("Ctrl+L",)),
    Command("throw_dice", "Invent a look", "Look", ("D",), "mdi6.dice-5-outline", rule=True),
    Command("dice_here", "Invent again at this pose", "Look", ("Shift+D",)),
    Command("more_looks", "More looks…", "Look", ("Ctrl+D",)),
    Command("compare_painters", "Compare painters…", "Look", ("Ctrl+K",), rule=True),
    Command("paint_now", "Paint now", "Pose", ("Ctrl+Return",), rule=True),
    Command("cancel_painting", "Cancel painting", "Pose", ("Ctrl+.",)),
    Command(
        "fit_view",
        "Fit to window",
        "View",
        ("Ctrl+0",),
        "mdi6.fit-to-screen-outline",
        True,
        rule=True,
    ),
    Command("actual_size", "100 %", "View", ("Ctrl+1",)),
    Command("zoom_in", "Zoom in", "View", ("Ctrl++", "Ctrl+=")),
    Command("zoom_out", "Zoom out", "View", ("Ctrl+-",)),
    Command("view_side", "Side by side", "View", ("1",), toggle=True, rule=True),
    Command("view_single", "In place", "View", ("2",), toggle=True),
    Command("view_wipe", "Wipe", "View", ("3",), toggle=True),
    Command("toggle_panels", "Hide panels", "View", ("Tab",), toggle=True, rule=True),
    Command("theme_dark", "Dark theme", "View", toggle=True, rule=True),
    Command("theme_light", "Light theme", "View", toggle=True),
    Command("theme_system", "System theme", "View", toggle=True),
    Command("show_shortcuts", "Keyboard shortcuts", "Help", ("?",)),
    Command("show_about", "About Guise", "Help"),
)
MENUS = ("File", "Edit", "Pose", "Look", "View", "Help")


def translated(text: str) -> str:
    """A command's text in the user's language."""
    return QCoreApplication.translate("Command", text)


def make_actions(window: QWidget, *owners: object) -> dict[str, QAction]:
    """QActions of the window that call the owners' methods of the same name."""
    made = {}
    for command in COMMANDS:
        action = QAction(translated(command.text), window)
        action.setShortcuts([QKeySequence(k) for k in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(command.toggle)
        key = f"  ({QKeySequence(command.keys[0]).toString()})" if command.keys else ""
        action.setToolTip(f"{action.text().rstrip('…')}{key}")
        method = next(getattr(o, command.name) for o in owners if hasattr(o, command.name))
        (action.toggled if command.name in _CHECKED else action.triggered).connect(method)
        window.addAction(action)
        made[command.name] = action
    return made


_CHECKED = ("fit_skeleton", "toggle_panels")
"""Toggles whose state can change without a click."""


def dress_actions(actions: dict[str, QAction], tokens: Tokens) -> None:
    """Icons in the theme's colours."""
    for command in COMMANDS:
        if command.icon:
            actions[command.name].setIcon(icon(command.icon, tokens))
