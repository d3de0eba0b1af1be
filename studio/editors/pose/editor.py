"""The pose editor: what its menu, its keys and its tool do to the document."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal

from engine.shapes.pose import INDEX, Pose
from studio.editors.pose.document import PoseDocument
from studio.editors.pose.joint_editor import JointEditor
from studio.editors.pose.tools import DragJoints


class PoseEditor(JointEditor):
    """Commands on the pose of one document; each one ends the gesture in progress first.

    Signals:
        said: a sentence that helps with what was switched on.
    """

    said = Signal(str)

    def follow(self, document: PoseDocument, tool: DragJoints) -> None:
        """Edit another document."""
        self.document, self.tool = document, tool

    def _posed(self) -> PoseDocument | None:
        """The document, with no gesture in progress."""
        document = self._at_rest()
        return document if isinstance(document, PoseDocument) else None

    def take(self, pose: Pose) -> None:
        """The pose of a file."""
        document = self._posed()
        if document is not None:
            document.change(pose, self.tr("Import pose"))

    def reset_pose(self) -> None:
        """Back to the pose of the photo."""
        document = self._posed()
        if document is not None:
            document.change(document.source, self.tr("Reset pose"))

    def mirror_pose(self) -> None:
        """Mirror the pose where the person stands; left and right change names."""
        document = self._posed()
        if document is not None:
            document.change(mirrored_in_place(document.edited), self.tr("Mirror pose"))

    def toggle_hidden(self) -> None:
        """Hide or show the selected joints."""
        document = self._posed()
        if document is not None:
            document.toggle_hidden()

    def move_joints(self) -> None:
        """Move the person joint by joint."""
        self.fit_skeleton(False)
        if self.tool is not None:
            self.tool.options.set("boxing", False)

    def fit_skeleton(self, on: bool) -> None:
        """Correct where the joints lie on the photo, instead of moving the person."""
        document = self._posed()
        if document is None or document.fitting == on:
            return
        document.set_fitting(on)
        if on:
            text = self.tr("Drag the joints onto the person in the photo, then press V to repose.")
            self.said.emit(text)


def mirrored_in_place(pose: Pose) -> Pose:
    """The mirrored pose, its hips where they were."""
    flipped = pose.mirrored()
    hips = [INDEX["right_hip"], INDEX["left_hip"]]
    shift = pose.xy[hips].mean(0)[0] - flipped.xy[hips].mean(0)[0]
    return flipped.mapped(np.array([[1.0, 0, shift], [0, 1, 0]]), pose.size)
