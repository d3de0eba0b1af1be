"""A picture taken apart: the photo, what is behind the person, and the person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.appearance import FromPhoto
from engine.painters.base import Stop
from engine.photo import Mask
from engine.picture import Picture
from engine.placing import resized
from engine.request import Painted, Quality, Request, Scene

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
_ROWS = 256
"""Taken apart at a time, to bound memory."""


@dataclass(frozen=True)
class Layers:
    """All of one size.

    Attributes:
        merged: the painted picture, as :meth:`Session.paint` gives it.
        person: RGBA of the person alone, at its place.
        photo: the untouched photo; None if the person stands nowhere.
        background: the photo without its person; None as above. In Scene.photo, `person` over it
            is `merged`.
        degraded: as in Painted.
    """

    merged: Picture
    person: Picture
    photo: Picture | None
    background: Picture | None
    degraded: str = ""


class Paints(Protocol):
    """What is asked of a session."""

    def paint(self, request: Request, stop: Stop) -> Painted: ...
    def background(self, stand: FromPhoto, longest: int | None, stop: Stop) -> Picture: ...


def layers_of(session: Paints, request: Request, stop: Stop) -> Layers:
    """Paint a request with full care, and what its picture is put together from.

    Raises:
        GuiseError, Stopped, MemoryError: as :meth:`Session.paint`.
    """
    request = replace(request, quality=Quality.full)
    painted = session.paint(request, stop)
    merged, degraded = painted.picture, painted.degraded
    longest = max(merged.size)  # less than what was asked for if memory ran out
    alone = _alone(session, request, merged, stop)
    stand = request.stands_in
    if stand is None:
        return Layers(merged, alone, None, None, degraded)
    photo = resized(Picture(stand.photo.pixels), longest)
    background = session.background(stand, longest, stop)
    if request.scene is Scene.photo:
        alone = lifted(merged, background, _coverage(merged, alone, photo, background, stand.mask))
    return Layers(merged, alone, photo, background, degraded)


def lifted(merged: Picture, background: Picture, coverage: Bytes) -> Picture:
    """What has to lie on a background to give a picture, exactly.

    Args:
        merged, background: RGB of one size.
        coverage: (H, W) uint8, how much of a pixel the result should cover; it covers more where
            less could not turn the one colour into the other.

    Returns:
        RGBA. Laid over the background and rounded, it is the picture in every bit.
    """
    parts = [
        _lifted(*(np.asarray(a[i : i + _ROWS], np.float32) for a in (m, b, coverage)))
        for m, b in [(merged.pixels, background.pixels)]
        for i in range(0, len(m), _ROWS)
    ]
    return Picture(np.concatenate(parts))


def _lifted(merged: Floats, behind: Floats, coverage: Floats) -> Bytes:
    brighter, darker = merged - behind, behind - merged
    # Full white or full black are the strongest inks.
    needed = np.maximum(brighter / np.maximum(255 - behind, 1), darker / np.maximum(behind, 1))
    alpha = np.clip(np.maximum(coverage, np.ceil(needed.max(2) * 255)), 0, 255)[..., None]
    share = alpha / 255
    # An ink's step is less than a level of the result, so that rounding never misses it.
    ink = np.rint((merged - behind * (1 - share)) / np.maximum(share, 1e-6))
    ink = np.clip(ink, 0, 255) * (alpha > 0)
    return np.concatenate([ink, alpha], 2).astype(np.uint8)


def _coverage(
    merged: Picture, alone: Picture, photo: Picture, background: Picture, mask: Mask | None
) -> Bytes:
    """(H, W) the photo's person where the picture is the photo still, the painted one elsewhere."""
    same = (merged.pixels == photo.pixels).all(2).astype(np.uint8)
    same = cv2.morphologyEx(same, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))  # no chance hits
    if mask is None:
        old = (background.pixels != photo.pixels).any(2) * np.uint8(255)
    else:
        old = cv2.resize(mask.pixels, merged.size, interpolation=cv2.INTER_LINEAR)
    return np.where(same > 0, old, alone.pixels[..., 3]).astype(np.uint8)


def _alone(session: Paints, request: Request, merged: Picture, stop: Stop) -> Picture:
    if request.scene is Scene.cutout:
        return merged
    cutout = replace(request, scene=Scene.cutout, longest=max(merged.size))
    pixels = session.paint(cutout, stop).picture.pixels
    if pixels.shape[:2] != merged.pixels.shape[:2]:  # memory ran out only now
        pixels = cv2.resize(pixels, merged.size, interpolation=cv2.INTER_LINEAR)
    return Picture(np.asarray(pixels, np.uint8))
