"""Commands for the look of a drawing; those that the pose editor has, too, are told alike."""

from __future__ import annotations

from studio.actions import Command

COMMANDS: tuple[Command, ...] = (
    Command("throw_dice", "Invent a look", "Look", ("D",), "mdi6.dice-5-outline", rule=True),
    Command("next_look", "Next look", "Look", (".",)),
    Command("previous_look", "Previous look", "Look", (",",)),
    Command("pick_colour", "Colour of the item…", "Look", ("Shift+C",), rule=True),
    Command("look_from_photo", "Take look from photo…", "Look", ("Ctrl+L",)),
    Command("more_like_this", "More like this", "Look", ("Shift+M",), rule=True),
    Command("more_variations", "Invent other variations", "Look", ("Shift+G",)),
    Command("set_look_a", "Set look A", "Look", ("Ctrl+Alt+A",), rule=True),
    Command("set_look_b", "Set look B", "Look", ("Ctrl+Alt+B",)),
    Command("unlock_sliders", "Unlock all sliders", "Look", rule=True),
    Command("reset_look", "Reset look", "Look", ("Ctrl+Alt+R",)),
    Command("copy_look", "Copy look", "Look", ("Ctrl+Alt+C",), rule=True),
    Command("paste_look", "Paste look", "Look", ("Ctrl+Alt+V",)),
)
MENU = "Look"
