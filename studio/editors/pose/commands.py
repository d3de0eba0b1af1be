"""The pose editor's own commands."""

from __future__ import annotations

from studio.actions import Command

COMMANDS: tuple[Command, ...] = (
    Command("select_all", "Select all joints", "Edit", ("Ctrl+A",), rule=True),
    Command("select_limb", "Select limb", "Edit", ("Shift+A",)),
    Command("next_joint", "Next joint", "Edit", ("N",)),
    Command("previous_joint", "Previous joint", "Edit", ("Shift+N",)),
    Command(
        "move_joints", "Move joints", "Pose", ("V",), "mdi6.vector-polyline-edit", True, choice=True
    ),
    Command(
        "transform_box", "Move, scale and turn", "Pose", ("T",), "mdi6.vector-square", True, True
    ),
    Command(
        "fit_skeleton", "Fit skeleton to photo", "Pose", ("F",), "mdi6.human", True, toggle=True
    ),
    Command(
        "keep_lengths",
        "Keep limb lengths",
        "Pose",
        ("Shift+L",),
        "mdi6.ruler",
        True,
        True,
        rule=True,
    ),
    Command(
        "symmetric_edit", "Edit both sides", "Pose", ("S",), "mdi6.reflect-horizontal", True, True
    ),
    Command("show_ghost", "Show pose of the photo", "Pose", ("G",), toggle=True),
    Command(
        "toggle_hidden", "Hide joints", "Pose", ("H",), "mdi6.eye-off-outline", True, rule=True
    ),
    Command("toggle_locked", "Lock joints", "Pose", ("L",), "mdi6.lock-outline", True),
    Command("reset_joints", "Reset joints", "Pose", ("Ctrl+Backspace",)),
    Command("place_joints", "Place missing joints", "Pose"),
    Command("remove_joints", "Remove joints", "Pose", ("Del",)),
    Command("mirror_pose", "Mirror pose", "Pose", ("M",), "mdi6.flip-horizontal", True, rule=True),
    Command("reset_pose", "Reset pose", "Pose", ("Ctrl+R",), "mdi6.restore", True),
    Command("make_larger", "Larger", "Pose", ("Ctrl+Up",), rule=True),
    Command("make_smaller", "Smaller", "Pose", ("Ctrl+Down",)),
    Command("turn_left", "Turn left", "Pose", ("Ctrl+Left",)),
    Command("turn_right", "Turn right", "Pose", ("Ctrl+Right",)),
    Command("choose_person", "Choose person…", "Pose", ("Ctrl+Shift+A",), rule=True),
    Command("import_pose", "Import pose…", "Pose", ("Ctrl+I",)),
    Command("export_pose", "Export pose…", "Pose", ("Ctrl+Shift+E",)),
    Command("paint_now", "Paint now", "Pose", ("Ctrl+Return",), rule=True),
    Command("cancel_painting", "Cancel painting", "Pose", ("Ctrl+.",)),
    Command("apply_to_folder", "Apply to a folder…", "File", rule=True),
    Command("own_look", "Look of this photo", "Look", ("Ctrl+Shift+L",)),
    Command("look_from_photo", "Take look from photo…", "Look", ("Ctrl+L",)),
    Command("throw_dice", "Invent a look", "Look", ("D",), "mdi6.dice-5-outline", rule=True),
    Command("dice_here", "Invent again at this pose", "Look", ("Shift+D",)),
    Command("more_looks", "More looks…", "Look", ("Ctrl+D",)),
    Command("compare_painters", "Compare painters…", "Look", ("Ctrl+K",), rule=True),
)
MENUS = ("Pose", "Look")
