"""What a map of labels and objects holds, found in one pass over its rows; pure numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.boxes import Box

_TABLE = 10_000_000
"""Ids below this are counted in a table."""


@dataclass(frozen=True)
class Instance:
    """One object of a map.

    Attributes:
        id: its number, from 1.
        label: the label that most of its pixels have.
        box: the smallest one around it.
        area: its pixels.
    """

    id: int
    label: int
    box: Box
    area: int


def areas_of(labels: NDArray[Any]) -> dict[int, int]:
    """Pixels of every id that is there."""
    counts = np.bincount(labels.ravel())
    return {int(label): int(counts[label]) for label in np.flatnonzero(counts)}


def instances_of(labels: NDArray[Any], objects: NDArray[np.int32]) -> dict[int, Instance]:
    """Every object by its id, in rising order.

    Args:
        labels, objects: (H, W) ids; object 0 is none.
    """
    starts, lengths = _runs(labels, objects)
    width = objects.shape[1]
    ids, kinds = objects.ravel()[starts], labels.ravel()[starts]
    names = np.flatnonzero(np.bincount(ids)) if len(ids) and ids.max() < _TABLE else np.unique(ids)
    which = np.searchsorted(names, ids)
    x, y = starts % width, starts // width
    left, right = np.full(len(names), width), np.zeros(len(names), int)
    top, bottom = np.full(len(names), objects.shape[0]), np.zeros(len(names), int)
    np.minimum.at(left, which, x)
    np.maximum.at(right, which, x + lengths)
    np.minimum.at(top, which, y)
    np.maximum.at(bottom, which, y + 1)
    area = np.bincount(which, lengths, len(names)).astype(int)
    label = _labels(which, kinds, lengths, len(names))
    return {
        int(name): Instance(
            int(name),
            int(label[n]),
            (int(left[n]), int(top[n]), int(right[n]), int(bottom[n])),
            int(area[n]),
        )
        for n, name in enumerate(names)
    }


def _runs(labels: NDArray[Any], objects: NDArray[np.int32]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where pieces of rows of one object and label start in the flattened map, and how long."""
    new = np.ones(objects.shape, bool)
    new[:, 1:] = (objects[:, 1:] != objects[:, :-1]) | (labels[:, 1:] != labels[:, :-1])
    starts = np.flatnonzero(new)
    lengths = np.diff(starts, append=objects.size)
    real = objects.ravel()[starts] > 0
    return starts[real], lengths[real]


def _labels(
    which: NDArray[Any], kinds: NDArray[Any], lengths: NDArray[Any], count: int
) -> NDArray[np.int64]:
    """The label with most pixels, for each object."""
    label = np.zeros(count, np.int64)
    label[which] = kinds
    if (label[which] == kinds).all():  # each has one, as it should be
        return label
    pairs, place = np.unique(np.column_stack([which, kinds]), axis=0, return_inverse=True)
    area = np.bincount(place.ravel(), lengths)
    order = np.lexsort((area, pairs[:, 0]))  # the last of each object is its largest
    label[pairs[order, 0]] = pairs[order, 1]
    return label
