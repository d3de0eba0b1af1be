"""Everybody in a photo, by a reader of one person: whoever was found is painted over, then again.

Nobody is listed twice, and nothing is listed that has the limbs of two people.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.framing import bled
from engine.perception.base import Reading
from engine.perception.window import Box
from engine.photo import Mask, Photo
from engine.shapes.seen import seen_people
from engine.shapes.similarity import similarity

MOST = 12
"""People looked for in one photo."""
STRANGE = 1.5
"""Distance from the poses of real people from which a reading mixed up two of them."""
SURE = 0.82
"""Certainty of everybody but the first; bicycles and fences reach 0.8."""
SAME = 0.4
"""Similarity of two poses from which they are one person."""
FRESH = 0.5
"""Share of a new person's pixels that were nobody's yet, at least."""
PARTS = 0.55
"""Side of the squares in which small people are looked for, over the photo's shorter side."""


class PartReader(Protocol):
    """Reads the most central person of a photo, or of a part of it."""

    def read(self, photo: Photo) -> Reading: ...

    def read_in(self, photo: Photo, box: Box) -> Reading: ...


def everyone(reader: PartReader, photo: Photo, most: int = MOST) -> tuple[Reading, ...]:
    """All people of a photo, each with a mask that shares no pixel with the others'.

    The first is the one of `reader.read(photo)`, exactly, unless that one mixes two people who can
    be told apart; the others follow from the largest to the smallest. Empty if nobody is found.

    Args:
        most: at most so many people.
    """
    found: list[Reading] = []
    rest = photo
    while len(found) < most:
        one = next(_candidates(reader, rest, found), None)
        if one is None:
            break
        found.append(one)
        rest = _without(rest, one.mask)
    others = sorted(found[1:], key=lambda one: -int((one.mask.pixels > 127).sum()))
    return tuple(replace(one, photo=photo) for one in _apart([*found[:1], *others]))


def _candidates(reader: PartReader, rest: Photo, found: list[Reading]) -> Iterator[Reading]:
    """New people, the best guess first; looks on only as far as asked."""
    whole = reader.read(rest)
    if whole.found and _mixed(whole):
        parts = (reader.read_in(rest, box) for box in _columns(whole.mask))
        likely = sorted((one for one in parts if _plain(one)), key=_certainty, reverse=True)
        if found or any(_new(one, likely[:1]) for one in likely):
            yield from (one for one in likely if _new(one, found))
    if whole.found and (not found or (_plain(whole) and _new(whole, found))):
        yield whole
    for box in _squares(rest.size):
        one = reader.read_in(rest, box)
        if one.found:
            one = reader.read_in(rest, _grown(one.mask))
        if _plain(one) and _new(one, found):
            yield one


def _mixed(reading: Reading) -> bool:
    return STRANGE < seen_people().distance(reading.pose) < math.inf


def _plain(reading: Reading) -> bool:
    """Whether this is one person beyond doubt."""
    return reading.found and _certainty(reading) >= SURE and not _mixed(reading)


def _certainty(reading: Reading) -> float:
    """Mean confidence of the twelve surest joints: as many as a person behind a table shows."""
    return float(np.sort(reading.confidence)[-12:].mean())


def _new(reading: Reading, found: list[Reading]) -> bool:
    """Whether this is somebody who is not among those found."""
    if any(similarity(reading.pose, one.pose) > SAME for one in found):
        return False
    mine = reading.mask.pixels > 127
    taken = _taken(found, mine.shape) > 127
    return bool((mine & ~taken).sum() >= max(FRESH * mine.sum(), 1))


def _taken(found: list[Reading], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    out = np.zeros(shape, np.uint8)
    for one in found:
        np.maximum(out, one.mask.pixels, out=out)
    return out


def _apart(found: list[Reading]) -> Iterator[Reading]:
    """The readings, each mask without the pixels of those before it."""
    for number, one in enumerate(found):
        taken = _taken(found[:number], one.mask.pixels.shape)
        yield replace(one, mask=Mask(np.minimum(one.mask.pixels, 255 - taken))) if number else one


def _without(photo: Photo, mask: Mask) -> Photo:
    """The photo with the surroundings' colours where the person was."""
    left, top, right, bottom = _bounds(mask)
    air = max(4, round(max(bottom - top, right - left) / 20))
    window = np.s_[
        max(top - 2 * air, 0) : bottom + 2 * air, max(left - 2 * air, 0) : right + 2 * air
    ]
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (air | 1, air | 1))
    person = cv2.dilate((mask.pixels[window] > 40).astype(np.uint8), kernel)
    pixels = photo.pixels.copy()
    pixels[window] = bled(pixels[window], (255 * (1 - person)).astype(np.uint8))
    return Photo(pixels)


def _bounds(mask: Mask) -> Box:
    """Around the person; the whole photo if the mask is empty."""
    rows, columns = (np.nonzero((mask.pixels > 127).any(axis))[0] for axis in (1, 0))
    if not len(rows):
        return 0, 0, *mask.size
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _grown(mask: Mask) -> Box:
    """So much around a part of a person that the whole person is in it."""
    left, top, right, bottom = _bounds(mask)
    air = max(bottom - top, right - left)
    width, height = mask.size
    return (
        max(left - air // 2, 0),
        max(top - air, 0),
        min(right + air // 2, width),
        min(bottom + air, height),
    )


def _columns(mask: Mask) -> list[Box]:
    """Left, middle and right parts of a mask that holds two people."""
    left, top, right, bottom = _bounds(mask)
    width = right - left
    return [
        (left + round(width * start), top, max(left + round(width * end), left + 1), bottom)
        for start, end in ((0.0, 0.45), (0.0, 0.6), (0.25, 0.75), (0.4, 1.0), (0.55, 1.0))
    ]


def _squares(size: tuple[int, int]) -> list[Box]:
    """Overlapping squares that cover the photo, from the top left."""
    side = max(1, round(PARTS * min(size)))
    steps = [-(-2 * (length - side) // side) + 1 for length in size]
    xs, ys = (
        np.linspace(0, length - side, count).round().astype(int).tolist()
        for length, count in zip(size, steps, strict=True)
    )
    return [(x, y, x + side, y + side) for y in ys for x in xs]
