"""What all tabs of a window share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtGui import QAction

from engine.shapes.pose_library import poses
from studio.canvas.brush import BrushOptions
from studio.editors.pose.options import PoseOptions
from studio.editors.scene.options import SceneOptions
from studio.editors.sketch.options import SketchOptions
from studio.favourites import Favourites
from studio.journal import state_folder
from studio.library import PoseLibrary, user_poses
from studio.settings import Settings
from studio.worker import Bridge


@dataclass
class Services:
    """Passed to every workspace.

    Attributes:
        bridge: the engine.
        actions: every command of the window by its name.
        poses: bundled poses and the user's own.
        favourites: looks that the user keeps.
        pose_options: switches of the pose tools.
        sketch_options: how the drawing tools work.
        scene_options: how the label tools work.
        brush_options: size and hardness of the brush.
        journals: the folder in which work is written down in case of a crash.
    """

    bridge: Bridge
    settings: Settings
    actions: Mapping[str, QAction]
    poses: PoseLibrary = field(default_factory=lambda: PoseLibrary(poses(), user_poses()))
    favourites: Favourites = field(default_factory=Favourites)
    pose_options: PoseOptions = field(default_factory=PoseOptions)
    sketch_options: SketchOptions = field(default_factory=SketchOptions)
    scene_options: SceneOptions = field(default_factory=SceneOptions)
    brush_options: BrushOptions = field(default_factory=BrushOptions)
    journals: Path = field(default_factory=state_folder)

    def __post_init__(self) -> None:
        self._keep("pose_options", self.pose_options)
        self._keep("sketch_options", self.sketch_options)
        self._keep("scene_options", self.scene_options)
        self.take_settings()

    def _keep(self, name: str, options: PoseOptions | SketchOptions | SceneOptions) -> None:
        """Have the options as they were, and remember them from now on."""
        options.restore(self.settings.values(name))
        options.changed.connect(lambda: self.settings.set_values(name, options.values()))

    def take_settings(self) -> None:
        """As the settings are now."""
        self.pose_options.colour_limbs(self.settings.text("limbs"))
