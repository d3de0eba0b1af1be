"""People on the stage: framed, cut out, on white, and what a painter makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.framing import cut_out, frame_window, person_frame
from engine.painters.base import Frame, Painter
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.shapes.body import completed
from engine.shapes.pose import Pose
from trainer.data.coco import PersonSample
from trainer.metrics.similarity import Box

MARGIN = 0.04
"""Room around the person's box, as a share of the frame's side."""


@dataclass(frozen=True)
class Person:
    """Somebody in a photo.

    Attributes:
        name: the photo's file name.
        photo, mask: the pixels.
        annotated: the pose as it was annotated, on the photo's canvas.
    """

    name: str
    photo: Photo
    mask: Mask
    annotated: Pose

    @classmethod
    def of(cls, sample: PersonSample) -> Person:
        """Read a sample. InputError if its files are missing or damaged."""
        pixels, alpha = sample.read()
        return cls(sample.photo.name, Photo(pixels), Mask(alpha), sample.pose)

    @cached_property
    def pose(self) -> Pose:
        """All 18 joints, the missing ones inferred."""
        return completed(self.annotated)

    @cached_property
    def frame(self) -> Frame:
        """The square that painters work in."""
        return person_frame(self.annotated, self.mask)

    @property
    def usable(self) -> bool:
        """Whether shoulders and hips are there, without which nobody can be framed."""
        try:
            return self.frame.side > 0
        except InputError:
            return False

    @property
    def look(self) -> FromPhoto:
        """The appearance recipe."""
        return FromPhoto(self.photo, self.annotated, self.mask)

    def mirrored(self) -> Person:
        """The photo seen in a mirror; left and right joints change names."""
        return Person(
            self.name,
            Photo(np.ascontiguousarray(self.photo.pixels[:, ::-1])),
            Mask(np.ascontiguousarray(self.mask.pixels[:, ::-1])),
            self.annotated.mirrored(),
        )

    def squared(self) -> Person:
        """The same on a canvas that is the frame; what lies outside the photo is black."""
        shift = np.array([[1, 0, -self.frame.left], [0, 1, -self.frame.top]])
        side = int(self.frame.side)
        return Person(
            self.name,
            Photo(frame_window(self.photo.pixels, self.frame)),
            Mask(frame_window(self.mask.pixels, self.frame)),
            self.annotated.mapped(shift, (side, side)),
        )

    def cut(self, side: int) -> NDArray[np.uint8]:
        """(side, side, 4) the person in the frame, straight alpha."""
        return cut_out(self.photo, self.mask, self.frame, side)

    def framed(self, pose: Pose, side: int) -> Pose:
        """A pose on the photo's canvas in pixels of the frame drawn at side x side."""
        return pose.mapped(self.frame.matrix(side), (side, side))


def paint(painter: Painter, person: Person, pose: Pose, side: int) -> NDArray[np.uint8]:
    """(side, side, 4) the person in another pose (on their photo's canvas)."""
    pixels = painter.paint(pose, painter.prepare(person.look), side, lambda: False).pixels
    if pixels.shape[2] == 3:
        opaque = np.full(pixels.shape[:2], 255, np.uint8)
        return np.dstack([pixels, opaque])
    return pixels


def on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) the cut-out on white paper."""
    return Picture(rgba).over((255, 255, 255)).pixels


def person_box(rgba: NDArray[np.uint8]) -> Box:
    """The box of what is opaque, with a margin; the whole frame if nothing is."""
    side = rgba.shape[0]
    ys, xs = np.nonzero(rgba[..., 3] > 127)
    if not len(xs):
        return Box(0, 0, side, side)
    room = round(MARGIN * side)
    return Box(
        max(int(xs.min()) - room, 0),
        max(int(ys.min()) - room, 0),
        min(int(xs.max()) + 1 + room, side),
        min(int(ys.max()) + 1 + room, side),
    )
