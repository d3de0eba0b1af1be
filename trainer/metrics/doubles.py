"""Held-out photos that are in the training split under another name."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.data.coco import PersonSample

SAME = 0.95
"""Correlation from which two photos are one; the most alike different ones reach about 0.84."""
_HEIGHT = 96
_THUMB = (16, 24)
_CANDIDATES = 10
"""Training photos with the most similar thumbnails that are compared closely."""
PROTOCOL = (
    f"the middle two thirds of a held-out photo, at {_HEIGHT} px, found anywhere in a training "
    f"photo with a correlation of {SAME} or more"
)

Pixels = NDArray[np.uint8]


def doubles(held_out: Sequence[PersonSample], train: Sequence[PersonSample]) -> dict[str, str]:
    """Names of held-out photos -> name of the training photo that shows the same.

    Other cuts of a photo are found too: copies are compared wherever they fit. InputError if a
    photo is missing or damaged.
    """
    if not train:
        return {}
    known = [_small(sample) for sample in train]
    thumbs = np.stack([_thumb(photo) for photo in known])
    found = {}
    for sample in held_out:
        photo = _small(sample)
        nearest = np.abs(thumbs - _thumb(photo)).mean((1, 2, 3)).argsort()[:_CANDIDATES]
        best = max(nearest, key=lambda i: correlation(photo, known[i]))
        if correlation(photo, known[best]) >= SAME:
            found[sample.photo.name] = train[best].photo.name
    return found


def correlation(photo: Pixels, other: Pixels) -> float:
    """-1..1: how well the middle of one (H, W, 3) photo is found in another of the same scale."""
    height, width = photo.shape[:2]
    middle = photo[height // 6 : height - height // 6, width // 6 : width - width // 6]
    if other.shape[0] < middle.shape[0] or other.shape[1] < middle.shape[1]:
        return -1.0
    return float(cv2.matchTemplate(other, middle, cv2.TM_CCOEFF_NORMED).max())


def _small(sample: PersonSample) -> Pixels:
    pixels, _ = sample.read()
    size = max(round(pixels.shape[1] * _HEIGHT / pixels.shape[0]), 8), _HEIGHT
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _thumb(photo: Pixels) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(photo, _THUMB, interpolation=cv2.INTER_AREA), np.float32)
