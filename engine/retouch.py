"""The last touch on a painted person: a softer edge, and colours nearer to the photo's."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.finishing import Finish
from engine.photo import Mask, Photo
from engine.picture import Picture

Bytes = NDArray[np.uint8]

_SAMPLE = 256
"""Colours are measured on about so many pixels a side."""
_GAIN = (0.6, 1.6)
"""Contrast is changed no further than this."""


def finished(
    picture: Picture, finish: Finish, step: float, photo: Photo | None, mask: Mask | None
) -> Picture:
    """A painted person with the last touch; the same picture if there is none to give.

    Args:
        picture: RGBA, straight alpha.
        step: picture pixels a photo pixel covers.
        photo, mask: the photo whose colours are matched and its person; None = nothing to match.
    """
    pixels = picture.pixels
    if finish.match and photo is not None and mask is not None:
        pixels = _matched(pixels, photo.pixels, mask.pixels, finish.match)
    if finish.feather * step > 0.1:
        pixels = _feathered(pixels, finish.feather * step)
    return picture if pixels is picture.pixels else Picture(pixels)


def _feathered(rgba: Bytes, width: float) -> Bytes:
    """An edge that fades inwards over `width` pixels, for colours outside it are nobody's."""
    alpha = rgba[..., 3]
    spread = cv2.GaussianBlur(alpha, (0, 0), width / 2, borderType=cv2.BORDER_CONSTANT)
    faded = cv2.convertScaleAbs(cv2.subtract(spread, np.full_like(alpha, 127)), alpha=2)
    return np.dstack([rgba[..., :3], np.minimum(faded, alpha)])


def _matched(rgba: Bytes, photo: Bytes, mask: Bytes, share: float) -> Bytes:
    """Lightness by mean and deviation, colour by its mean (after Reinhard et al., "Color Transfer
    between Images", 2001); nothing if either person can hardly be seen."""
    mine, theirs = _lab_of(rgba[..., :3], rgba[..., 3]), _lab_of(photo, mask)
    if len(mine) < 64 or len(theirs) < 64:
        return rgba
    gain = np.ones(3)
    gain[0] = np.clip(theirs[:, 0].std() / max(mine[:, 0].std(), 1.0), *_GAIN)
    values = np.arange(256)[:, None]
    aim = (values - mine.mean(0)) * gain + theirs.mean(0)
    table = np.rint(np.clip(values + share * (aim - values), 0, 255)).astype(np.uint8)
    lab = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2LAB)
    rgb = cv2.cvtColor(cv2.LUT(lab, table[None]), cv2.COLOR_LAB2RGB)
    return np.dstack([np.asarray(rgb, np.uint8), rgba[..., 3]])


def _lab_of(rgb: Bytes, alpha: Bytes) -> NDArray[np.float64]:
    """(N, 3) 8-bit CIE Lab of a sample of the opaque pixels."""
    stride = max(1, max(alpha.shape) // _SAMPLE)
    inside = alpha[::stride, ::stride] > 200
    lab = cv2.cvtColor(np.ascontiguousarray(rgb[::stride, ::stride]), cv2.COLOR_RGB2LAB)
    return np.asarray(lab, np.float64)[inside]
