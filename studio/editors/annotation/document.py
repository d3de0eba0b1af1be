"""A training photo whose joints and mask are corrected: one document for each item of a folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.photo import Mask
from engine.shapes.pose import INDEX, JOINTS, MIRROR, Pose, Presence
from studio.document import Origin
from studio.editors.pose.body import BodyDocument
from studio.training.annotations import Correction, Item, joints_of, pose_of
from studio.training.annotations_draft import Draft

_SHOULDERS = ("right_shoulder", "left_shoulder")


class Nothing(NamedTuple):
    """What is wanted of a photo that cannot be worked on."""

    model: str = ""
    look: None = None


class Annotated(NamedTuple):
    """What is known of a person; no painter takes part.

    Attributes:
        joints: on the photo.
        mask: the person's pixels.
    """

    joints: Pose
    mask: Mask
    model: str = ""
    look: None = None


class AnnotationDocument(BodyDocument):
    """One person of a training photo.

    Args:
        holds: joints that the layout has a place for.
        mask: as the folder has it; None = it has none.
        draft: a correction that was not saved before a crash, with its mask.
    """

    EDITOR = "annotation"

    def __init__(
        self,
        item: Item,
        holds: tuple[str, ...],
        origin: Origin,
        mask: Mask | None,
        draft: tuple[Correction, Mask | None] | None = None,
    ) -> None:
        there = mask or Mask(np.zeros(item.size[::-1], np.uint8))
        super().__init__(origin, Annotated(_settled(item.pose, holds), there))
        self.item, self.holds = item, holds
        self.stored = self.wanted
        if draft is not None:
            self._restore_draft(*draft)

    def _restore_draft(self, told: Correction, mask: Mask | None) -> None:
        if told.joints is not None:
            pose = pose_of(self.size, told.joints, told.hidden or ())
            self.show(self.wanted._replace(joints=_settled(pose, self.holds)))
        if mask is not None:
            self.show_mask(mask)

    # What is known

    @property
    def wanted(self) -> Annotated:
        """What is known of the person now."""
        assert isinstance(self._now, Annotated)
        return self._now

    @property
    def edited(self) -> Pose:
        return self.wanted.joints

    @property
    def source(self) -> Pose:
        return self.stored.joints

    @property
    def size(self) -> tuple[int, int]:
        return self.item.size

    @property
    def shown_mask(self) -> Mask:
        return self.wanted.mask

    def _tell(self, before: Annotated, after: Annotated) -> None:
        if after.joints != before.joints:
            self.shape_changed.emit()
        if after.mask != before.mask:
            self.mask_changed.emit()

    @property
    def outside(self) -> NDArray[np.bool_]:
        """(18,) joints that lie outside of the photo, where nobody sees them."""
        pose = self.edited
        beyond = ((pose.xy < 0) | (pose.xy > self.size)).any(1)
        return beyond & (pose.presence != Presence.missing)

    def lacks(self, joint: int) -> bool:
        """Whether a joint is missing, or lies outside of the photo."""
        return not self.edited.presence[joint] or bool(self.outside[joint])

    # Corrections

    @property
    def corrected(self) -> bool:
        """Whether anything is not as the folder has it."""
        return self.wanted != self.stored

    def teller(self) -> Callable[[Draft], Correction]:
        """Tells what is different now, also from another thread."""
        item, wanted, stored, holds = self.item.id, self.wanted, self.stored, self.holds

        def tell(draft: Draft) -> Correction:
            joints, hidden, mask = None, None, None
            if wanted.joints != stored.joints:
                joints, hidden = joints_of(wanted.joints, holds)
            if wanted.mask != stored.mask:
                mask = draft.mask(wanted.mask)
            return Correction(item, joints, hidden, mask)

        return tell

    def _with(self, edited: Pose) -> Annotated:
        inside = _inside(edited, self.edited)
        return self.wanted._replace(joints=_settled(inside, self.holds))

    def show_mask(self, mask: Mask) -> None:
        self.show(self.wanted._replace(mask=mask))

    def replace(self, joints: Pose, mask: Mask | None, text: str) -> None:
        """Other joints, and another mask if there is one, in one step."""
        after = self._with(joints)
        self.restore(after if mask is None else after._replace(mask=mask), text)

    def swap_sides(self, text: str) -> None:
        """Exchange left and right of the selected joints, or of all: the places stay."""
        chosen = self.selected or frozenset(range(len(JOINTS)))
        both = sorted(chosen | {int(MIRROR[i]) for i in chosen})
        xy, presence = self.edited.xy.copy(), self.edited.presence.copy()
        xy[both] = self.edited.xy[MIRROR[both]]
        presence[both] = self.edited.presence[MIRROR[both]]
        self.change(Pose(xy, presence, self.size), text)


def _settled(pose: Pose, holds: tuple[str, ...]) -> Pose:
    """The pose without joints that a layout has no place for; the neck follows the shoulders."""
    beyond = [name for name in JOINTS if name not in holds]
    pose = pose.marked(Presence.missing, *beyond)
    if "neck" in beyond and pose.has(*_SHOULDERS):
        x, y = pose.xy[[INDEX[name] for name in _SHOULDERS]].mean(0)
        pose = pose.moved(neck=(float(x), float(y)))
    return pose


def _inside(pose: Pose, before: Pose) -> Pose:
    """The pose with all joints that were moved within the canvas."""
    moved = (pose.xy != before.xy).any(1)[:, None]
    return Pose(np.where(moved, np.clip(pose.xy, 0, pose.size), pose.xy), pose.presence, pose.size)
