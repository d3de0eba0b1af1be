"""The scene editor's own commands."""

from __future__ import annotations

from studio.actions import Command
from studio.editors.scene.options import TOOLS

COMMANDS: tuple[Command, ...] = (
    Command(
        "label_select",
        "Select and move objects",
        "Scene",
        ("V",),
        "mdi6.cursor-default-outline",
        True,
        choice=True,
    ),
    Command("label_brush", "Brush", "Scene", ("B",), "mdi6.brush", True, choice=True, rule=True),
    Command("label_eraser", "Eraser", "Scene", ("E",), "mdi6.eraser", True, choice=True),
    Command("label_line", "Line", "Scene", ("L",), "mdi6.vector-line", True, choice=True),
    Command(
        "label_rectangle", "Rectangle", "Scene", ("R",), "mdi6.rectangle-outline", True, choice=True
    ),
    Command("label_polygon", "Polygon", "Scene", ("P",), "mdi6.vector-polygon", True, choice=True),
    Command("label_lasso", "Lasso", "Scene", ("O",), "mdi6.lasso", True, choice=True),
    Command("label_fill", "Fill", "Scene", ("G",), "mdi6.format-color-fill", True, choice=True),
    Command("label_picker", "Pick label", "Scene", ("I",), "mdi6.eyedropper", True, choice=True),
    Command(
        "label_cut",
        "Cut object in two",
        "Scene",
        ("C",),
        "mdi6.box-cutter",
        True,
        choice=True,
    ),
    Command(
        "label_hand", "Move the view", "Scene", ("H",), "mdi6.hand-back-right", True, choice=True
    ),
    Command("label_smaller", "Smaller brush", "Scene", ("[",), rule=True),
    Command("label_larger", "Larger brush", "Scene", ("]",)),
    Command("much_smaller", "Much smaller brush", "Scene", ("{",)),
    Command("much_larger", "Much larger brush", "Scene", ("}",)),
    Command(
        "new_wins",
        "New covers old",
        "Scene",
        ("X",),
        "mdi6.arrange-bring-forward",
        True,
        True,
        rule=True,
    ),
    Command("erase_behind", "Eraser shows what is behind", "Scene", ("Shift+E",), toggle=True),
    Command("clear_labels", "Clear all labels", "Scene", ("Ctrl+Backspace",), rule=True),
    Command("scene_templates", "Start from a template…", "Scene", ("Ctrl+T",), rule=True),
    Command("import_labels", "Import labels…", "Scene", ("Ctrl+I",)),
    Command("export_labels", "Export labels…", "Scene", ("Ctrl+Shift+E",)),
    Command("label_sets", "Label sets…", "Scene", (), "mdi6.palette-swatch-variant"),
    Command("choose_scene_photo", "Reference photo…", "Scene", ("Ctrl+R",), rule=True),
    Command("remove_scene_photo", "Remove reference photo", "Scene"),
    Command(
        "new_object", "New object", "Objects", ("N",), "mdi6.plus-box-outline", True, rule=True
    ),
    Command("next_object", "Next object", "Objects", ("Ctrl+]",)),
    Command("previous_object", "Previous object", "Objects", ("Ctrl+[",)),
    Command(
        "duplicate_object",
        "Duplicate object",
        "Objects",
        ("Ctrl+D",),
        "mdi6.content-duplicate",
        rule=True,
    ),
    Command("merge_objects", "Merge objects", "Objects", ("Ctrl+M",), "mdi6.call-merge"),
    Command("split_object", "Split into pieces", "Objects", ("Ctrl+Shift+M",), "mdi6.call-split"),
    Command("label_object", "Give object the chosen label", "Objects", ("Shift+L",)),
    Command(
        "delete_object",
        "Delete object",
        "Objects",
        ("Del", "Backspace"),
        "mdi6.trash-can-outline",
    ),
    Command("number_things", "Make objects of loose pieces", "Objects", rule=True),
    Command("show_patterns", "Patterns on labels", "View", ("Shift+P",), toggle=True, rule=True),
    Command("show_outlines", "Outlines of objects", "View", ("Shift+O",), toggle=True),
    Command("show_names", "Names under the pointer", "View", ("Shift+N",), toggle=True),
)
MENUS = ("Scene", "Objects")
TOOL_COMMANDS = {tool: f"label_{tool}" for tool in TOOLS}
"""The command that chooses each tool."""
