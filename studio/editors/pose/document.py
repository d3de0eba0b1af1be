"""One photo whose person is being reposed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QUndoCommand

from engine import registry
from engine.appearance import Appearance, FromPhoto, Mix, Parts
from engine.boxes import Box, rows
from engine.finishing import PLAIN, Finish
from engine.perception.base import Reading
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.request import Quality, Request, Scene
from engine.shapes.pose import JOINTS, Pose, Presence
from studio.document import Document, Origin

_AROUND = 0.25
"""Room around the joints, as a share of their height."""


class PoseWanted(NamedTuple):
    """What the artist decides.

    Attributes:
        source: the skeleton on the photo.
        pose: the pose asked for.
        model: id of the painter.
        look: another look than the photo's own; None = its own.
        mask: which pixels are the person's, corrected by hand; None = as they were read.
        finish: how the painted person is put back.
        scene: what stands around them.
    """

    source: Pose
    pose: Pose
    model: str
    look: Appearance | None
    mask: Mask | None = None
    finish: Finish = PLAIN
    scene: Scene = Scene.photo


class PoseDocument(Document):
    """A photo as it was read, and what is wanted of its person.

    Signals:
        locks_changed: other joints are locked.
        mask_changed: other pixels are the person's.
    """

    EDITOR = "pose"

    locks_changed = Signal()
    mask_changed = Signal()

    def __init__(self, reading: Reading, origin: Origin, pose: Pose | None = None) -> None:
        poses = reading.pose, pose or reading.pose
        super().__init__(origin, PoseWanted(*poses, registry.PAINTER_MODEL, None))
        self.reading = reading
        self.fitting = not reading.found
        self.selected: frozenset[int] = frozenset()
        self.locked: frozenset[int] = frozenset()

    # What is asked for

    @property
    def wanted(self) -> PoseWanted:
        """What is asked for now."""
        assert isinstance(self._now, PoseWanted)
        return self._now

    @property
    def source(self) -> Pose:
        """The skeleton on the photo."""
        return self.wanted.source

    @property
    def pose(self) -> Pose:
        """The pose asked for."""
        return self.wanted.pose

    @property
    def mask(self) -> Mask | None:
        """The person's pixels as corrected by hand; None = as they were read."""
        return self.wanted.mask

    @property
    def finish(self) -> Finish:
        """The last touch on the painted person."""
        return self.wanted.finish

    @property
    def scene(self) -> Scene:
        """What stands around them."""
        return self.wanted.scene

    @property
    def size(self) -> tuple[int, int]:
        return self.reading.photo.size

    @property
    def pictured(self) -> Picture:
        return self.picture or Picture(self.reading.photo.pixels)

    @property
    def focus(self) -> QRect:
        return _around(self.pose, self.source)

    @property
    def worth_painting(self) -> bool:
        return self.reading.found or not self.fitting

    def rasters_of(self, wanted: PoseWanted) -> set[Photo | Mask]:
        marked = set() if wanted.mask is None else {wanted.mask}
        return (super().rasters_of(wanted) | marked) - {self.reading.photo, self.reading.mask}

    @property
    def edited(self) -> Pose:
        """The pose under the hand: the source skeleton while fitting, else the one asked for."""
        return self.source if self.fitting else self.pose

    def _tell(self, before: PoseWanted, after: PoseWanted) -> None:
        if after[:2] != before[:2]:
            self.shape_changed.emit()
        if after.mask != before.mask:
            self.mask_changed.emit()
        if after[2:] != before[2:]:
            self.look_changed.emit()

    def preview(self, edited: Pose) -> None:
        """Show a pose that a gesture in progress asks for."""
        self._preview(self._with(edited))

    def change(self, edited: Pose, text: str, merge: str = "") -> None:
        """One complete edit of a pose. Equal `merge` names in a row make one step."""
        self.abort()
        self._push(self._with(edited), text, merge)

    def change_finish(self, finish: Finish, text: str, merge: str = "") -> None:
        """Another last touch on the painted person."""
        self.abort()
        self._push(self.wanted._replace(finish=finish), text, merge)

    def change_scene(self, scene: Scene, text: str) -> None:
        """Other surroundings."""
        self.abort()
        self._push(self.wanted._replace(scene=scene), text)

    def paint_mask(self, box: Box, values: NDArray[np.uint8], text: str) -> None:
        """Correct the person's pixels in a box of the photo; one step of the history."""
        self.abort()
        self.undo.push(MaskStroke(self, box, values, text))

    @property
    def shown_mask(self) -> Mask:
        """The person's pixels: as corrected by hand, or as they were read."""
        return self.mask or self.reading.mask

    def show_mask(self, mask: Mask) -> None:
        """Other pixels are the person's, without touching the history."""
        corrected = None if mask == self.reading.mask else mask
        self.show(self.wanted._replace(mask=corrected))

    def _with(self, edited: Pose) -> PoseWanted:
        poses = (edited, edited) if self.fitting else (self.source, edited)
        return self.wanted._replace(source=poses[0], pose=poses[1])

    @property
    def untouched(self) -> bool:
        """Whether the photo itself is what is asked for."""
        unmoved = self.pose == self.source and self.look is None
        return unmoved and self.scene is Scene.photo

    def set_fitting(self, fitting: bool) -> None:
        """Edit the skeleton that lies on the photo instead of the pose asked for."""
        self.fitting = fitting
        self.shape_changed.emit()

    # Selection

    def select(self, joints: frozenset[int]) -> None:
        """Select joints by their index."""
        if joints != self.selected:
            self.selected = joints
            self.selection_changed.emit()

    def lock(self, joints: frozenset[int]) -> None:
        """Lock these joints, and no others: no tool moves them."""
        if joints != self.locked:
            self.locked = joints
            self.locks_changed.emit()

    def toggle_hidden(self) -> None:
        """Hide the selected joints, or show them if all are hidden."""
        if not self.selected:
            return
        marks = [self.edited.presence[i] for i in self.selected]
        hidden = all(mark == Presence.hidden for mark in marks)
        presence = Presence.seen if hidden else Presence.hidden
        names = [JOINTS[i] for i in self.selected if self.edited.presence[i]]
        text = self.tr("Show joints") if hidden else self.tr("Hide joints")
        self.change(self.edited.marked(presence, *names), text)

    def source_names(self) -> dict[str, str]:
        name = (self.origin.path or Path(self.origin.name)).name
        return {self.reading.photo.digest: name}

    # Pictures

    @property
    def own(self) -> FromPhoto:
        """The look and place of the photo's person."""
        return self._own(self.wanted)

    def _own(self, wanted: PoseWanted) -> FromPhoto:
        read = self.reading.mask if self.reading.found else None
        return FromPhoto(self.reading.photo, wanted.source, wanted.mask or read)

    def request_for(self, wanted: PoseWanted, quality: Quality, longest: int | None) -> Request:
        """This photo's person as somebody may want it."""
        own = self._own(wanted)
        look = own if wanted.look is None else _following(wanted.look, own)
        return Request(
            wanted.model,
            wanted.pose,
            look,
            longest=longest,
            quality=quality,
            scene=wanted.scene,
            place=own,
            finish=wanted.finish,
        )


