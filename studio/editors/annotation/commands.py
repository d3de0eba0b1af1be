"""The commands of tabs in which training photos are corrected."""

from __future__ import annotations

from studio.actions import Command
from studio.editors.pose import commands as posing
from studio.editors.scene import commands as labelling
from studio.panels import refine

_JOINTS = (
    "select_all",
    "select_limb",
    "next_joint",
    "previous_joint",
    "move_joints",
    "transform_box",
    "toggle_hidden",
    "toggle_locked",
    "reset_joints",
    "place_joints",
    "remove_joints",
    "make_larger",
    "make_smaller",
    "turn_left",
    "turn_right",
)
"""Commands of the pose editor that mean the same here."""

PHOTOS: tuple[Command, ...] = (
    Command("next_photo", "Next photo", "Photos", ("PgDown",), "mdi6.chevron-right"),
    Command("previous_photo", "Previous photo", "Photos", ("PgUp",), "mdi6.chevron-left"),
    Command("only_problems", "Only photos with problems", "Photos", toggle=True, rule=True),
    Command("revert_photo", "Revert photo", "Photos", ("Ctrl+R",), rule=True),
    Command("back_to_training", "Back to training", "Photos", ("Ctrl+Shift+B",), rule=True),
)
"""What all such tabs have."""

PEOPLE: tuple[Command, ...] = (
    *PHOTOS,
    *(command for command in posing.COMMANDS if command.name in _JOINTS),
    Command(
        "swap_sides", "Swap left and right", "Pose", ("S",), "mdi6.swap-horizontal", True, rule=True
    ),
    Command("find_again", "Find again", "Pose", ("F",), "mdi6.account-search-outline", True),
    *refine.COMMANDS,
    Command("show_mask", "Show mask", "View", ("M",), "mdi6.layers-outline", True, toggle=True),
)

NOT_OF_SCENES = (
    "scene_templates",
    "import_labels",
    "export_labels",
    "label_sets",
    "choose_scene_photo",
    "remove_scene_photo",
)
"""Commands of the scene editor that mean nothing on label maps of training data."""

SCENES: tuple[Command, ...] = (
    *PHOTOS,
    *(command for command in labelling.COMMANDS if command.name not in NOT_OF_SCENES),
)
