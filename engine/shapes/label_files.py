"""Label maps from and to image files: label ids with instance ids as Cityscapes writes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.shapes.label_pictures import (
    Numbers,
    read_numbers,
    write_colours,
    write_ids,
    write_palette,
)
from engine.shapes.labels import MAX_ID, LabelMap, LabelSet

PER_LABEL = 1000
"""Instance ids are label * 1000 + number; smaller ones are labels of surfaces."""
_IGNORED = (-1, 255, 65_535, 2**32 - 1)
"""What others write where nothing is labelled, or where nobody cares."""
_INSTANCE_NAMES = (("labelIds", "instanceIds"), ("label", "inst"))


class UnknownColours(InputError):
    """A picture in colours of which somebody must say what they mean."""


@dataclass(frozen=True)
class Opened:
    """A map out of files.

    Attributes:
        scene: the map.
        notes: sentences on what could not be taken as it was; nothing if all could.
    """

    scene: LabelMap
    notes: tuple[str, ...] = ()


def open_label_map(path: Path, label_set: LabelSet, instances: Path | None = None) -> Opened:
    """A map from an image of label ids and, if there is one, an image of instance ids.

    Ids that the set does not know are read as nothing labelled. Instance ids may be 8, 16 or 32
    bit: label * 1000 + number, or plain numbers; where they contradict the labels, labels win.

    Raises:
        UnknownColours: it has colours that the set does not have; see `label_colours`.
        InputError: no usable image, or two sizes.
    """
    labels, notes = _known(ids_in(path, read_numbers(path), label_set), label_set)
    if instances is None:
        return Opened(LabelMap.of(labels, None, label_set), notes)
    numbers = read_numbers(instances)
    if numbers.ids is None:
        raise InputError(f"{instances} holds colours; instance files need one number a pixel.")
    if numbers.shape != labels.shape:
        raise InputError(
            f"{instances.name} is {numbers.shape[1]} x {numbers.shape[0]} px, but {path.name} is "
            f"{labels.shape[1]} x {labels.shape[0]} px; choose the instances of the same picture."
        )
    objects, told = objects_from(labels, numbers.ids, label_set)
    return Opened(LabelMap.of(labels, objects, label_set), (*notes, *told))


def partner(path: Path) -> Path | None:
    """The instance file that belongs to a label file, by the names that data sets use."""
    names = [path.name, *(path.name.replace(old, new) for old, new in _INSTANCE_NAMES)]
    folder = path.parent.name
    folders = [folder, *(folder.replace(old, new) for old, new in _INSTANCE_NAMES)]
    for place in dict.fromkeys(folders):
        for name in dict.fromkeys(names):
            found = path.parent.with_name(place) / name if place else path.with_name(name)
            if found != path and found.is_file():
                return found
    return None


def ids_in(path: Path, numbers: Numbers, label_set: LabelSet) -> NDArray[np.int64]:
    """The label ids of a file.

    A palette is read by its colours where all of them are the set's own, else by its numbers;
    colours count as numbers only where they are grey and the set knows every value.

    Raises:
        UnknownColours: it has colours that must be mapped first.
    """
    colours = numbers.colours
    if colours is None:
        assert numbers.ids is not None
        return numbers.ids
    by_colour = _exact(colours, label_set)
    if by_colour is not None:
        return _cleared(by_colour, numbers, label_set)
    if numbers.ids is not None:
        return numbers.ids
    grey = colours[..., 0].astype(np.int64)
    if (colours == colours[..., :1]).all() and label_set.known[grey].all():
        return _cleared(grey, numbers, label_set)
    raise UnknownColours(
        f"{path} shows colours that {label_set.name} does not have; import it as a colour picture "
        "and say which label each colour means."
    )


def _cleared(ids: NDArray[np.int64], numbers: Numbers, label_set: LabelSet) -> NDArray[np.int64]:
    return ids if numbers.clear is None else np.where(numbers.clear, label_set.void, ids)


def _exact(colours: NDArray[np.uint8], label_set: LabelSet) -> NDArray[np.int64] | None:
    """Ids by the set's own colours, the first label of each; None if there is any other colour."""
    table = np.full(1 << 24, -1, np.int32)
    for label in reversed(label_set.labels):
        table[packed(np.array(label.colour, np.uint8))] = label.id
    ids = table[packed(colours)]
    return None if (ids < 0).any() else ids.astype(np.int64)


def packed(colours: NDArray[np.uint8]) -> NDArray[np.int32]:
    """RGB of the last axis as one number each."""
    parts = colours.astype(np.int32)
    return parts[..., 0] << 16 | parts[..., 1] << 8 | parts[..., 2]


