"""Held-out photos that are in the training split under another name."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.data.coco import PersonSample
from trainer.metrics.memory import Memory, stamp

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

_FOUND: Memory[dict[str, str]] = Memory(4)
"""By the files: models of one report are judged on the same photos."""

Pixels = NDArray[np.uint8]
Named = tuple[str, Pixels]


def doubles(held_out: Sequence[PersonSample], train: Sequence[PersonSample]) -> dict[str, str]:
    """Names of held-out photos -> name of the training photo that shows the same.

    Other cuts of a photo are found too: copies are compared wherever they fit. InputError if a
    photo is missing or damaged.
    """
    try:
        shown = tuple(tuple(stamp(s.photo) for s in part) for part in (held_out, train))
    except OSError:
        return _doubles(held_out, train)  # which says what is missing
    return _FOUND.of(shown, lambda: _doubles(held_out, train))


def _doubles(held_out: Sequence[PersonSample], train: Sequence[PersonSample]) -> dict[str, str]:
    known, asked = (
        [(s.photo.name, small(s.read()[0])) for s in part] for part in (train, held_out)
    )
    return twins(asked, known)


def twins(held_out: Sequence[Named], train: Sequence[Named]) -> dict[str, str]:
    """The same of photos at the height of :func:`small`, each with its name."""
    if not train:
        return {}
    thumbs = np.stack([_thumb(photo) for _, photo in train])
    found = {}
    for name, photo in held_out:
        nearest = np.abs(thumbs - _thumb(photo)).mean((1, 2, 3)).argsort()[:_CANDIDATES]
        best = max(nearest, key=lambda i: correlation(photo, train[i][1]))
        if correlation(photo, train[best][1]) >= SAME:
            found[name] = train[best][0]
    return found


def correlation(photo: Pixels, other: Pixels) -> float:
    """-1..1: how well the middle of one (H, W, 3) photo is found in another of the same scale."""
    height, width = photo.shape[:2]
    middle = photo[height // 6 : height - height // 6, width // 6 : width - width // 6]
    if other.shape[0] < middle.shape[0] or other.shape[1] < middle.shape[1]:
        return -1.0
    return float(cv2.matchTemplate(other, middle, cv2.TM_CCOEFF_NORMED).max())


def small(pixels: Pixels) -> Pixels:
    """A photo at the height at which photos are compared, 96 px."""
    size = max(round(pixels.shape[1] * _HEIGHT / pixels.shape[0]), 8), _HEIGHT
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _thumb(photo: Pixels) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(photo, _THUMB, interpolation=cv2.INTER_AREA), np.float32)
