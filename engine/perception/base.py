"""A model that reads a photo: where the person is and how they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from engine.card import Card
from engine.photo import Mask, Photo
from engine.shapes.pose import Pose


@dataclass(frozen=True)
class Reading:
    """What perception saw.

    Attributes:
        photo: the photo that was read.
        pose: 18 joints on the photo's canvas; the default skeleton if nobody was found.
        mask: the person's pixels; empty (all 0) if nobody was found.
        confidence: per joint, 0..1, in the order of JOINTS.
        found: whether a person was found.
    """

    photo: Photo
    pose: Pose
    mask: Mask
    confidence: tuple[float, ...]
    found: bool


class Perception(Protocol):
    """Reads the most central person of a photo, or everybody."""

    card: Card

    def read(self, photo: Photo) -> Reading: ...

    def read_all(self, photo: Photo) -> tuple[Reading, ...]: ...