class MaskStroke(QUndoCommand):
    """New values in one box of the mask; holds no more than the box.

    Args:
        box: on the photo.
        values: (h, w) uint8.
    """

    def __init__(
        self, document: PoseDocument, box: Box, values: NDArray[np.uint8], text: str
    ) -> None:
        super().__init__(text)
        self._document, self._box = document, box
        self._before = document.shown_mask.pixels[rows(box)].copy()
        self._after = values.copy()

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._before.nbytes + self._after.nbytes

    def undo(self) -> None:
        self._put(self._before)

    def redo(self) -> None:
        self._put(self._after)

    def _put(self, values: NDArray[np.uint8]) -> None:
        pixels = self._document.shown_mask.pixels.copy()
        pixels[rows(self._box)] = values
        self._document.show_mask(Mask(pixels))


def _following(look: Appearance, own: FromPhoto) -> Appearance:
    """The same look, in which the document's own photo has the skeleton that it has now."""
    match look:
        case FromPhoto(photo=photo) if photo == own.photo:
            return own
        case Mix(a, b, t):
            return Mix(_following(a, own), _following(b, own), t)
        case Parts(default, regions):
            inner = tuple((name, _following(each, own)) for name, each in regions)
            return Parts(_following(default, own), inner)
        case _:
            return look


def _around(*poses: Pose) -> QRect:
    """The photo pixels around these poses' joints, within the canvas of the first."""
    points = np.concatenate([pose.xy[pose.presence != Presence.missing] for pose in poses])
    canvas = QRect(0, 0, *poses[0].size)
    if not len(points):
        return canvas
    low, high = points.min(0), points.max(0)
    room = _AROUND * max(high - low)
    (left, top), (right, bottom) = np.floor(low - room), np.ceil(high + room)
    box = QRect(int(left), int(top), int(right - left), int(bottom - top))
    return box.intersected(canvas) if box.intersects(canvas) else canvas
