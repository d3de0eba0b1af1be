"""Where a look comes from: small recipes, never tensors."""

from __future__ import annotations

from dataclasses import dataclass

from engine.photo import Mask, Photo
from engine.shapes.pose import Pose


@dataclass(frozen=True)
class FromPhoto:
    """The look of what a photo shows.

    Attributes:
        photo: the source.
        shape: the shape that the photo shows, on the photo's canvas.
        mask: which pixels belong to it; None lets perception find them.
    """

    photo: Photo
    shape: Pose
    mask: Mask | None = None


Appearance = FromPhoto
"""Every look a painter may be asked for; a painter's card says which ones it takes."""
