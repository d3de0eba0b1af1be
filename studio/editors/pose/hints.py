"""The line at the bottom: what can be done now, or why the picture may come out rough."""

from __future__ import annotations

import math
from functools import cache

from PySide6.QtCore import QCoreApplication

from engine.errors import ModelError
from engine.shapes.pose import INDEX
from engine.shapes.seen import SeenPoses, seen_people
from studio.editors.pose.document import PoseDocument
from studio.editors.pose.moves import LIMB_JOINTS, limb_of
from studio.editors.pose.names import limb_names
from studio.editors.pose.options import PoseOptions


def hint_for(document: PoseDocument, options: PoseOptions | None = None) -> str:
    """One line on what can be done now; a pose unlike those that painters saw is named first."""
    tr = QCoreApplication.translate
    if document.fitting:
        return tr("Pose", "Drag the joints onto the person in the photo; V to repose.")
    far = far_limb(document)
    if far:
        text = tr("Pose", "{0}: the painters have seen few poses like this; it may come out rough.")
        return text.format(limb_names()[far])
    if options is not None and options.boxing:
        return tr(
            "Pose", "Drag inside to move, a handle to scale, outside a corner to turn; V ends."
        )
    if document.selected:
        return tr("Pose", "Drag or use the arrow keys; H hides, Ctrl moves the whole limb.")
    return tr("Pose", "Drag a joint. Space moves the view, the wheel zooms, \\ shows the original.")


def far_limb(document: PoseDocument) -> str:
    """The limb, by its name in LIMB_JOINTS, that the painters know least; "" = all well known.

    The photo's own pose is never remarked on.
    """
    seen = _seen()
    if seen is None or document.pose == document.source:
        return ""
    distance = seen.distance(document.pose)
    if distance <= 1 or not math.isfinite(distance):
        return ""
    joint = seen.far_joint(document.pose)
    return "trunk" if joint in LIMB_JOINTS["trunk"] else limb_of(INDEX[joint])


@cache
def _seen() -> SeenPoses | None:
    """None if the file is damaged: then nothing is remarked on."""
    try:
        return seen_people()
    except ModelError:
        return None
