"""Commands for the look of a drawing."""

from __future__ import annotations

from studio.actions import Command

COMMANDS: tuple[Command, ...] = (
    Command("throw_dice", "Invent a look", "Look", ("D",), "mdi6.dice-5-outline"),
    Command("next_look", "Next look", "Look", (".",)),
    Command("previous_look", "Previous look", "Look", (",",)),
    Command("pick_colour", "Colour of the item…", "Look", ("Shift+C",), rule=True),
    Command("look_from_photo", "Take look from photo…", "Look", ("Ctrl+L",)),
    Command("more_like_this", "More like this", "Look", ("Shift+D",), rule=True),
    Command("more_looks", "Invent other variations", "Look", ("Ctrl+Shift+D",)),
    Command("set_look_a", "Set look A", "Look", ("Shift+A",), rule=True),
    Command("set_look_b", "Set look B", "Look", ("Shift+B",)),
    Command("unlock_sliders", "Unlock all sliders", "Look", rule=True),
    Command("reset_look", "Reset look", "Look", ("Ctrl+Shift+L",)),
    Command("copy_look", "Copy look", "Look", ("Ctrl+Alt+C",), rule=True),
    Command("paste_look", "Paste look", "Look", ("Ctrl+Alt+V",)),
)
MENU = "Look"
