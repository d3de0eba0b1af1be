"""What an artist does to a pose beside dragging: switches, locks, sizes, and joints in or out."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QPointF
from PySide6.QtGui import QUndoCommand

from engine.errors import InputError
from engine.shapes.body import completed, default_pose
from engine.shapes.pose import JOINTS, Pose, Presence
from studio.canvas.box_frame import Matrix, box_of, rotation, scaling
from studio.editors.pose.body import BodyDocument
from studio.editors.pose.moves import limb_joints, limb_of, there, under
from studio.editors.pose.points import PosePoints
from studio.editors.pose.tools import DragJoints

_LARGER = 1.02
_TURN = np.deg2rad(1.0)


class LockJoints(QUndoCommand):
    """Other joints are locked."""

    def __init__(self, document: BodyDocument, locked: frozenset[int], text: str) -> None:
        super().__init__(text)
        self._document, self._before, self._after = document, document.locked, locked

    def undo(self) -> None:
        self._document.lock(self._before)

    def redo(self) -> None:
        self._document.lock(self._after)


class Posing(QObject):
    """Runs commands on one document and its tool; each one ends the gesture in progress first."""

    def __init__(self, document: BodyDocument, tool: DragJoints) -> None:
        super().__init__()
        self._document, self._tool = document, tool
        self._points = PosePoints(document, tool.options)

    def _at_rest(self) -> BodyDocument:
        """The document, with no gesture in progress."""
        self._tool.cancel()
        return self._document

    def checked(self) -> dict[str, bool]:
        """Which of the switches are on, by the names of their commands."""
        options = self._tool.options
        return {
            "transform_box": options.boxing,
            "keep_lengths": options.keep_lengths,
            "symmetric_edit": options.symmetric,
            "show_ghost": options.ghost,
        }

    def enabled(self) -> dict[str, bool]:
        """Which of the commands that need a selection mean something now."""
        document = self._document
        chosen = document.selected
        on_photo = bool(there(document.edited, chosen))
        return {
            "select_limb": on_photo,
            "toggle_locked": on_photo,
            "reset_joints": bool(chosen),
            "place_joints": chosen != there(document.edited, chosen),
            "remove_joints": on_photo,
        }

    # Switches

    def transform_box(self, on: bool) -> None:
        """A box around the selection, or the whole body."""
        self._switch("boxing", on)

    def keep_lengths(self, on: bool) -> None:
        """Limbs keep their lengths while joints are dragged."""
        self._switch("keep_lengths", on)

    def symmetric_edit(self, on: bool) -> None:
        """The other side of the body makes each move too."""
        self._switch("symmetric", on)

    def show_ghost(self, on: bool) -> None:
        """The pose of the photo behind the one asked for."""
        self._switch("ghost", on)

    def _switch(self, name: str, on: bool) -> None:
        if getattr(self._tool.options, name) != on:
            self._at_rest()
            self._tool.options.set(name, on)

    # Joints

    def select_limb(self) -> None:
        """Select the whole limbs of the selected joints."""
        document = self._at_rest()
        limbs = {limb_of(i) for i in document.selected}
        joints = frozenset().union(*(limb_joints(limb) for limb in limbs))
        document.select(there(document.edited, joints))

    def toggle_locked(self) -> None:
        """Lock the selected joints, or unlock them if all are locked."""
        document = self._at_rest()
        chosen = there(document.edited, document.selected)
        if chosen and chosen <= document.locked:
            step = LockJoints(document, document.locked - chosen, self.tr("Unlock joints"))
            document.undo.push(step)
        elif chosen:
            document.undo.push(
                LockJoints(document, document.locked | chosen, self.tr("Lock joints"))
            )

    def reset_joints(self) -> None:
        """The selected joints as they are in the photo."""
        document = self._at_rest()
        chosen = sorted(document.selected - document.locked)
        xy, presence = document.edited.xy.copy(), document.edited.presence.copy()
        xy[chosen], presence[chosen] = (
            document.source.xy[chosen],
            document.source.presence[chosen],
        )
        document.change(Pose(xy, presence, document.edited.size), self.tr("Reset joints"))

    def place_joints(self) -> None:
        """Give the selected joints that are missing the place that the others suggest."""
        document = self._at_rest()
        pose = document.edited
        missing = document.selected - there(pose, document.selected)
        full = _guessed(pose)
        places = {JOINTS[i]: (full.xy[i, 0], full.xy[i, 1]) for i in missing}
        document.change(pose.moved(**places), self.tr("Place joints"))

    def remove_joints(self) -> None:
        """The selected joints are no longer part of the pose."""
        document = self._at_rest()
        gone = there(document.edited, document.selected) - document.locked
        names = [JOINTS[i] for i in gone]
        document.change(document.edited.marked(Presence.missing, *names), self.tr("Remove joints"))

    # Size and direction

    def make_larger(self) -> None:
        """The selection, or the body on the ground that it stands on, a little larger."""
        self._scale(_LARGER)

    def make_smaller(self) -> None:
        """The selection, or the body on the ground that it stands on, a little smaller."""
        self._scale(1 / _LARGER)

    def turn_left(self) -> None:
        """The selection or the body a little counterclockwise."""
        self._turn(-_TURN)

    def turn_right(self) -> None:
        """The selection or the body a little clockwise."""
        self._turn(_TURN)

    def _scale(self, factor: float) -> None:
        if not self._points.joints:  # all are locked or gone
            return
        whole = len(there(self._document.edited, self._document.selected)) < 2
        about = self._ground() if whole else self._pivot()
        self._map(scaling((factor, factor), about), self.tr("Scale"))

    def _turn(self, angle: float) -> None:
        if self._points.joints:
            self._map(rotation(angle, self._pivot()), self.tr("Rotate"))

    def _map(self, matrix: Matrix, text: str) -> None:
        document, joints = self._at_rest(), self._points.joints
        symmetric = self._tool.options.symmetric
        mapped = under(document.edited, joints, matrix, symmetric, document.locked)
        document.change(mapped, text, f"{text} {sorted(joints)}")

    def _pivot(self) -> QPointF:
        natural = self._points.pivot()
        return QPointF(*natural) if natural else box_of(self._points.points()).center()

    def _ground(self) -> QPointF:
        box = box_of(self._points.points())
        return QPointF(box.center().x(), box.bottom())


def _guessed(pose: Pose) -> Pose:
    """All joints, the missing ones as a body would have them."""
    try:
        return completed(pose)
    except InputError:  # no shoulders or hips to go by
        return default_pose(pose.size)
