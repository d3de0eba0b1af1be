"""The sketch editor's own commands."""

from __future__ import annotations

from studio.actions import Command
from studio.editors.sketch.options import TOOLS

COMMANDS: tuple[Command, ...] = (
    Command("cut_strokes", "Cut strokes", "Edit", ("Ctrl+X",), rule=True),
    Command("copy_strokes", "Copy strokes", "Edit", ("Ctrl+C",)),
    Command("paste_strokes", "Paste strokes", "Edit", ("Ctrl+V",)),
    Command("select_all_strokes", "Select all strokes", "Edit", ("Ctrl+A",), rule=True),
    Command("duplicate_strokes", "Duplicate strokes", "Edit", ("Ctrl+D",)),
    Command("delete_strokes", "Delete strokes", "Edit", ("Del", "Backspace")),
    Command(
        "draw_select",
        "Select and move strokes",
        "Sketch",
        ("V",),
        "mdi6.cursor-default-outline",
        True,
        choice=True,
    ),
    Command("draw_pencil", "Pencil", "Sketch", ("P",), "mdi6.pencil-outline", True, choice=True),
    Command("draw_line", "Line", "Sketch", ("L",), "mdi6.vector-line", True, choice=True),
    Command("draw_curve", "Curve", "Sketch", ("C",), "mdi6.vector-curve", True, choice=True),
    Command(
        "draw_rectangle",
        "Rectangle",
        "Sketch",
        ("R",),
        "mdi6.rectangle-outline",
        True,
        choice=True,
    ),
    Command("draw_ellipse", "Ellipse", "Sketch", ("O",), "mdi6.ellipse-outline", True, choice=True),
    Command("draw_eraser", "Eraser", "Sketch", ("E",), "mdi6.eraser", True, choice=True),
    Command(
        "draw_hand", "Move the view", "Sketch", ("H",), "mdi6.hand-back-right", True, choice=True
    ),
    Command(
        "symmetric_strokes",
        "Draw on both sides",
        "Sketch",
        ("S",),
        "mdi6.reflect-horizontal",
        True,
        True,
        rule=True,
    ),
    Command("centre_axis", "Axis to the middle", "Sketch", ("Shift+S",)),
    Command("stroke_thinner", "Thinner", "Sketch", ("[",), rule=True),
    Command("stroke_thicker", "Thicker", "Sketch", ("]",)),
    Command(
        "mirror_strokes",
        "Mirror strokes",
        "Sketch",
        ("M",),
        "mdi6.flip-horizontal",
        True,
        rule=True,
    ),
    Command("clear_drawing", "Clear drawing", "Sketch", ("Ctrl+Backspace",)),
    Command("example_sketches", "Example sketches…", "Sketch", ("Ctrl+Shift+E",), rule=True),
    Command("choose_reference", "Reference photo…", "Sketch", ("Ctrl+R",), rule=True),
    Command("show_reference_photo", "Show reference photo", "Sketch", ("G",), toggle=True),
    Command("remove_reference", "Remove reference photo", "Sketch"),
)
MENUS = ("Sketch",)
TOOL_COMMANDS = {tool: f"draw_{tool}" for tool in TOOLS}
"""The command that chooses each tool."""
