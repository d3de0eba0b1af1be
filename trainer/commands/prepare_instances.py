"""`guise prepare instances`: object maps where a data set has labels only."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from engine.errors import InputError
from engine.files import replacing
from engine.shapes.label_objects import numbered
from engine.shapes.labels import LabelMap, LabelSet
from trainer.data.scene_files import pictures_in
from trainer.data.scene_ids import DONT_CARE, checked_labels, read_ids
from trainer.data.scenes import labels_of

_CODED = 1000
_MOST = 999
"""Objects of a class that Cityscapes' numbers have room for."""


def prepare_instances(data: Path, split: str = "", again: bool = False) -> int:
    """Write `{split}_inst` beside every `{split}_label`: each connected piece of a thing is an
    object, numbered class * 1000 + n as Cityscapes does; surfaces keep their class.

    Args:
        data: folder in the pix2pixHD layout, with labels.json unless it is Cityscapes.
        split: train, val or test; without, all that are there.
        again: whether object maps that are there already are made anew.

    Returns:
        How many maps were written.

    Raises:
        InputError: no label maps, ids that the set does not have, or a place that cannot be
            written. Maps that are finished by then stay.
    """
    known = labels_of(data)
    folders = [Path(data) / f"{name}_label" for name in ([split] if split else _SPLITS)]
    there = [folder for folder in folders if folder.is_dir()]
    if not there:
        raise InputError(f"There are no label maps in {data}; they belong in {folders[0].name}.")
    jobs = [
        (path, folder.with_name(folder.name.replace("_label", "_inst")))
        for folder in there
        for path in pictures_in(folder)
    ]
    todo = [(path, place / f"{path.stem}.png") for path, place in jobs]
    todo = [(path, target) for path, target in todo if again or not target.exists()]
    for path, target in track(todo, "Finding objects", transient=True):
        classes = max(known.ids) + 1
        objects = object_numbers(checked_labels(read_ids(path), classes, path), known, path)
        target.parent.mkdir(exist_ok=True)
        done, content = cv2.imencode(".png", objects)
        assert done
        with replacing(target) as file:
            file.write(content.tobytes())
    return len(todo)


_SPLITS = ("train", "val", "test")


def object_numbers(labels: NDArray[np.uint8], known: LabelSet, path: Path) -> NDArray[np.uint16]:
    """(H, W) numbers of objects from (H, W) classes, pixels that do not count as the set's void.

    Raises:
        InputError: more objects than the numbers have room for.
    """
    usable = (labels != DONT_CARE) & known.known[labels]
    shape = LabelMap(
        np.where(usable, labels, known.void).astype(known.dtype),
        np.zeros(labels.shape, np.int32),
        known,
    )
    found = numbered(shape)
    numbers = shape.labels.astype(np.int64)
    for label in known.labels:
        mine = sorted(n for n, one in found.instances.items() if one.label == label.id)
        if len(mine) > _MOST or (mine and label.id * _CODED + len(mine) > np.iinfo(np.uint16).max):
            raise InputError(
                f"{path} has {len(mine)} pieces of {label.name!r}, and object maps number up to "
                f"{_MOST} of a class; remove the specks of the label map first."
            )
        table = np.zeros(int(found.objects.max()) + 1, np.int64)
        table[mine] = label.id * _CODED + np.arange(len(mine))
        where = np.isin(found.objects, mine)
        numbers[where] = table[found.objects[where]]
    return numbers.astype(np.uint16)
