"""A pose as the points that a box transform moves."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from engine.shapes.pose import INDEX, JOINTS, Pose
from studio.editors.pose.body import BodyDocument
from studio.editors.pose.moves import LIMB_JOINTS, boxed, limb_joints, there, under
from studio.editors.pose.options import PoseOptions


class PosePoints:
    """The joints in the box: the selection, or the whole body; locked ones stay."""

    def __init__(self, document: BodyDocument, options: PoseOptions) -> None:
        self._document, self._options = document, options
        self._start: Pose | None = None

    @property
    def joints(self) -> frozenset[int]:
        """What the box holds now."""
        return boxed(self._document, self._options)

    def points(self) -> NDArray[np.float64]:
        return self._document.edited.xy[sorted(self.joints)]

    def identity(self) -> Hashable:
        return self.joints, self._document.fitting

    def pivot(self) -> tuple[float, float] | None:
        """The joint that a limb turns about, the middle of the hips for the whole body."""
        pose, joints = self._document.edited, self.joints
        for limb, names in LIMB_JOINTS.items():
            if limb not in ("head", "trunk") and joints == there(pose, limb_joints(limb)):
                return pose[names[0]]
        if joints == there(pose, range(len(JOINTS))) and pose.has("right_hip", "left_hip"):
            x, y = pose.xy[[INDEX["right_hip"], INDEX["left_hip"]]].mean(0)
            return float(x), float(y)
        return None

    def preview(self, matrix: NDArray[np.float64]) -> None:
        document = self._document
        if self._start is None:
            self._start = document.edited
        symmetric = self._options.symmetric
        document.preview(under(self._start, self.joints, matrix, symmetric, document.locked))

    def commit(self, text: str) -> None:
        self._start = None
        self._document.commit(text)

    def abort(self) -> bool:
        self._start = None
        return self._document.abort()
