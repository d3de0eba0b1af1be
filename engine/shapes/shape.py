"""What an artist edits, of whatever kind."""

from __future__ import annotations

from engine.errors import Unsupported
from engine.shapes.labels import LabelMap
from engine.shapes.pose import Pose
from engine.shapes.sketch import Sketch

Shape = Pose | Sketch | LabelMap
"""Immutable, pure numpy, small enough for a project file; `size` is its canvas in pixels."""


def as_pose(shape: Shape | None) -> Pose:
    """The shape as a person's pose. Raises Unsupported if it is another kind of shape."""
    if not isinstance(shape, Pose):
        raise Unsupported("This model paints people, so it needs a pose; choose another model.")
    return shape


def as_sketch(shape: Shape | None) -> Sketch:
    """The shape as a drawing. Raises Unsupported if it is another kind of shape."""
    if not isinstance(shape, Sketch):
        raise Unsupported("This model paints drawings, so it needs a sketch; choose another model.")
    return shape


def as_labels(shape: Shape | None) -> LabelMap:
    """The shape as a label map. Raises Unsupported if it is another kind of shape."""
    if not isinstance(shape, LabelMap):
        raise Unsupported("This model paints scenes, so it needs a label map; choose another one.")
    return shape
