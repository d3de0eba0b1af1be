"""A label map at the size a network takes, and the regions it consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.shapes.labels import LabelMap

_SPARSE = 4
"""Ids are counted in a table unless that has this many more entries than there are pixels."""


class Region(NamedTuple):
    """What has one look: an object, or all of a class that is no object.

    Attributes:
        label: its class.
        thing: its object id; 0 = none.
    """

    label: int
    thing: int


@dataclass(frozen=True)
class Regions:
    """A map as numbers of regions.

    Attributes:
        listed: the regions, in rising order of object, then class.
        number: (H, W) int64, the region of every pixel as its place in `listed`.
        labels: (H, W) class ids.
        size: (height, width) of the map proper; the rest, right and below, is padding.
    """

    listed: tuple[Region, ...]
    number: NDArray[np.int64]
    labels: NDArray[Any]
    size: tuple[int, int]


def regions(shape: LabelMap, side: int, stride: int, by_class: bool = False) -> Regions:
    """The regions of a map at `side` pixels along its longer side, padded for a network.

    Args:
        stride: what heights and widths must be multiples of; the least is two of it, because
            published networks mirror their smallest maps at the border.
        by_class: whether objects are ignored.
    """
    height, width = size_at(shape.size, side)
    rows = _places(height, shape.labels.shape[0], stride)
    columns = _places(width, shape.labels.shape[1], stride)
    labels = shape.labels[rows[:, None], columns]
    objects = shape.objects[rows[:, None], columns]
    kinds, kind = compact(labels)
    things, thing = compact(np.zeros_like(objects) if by_class else objects)
    used, number = compact(thing * len(kinds) + kind)
    listed = tuple(Region(int(kinds[u % len(kinds)]), int(things[u // len(kinds)])) for u in used)
    return Regions(listed, number, labels, (height, width))


def size_at(size: tuple[int, int], side: int) -> tuple[int, int]:
    """(height, width) of a canvas (width, height) whose longer side is given `side` pixels."""
    width, height = (max(round(length * side / max(size)), 1) for length in size)
    return height, width


def padded(length: int, stride: int) -> int:
    """The least length that a network takes and that holds another."""
    return max(-(-length // stride), 2) * stride


def _places(wanted: int, there: int, stride: int) -> NDArray[np.int64]:
    """Which row (or column) of a map each row of its padded copy shows; the last one repeats."""
    places = np.minimum(np.arange(padded(wanted, stride)), wanted - 1)
    return ((places + 0.5) * there / wanted).astype(np.int64)


def compact(ids: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ids (>= 0) that are there, in rising order, and the place of every one among them."""
    top = int(ids.max())
    if top > _SPARSE * ids.size:
        found, place = np.unique(ids, return_inverse=True)
        return found.astype(np.int64), place.reshape(ids.shape)
    there = np.zeros(top + 1, bool)
    there[ids] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[ids]
