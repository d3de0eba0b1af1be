"""What all tabs of a window share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QAction

from engine.shapes.pose_library import poses
from studio.canvas.brush import BrushOptions
from studio.editors.pose.options import PoseOptions
from studio.favourites import Favourites
from studio.journal import state_folder
from studio.library import PoseLibrary, user_poses
from studio.settings import Settings
from studio.worker import Bridge

_POSE_OPTIONS = "pose_options"
"""Where the settings keep the switches that are on."""


@dataclass
class Services:
    """Passed to every workspace.

    Attributes:
        bridge: the engine.
        actions: every command of the window by its name.
        poses: bundled poses and the user's own.
        favourites: looks that the user keeps.
        pose_options: switches of the pose tools.
        brush_options: size and hardness of the brush.
        journals: the folder in which work is written down in case of a crash.
    """

    bridge: Bridge
    settings: Settings
    actions: Mapping[str, QAction]
    poses: PoseLibrary = field(default_factory=lambda: PoseLibrary(poses(), user_poses()))
    favourites: Favourites = field(default_factory=Favourites)
    pose_options: PoseOptions = field(default_factory=PoseOptions)
    brush_options: BrushOptions = field(default_factory=BrushOptions)
    journals: Path = field(default_factory=state_folder)

    def __post_init__(self) -> None:
        on = self.settings.table(_POSE_OPTIONS).get("on")
        if on is not None:
            self.pose_options.restore({name: name in on for name in PoseOptions.KEPT})
        self.pose_options.changed.connect(self._keep_options)
        self.take_settings()

    def _keep_options(self) -> None:
        on = [name for name, kept in self.pose_options.values().items() if kept]
        self.settings.set_table(_POSE_OPTIONS, {"on": on})

    def take_settings(self) -> None:
        """As the settings are now."""
        self.pose_options.colour_limbs(self.settings.text("limbs"))
