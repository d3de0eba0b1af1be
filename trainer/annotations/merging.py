"""Corrected label maps laid over those of the files: what was not corrected keeps its numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.label_files import PER_LABEL, instance_ids, objects_from
from engine.shapes.labels import LabelMap, LabelSet

Ids = NDArray[np.int32]


@dataclass(frozen=True)
class Maps:
    """A label map as numbers.

    Attributes:
        labels: (H, W) ids.
        objects: (H, W) label * 1000 + number, or the label where there is no object.
    """

    labels: Ids
    objects: Ids


def seen(labels: Ids, objects: Ids | None, known: LabelSet) -> Maps:
    """What an editor shows of the numbers in files: ids of the set, objects in Cityscapes' form.

    Raises:
        InputError: more objects of a label than such numbers have room for.
    """
    inside = (labels >= 0) & (labels < len(known.known))
    shown = np.where(known.known[np.where(inside, labels, 0)] & inside, labels, known.void)
    owners = None if objects is None else objects_from(shown, objects.astype(np.int64), known)[0]
    coded = instance_ids(LabelMap.of(shown, owners, known))
    return Maps(shown.astype(np.int32), coded.astype(np.int32))


def corrected(labels: Ids | None, objects: Ids | None, before: Maps, known: LabelSet) -> Maps:
    """A correction made whole: what it does not tell stays, and objects agree with labels.

    Raises:
        InputError: labels that the set does not have.
    """
    if labels is None:
        labels = before.labels
    elif strange := sorted(set(np.unique(labels).tolist()) - set(known.ids)):
        raise InputError(f"The corrected labels have {strange[0]}, which {known.name} has not.")
    if objects is None:
        objects = np.where(labels != before.labels, labels, before.objects)
    return seen(labels, objects, known)


def merged(old: Ids, before: Ids, after: Ids) -> Ids:
    """The numbers of a file, changed where what is shown of them has changed."""
    return np.where(after != before, after, old).astype(np.int32)


def merged_objects(old: Ids, before: Maps, after: Maps) -> Ids:
    """As :func:`merged`, also in files whose objects are numbered some other way.

    There an object that grew keeps its number, and a new one gets one that is free.
    """
    differs = (after.objects != before.objects) | (after.labels != before.labels)
    if (old >= PER_LABEL).any() or not differs.any():
        return np.where(differs, after.objects, old).astype(np.int32)
    values = after.objects.copy()
    free = int(old.max(initial=0)) + 1
    for value in np.unique(after.objects[differs]).tolist():
        kept = old[(before.objects == value) & (after.objects == value)]
        number = int(np.bincount(kept[kept >= 0]).argmax()) if (kept >= 0).any() else free
        free += number == free
        values[after.objects == value] = number
    if free > PER_LABEL:  # from here on numbers say labels too
        return after.objects
    return np.where(differs, values, old).astype(np.int32)
