"""The pose editor's own commands."""

from __future__ import annotations

from studio.actions import Command

COMMANDS: tuple[Command, ...] = (
    Command("select_all", "Select all joints", "Edit", ("Ctrl+A",), rule=True),
    Command("next_joint", "Next joint", "Edit", ("N",)),
    Command("previous_joint", "Previous joint", "Edit", ("Shift+N",)),
    Command(
        "move_joints", "Move joints", "Pose", ("V",), "mdi6.vector-polyline-edit", True, choice=True
    ),
    Command(
        "fit_skeleton", "Fit skeleton to photo", "Pose", ("F",), "mdi6.human", True, toggle=True
    ),
    Command("mirror_pose", "Mirror pose", "Pose", ("M",), "mdi6.flip-horizontal", True, rule=True),
    Command("toggle_hidden", "Hide joints", "Pose", ("H",), "mdi6.eye-off-outline", True),
    Command("reset_pose", "Reset pose", "Pose", ("Ctrl+R",), "mdi6.restore", True),
    Command("import_pose", "Import pose…", "Pose", ("Ctrl+I",), rule=True),
    Command("export_pose", "Export pose…", "Pose", ("Ctrl+Shift+E",)),
    Command("paint_now", "Paint now", "Pose", ("Ctrl+Return",), rule=True),
    Command("cancel_painting", "Cancel painting", "Pose", ("Ctrl+.",)),
    Command("own_look", "Look of this photo", "Look", ("Ctrl+Shift+L",)),
    Command("look_from_photo", "Take look from photo…", "Look", ("Ctrl+L",)),
    Command("throw_dice", "Invent a look", "Look", ("D",), "mdi6.dice-5-outline", rule=True),
    Command("dice_here", "Invent again at this pose", "Look", ("Shift+D",)),
    Command("more_looks", "More looks…", "Look", ("Ctrl+D",)),
    Command("compare_painters", "Compare painters…", "Look", ("Ctrl+K",), rule=True),
)
MENUS = ("Pose", "Look")