def _known(
    ids: NDArray[np.int64], label_set: LabelSet
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Ids of the set only, and what was said of the others."""
    inside = (ids >= 0) & (ids < len(label_set.known))
    known = label_set.known[np.where(inside, ids, 0)] & inside
    strange = np.setdiff1d(ids[~known], _IGNORED)
    labels = np.where(known, ids, label_set.void)
    if not strange.size:
        return labels, ()
    count = int((~known).sum())
    listed = ", ".join(str(int(value)) for value in strange[:8]) + (", …" * (strange.size > 8))
    return labels, (
        f"{count} pixels have ids that {label_set.name} does not know ({listed}); they are not "
        "labelled now.",
    )


def objects_from(
    labels: NDArray[Any], numbers: NDArray[np.int64], label_set: LabelSet
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Object ids that agree with the labels, and what was said of instance ids that do not.

    Objects keep their instance id. One that lies on two labels becomes two objects.

    Args:
        labels: (H, W) ids of the set.
        numbers: (H, W) instance ids.
    """
    pairs = numbers.ravel() << 16 | labels.ravel().astype(np.int64)
    found, place, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    ids = np.zeros(len(found), np.int64)
    taken: set[int] = set()
    wrong, spare = 0, _spare(found >> 16)
    coded = _coded(found >> 16, found & MAX_ID, label_set)
    for n in np.argsort(-counts, kind="stable"):  # the largest part keeps the number
        owner, agrees = _owner(int(found[n] >> 16), int(found[n] & MAX_ID), label_set, coded)
        wrong += 0 if agrees else int(counts[n])
        if owner and (owner in taken or owner >= spare):
            owner, spare = spare, spare + 1
        taken.add(owner)
        ids[n] = owner
    told = f"The instances contradict the labels at {wrong} pixels; the labels were kept."
    return ids[place.ravel()].reshape(labels.shape), (told,) if wrong else ()


def _spare(numbers: NDArray[np.int64]) -> int:
    """A number above all that can be kept."""
    usable = numbers[(numbers >= 0) & (numbers < 2**30)]
    return int(usable.max(initial=0)) + 1


def _coded(numbers: NDArray[np.int64], labels: NDArray[np.int64], label_set: LabelSet) -> bool:
    """Whether instance ids say labels too, as Cityscapes' do; otherwise they just count."""
    surfaces = np.array([not label_set[int(label)].things for label in labels])
    surfaces &= labels != label_set.void
    agree = ((numbers >= PER_LABEL) & (numbers // PER_LABEL == labels)) | (
        surfaces & (numbers == labels)
    )
    return bool(agree.any())


def _owner(number: int, label: int, label_set: LabelSet, coded: bool) -> tuple[int, bool]:
    """The object (0 = none) of an instance id on a label, and whether the two agree.

    Args:
        coded: whether the id says its label.
    """
    if number <= 0 or label == label_set.void:
        return 0, True
    things = label_set[label].things
    if coded and number >= PER_LABEL:
        agrees = number // PER_LABEL == label
        return (number if agrees or things else 0), agrees
    if coded and (number == label or number in _IGNORED):
        return 0, True
    return (number if things else 0), things or number in _IGNORED


def save_label_ids(scene: LabelMap, path: Path) -> None:
    """Label ids as an 8 or 16 bit PNG. InputError if it cannot be written."""
    write_ids(scene.labels.astype(np.int64), path)


def save_instance_ids(scene: LabelMap, path: Path) -> None:
    """Instance ids as Cityscapes writes them, 16 bit where they fit; numbers that fit are kept.

    Raises:
        InputError: more than 1,000 objects of a label, or the place cannot be written.
    """
    write_ids(instance_ids(scene), path)


def instance_ids(scene: LabelMap) -> NDArray[np.int64]:
    """(H, W) label * 1000 + number for objects, the label elsewhere.

    Raises:
        InputError: more than 1,000 objects of a label, or objects that are not labelled.
    """
    ids = np.zeros(scene.next_object, np.int64)
    for label in scene.label_set.labels:
        numbers = [n for n, one in scene.instances.items() if one.label == label.id]
        if len(numbers) > PER_LABEL:
            raise InputError(
                f"The map has {len(numbers)} objects of {label.name!r}, but instance files number "
                f"at most {PER_LABEL} a label; merge some, or keep the map in a project."
            )
        ids[numbers] = [label.id * PER_LABEL + n for n in _numbers(numbers, label.id)]
    return np.where(scene.objects > 0, ids[scene.objects], scene.labels.astype(np.int64))


def _numbers(objects: list[int], label: int) -> list[int]:
    """A number below 1000 for each object: its own where its id says it, else the next free one."""
    own = [n % PER_LABEL if n // PER_LABEL == label else None for n in objects]
    free = iter(sorted(set(range(PER_LABEL)) - set(own)))
    return [next(free) if number is None else number for number in own]


def save_coloured(scene: LabelMap, path: Path) -> None:
    """The map in its label colours. InputError if it cannot be written."""
    write_colours(scene.label_set.colours[scene.labels], path)


def save_palette(scene: LabelMap, path: Path) -> None:
    """Label ids that other programs show in the label colours.

    Raises:
        InputError: a label id above 255, or the place cannot be written.
    """
    if scene.labels.max() > 255:
        raise InputError("A palette picture holds ids up to 255 only; save label ids instead.")
    write_palette(scene.labels.astype(np.uint8), scene.label_set.colours[:256], path)
