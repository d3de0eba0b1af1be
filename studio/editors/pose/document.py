"""One photo whose person is being reposed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRect

from engine import registry
from engine.appearance import Appearance, FromPhoto, Mix, Parts
from engine.finishing import PLAIN, Finish
from engine.perception.base import Reading
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.request import Quality, Request, Scene
from engine.shapes.pose import Pose, Presence
from studio.document import Origin
from studio.editors.pose.body import BodyDocument

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


class PoseDocument(BodyDocument):
    """A photo as it was read, and what is wanted of its person."""

    EDITOR = "pose"

    def __init__(self, reading: Reading, origin: Origin, pose: Pose | None = None) -> None:
        poses = reading.pose, pose or reading.pose
        super().__init__(origin, PoseWanted(*poses, registry.PAINTER_MODEL, None))
        self.reading = reading
        self.fitting = not reading.found

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

    @property
    def ghost(self) -> Pose | None:
        return None if self.fitting or self.pose == self.source else self.source

    def _tell(self, before: PoseWanted, after: PoseWanted) -> None:
        if after[:2] != before[:2]:
            self.shape_changed.emit()
        if after.mask != before.mask:
            self.mask_changed.emit()
        if after[2:] != before[2:]:
            self.look_changed.emit()

    def change_finish(self, finish: Finish, text: str, merge: str = "") -> None:
        """Another last touch on the painted person."""
        self.abort()
        self._push(self.wanted._replace(finish=finish), text, merge)

    def change_scene(self, scene: Scene, text: str) -> None:
        """Other surroundings."""
        self.abort()
        self._push(self.wanted._replace(scene=scene), text)

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
