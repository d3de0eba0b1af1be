"""A scene as labels: what each pixel is and which object it belongs to; numpy and OpenCV."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.boxes import Box, rows
from engine.errors import InputError
from engine.shapes.label_scan import Instance, areas_of, instances_of

MAX_SIDE = 12_000
MAX_PIXELS = 40_000_000
MAX_ID = 65_535
_TILE = 256
"""Pixels a side of the squares that are sealed one by one."""

Ids = NDArray[np.uint8 | np.uint16]
"""Label ids, (H, W): uint8, or uint16 where the label set has ids above 255."""
Objects = NDArray[np.int32]
"""Object ids, (H, W): 0 = no object."""
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Label:
    """A kind of surface.

    Attributes:
        id: as in label files, 0 to 65,535.
        name: English, as its label set writes it.
        colour: red, green, blue, 0..255.
        things: whether it comes in objects that can be counted, as cars do and sky does not.
        key: the digit that chooses it, 1 to 9; 0 = whichever is free.
    """

    id: int
    name: str
    colour: Colour
    things: bool = False
    key: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.id <= MAX_ID:
            raise InputError(f"The label {self.name!r} needs an id of 0 to {MAX_ID}.")
        if len(self.colour) != 3 or not all(0 <= part <= 255 for part in self.colour):
            raise InputError(f"The label {self.name!r} needs a colour of three numbers, 0 to 255.")
        if not 0 <= self.key <= 9:
            raise InputError(f"The label {self.name!r} needs a key of 1 to 9, or none.")


@dataclass(frozen=True)
class LabelSet:
    """The labels that a map may use.

    Attributes:
        name: for people.
        labels: in the order of the palette.
        void: the id of what is not labelled; ids that the set does not know are read as it.

    Raises:
        InputError: no labels, an id or a name twice, or a `void` that is none of them.
    """

    name: str
    labels: tuple[Label, ...]
    void: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.labels))
        names = [label.name for label in self.labels]
        if not self.labels:
            raise InputError(f"The label set {self.name!r} has no labels.")
        if len(set(self.ids)) < len(self.ids) or len(set(names)) < len(names):
            raise InputError(f"The label set {self.name!r} has an id or a name twice.")
        if self.void not in self.ids:
            raise InputError(f"The label set {self.name!r} has no label {self.void} for the rest.")

    @cached_property
    def ids(self) -> tuple[int, ...]:
        """The ids in the order of the palette."""
        return tuple(label.id for label in self.labels)

    @cached_property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """What holds every id."""
        return np.uint8 if max(self.ids) <= 255 else np.uint16

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(65536,) whether an id is in the set."""
        known = np.zeros(MAX_ID + 1, bool)
        known[list(self.ids)] = True
        return known

    @cached_property
    def colours(self) -> NDArray[np.uint8]:
        """(65536, 3) RGB by id; black for ids that the set does not know."""
        colours = np.zeros((MAX_ID + 1, 3), np.uint8)
        for label in self.labels:
            colours[label.id] = label.colour
        return colours

    @cached_property
    def digest(self) -> bytes:
        """The same for sets that mean the same by their ids, whatever their colours."""
        meant = sorted((label.id, label.name, label.things) for label in self.labels)
        return hashlib.sha256(repr((self.void, meant)).encode()).digest()

    @cached_property
    def _by_id(self) -> dict[int, Label]:
        return {label.id: label for label in self.labels}

    def __contains__(self, label: int) -> bool:
        return label in self._by_id

    def __getitem__(self, label: int) -> Label:
        """The label with an id. KeyError if there is none."""
        return self._by_id[label]

    def named(self, name: str) -> Label:
        """The label with a name. KeyError if there is none."""
        for label in self.labels:
            if label.name == name:
                return label
        raise KeyError(name)


class _Made(NamedTuple):
    """How a map came to be: its number, that of the map it was patched from (0 = none), where."""

    serial: int
    parent: int
    box: Box


_SERIAL = count(1)


@dataclass(frozen=True, eq=False)
class LabelMap:
    """What each pixel is, and which object it belongs to.

    All pixels of an object have the same label; the editing functions keep it so. Ids of objects
    stay theirs for as long as they live, since looks are kept by them.

    Attributes:
        labels: (H, W) ids of the set; uint8, or uint16 if it has ids above 255.
        objects: (H, W) int32, 0 = no object.
        label_set: what the ids mean.

    Raises:
        InputError: another form, two sizes, more than 12,000 px a side or 40 megapixels, ids that
            the set does not know, or negative ids of objects.
    """

    labels: Ids
    objects: Objects
    label_set: LabelSet
    _seals: dict[tuple[int, int], bytes] = field(default_factory=dict, init=False, repr=False)
    _made: _Made = field(init=False, repr=False)

    def __post_init__(self) -> None:
        labels, objects = np.asarray(self.labels), np.asarray(self.objects)
        check_size(labels.shape)
        if objects.shape != labels.shape:
            raise InputError("Labels and objects of a map must have the same size.")
        _check_ids(labels, objects, self.label_set)
        object.__setattr__(self, "_made", _Made(next(_SERIAL), 0, self.box))
        dtype = self.label_set.dtype
        self._hold(np.array(labels, dtype, order="C"), np.array(objects, np.int32, order="C"))

    @classmethod
    def of(
        cls, labels: NDArray[Any], objects: NDArray[Any] | None, label_set: LabelSet
    ) -> LabelMap:
        """A map from whole numbers of any type; None = no objects."""
        owners = np.zeros(labels.shape, np.int32) if objects is None else objects
        return cls(labels, owners, label_set)

    @classmethod
    def blank(cls, size: tuple[int, int], label_set: LabelSet) -> LabelMap:
        """Nothing labelled yet.

        Args:
            size: (width, height) in pixels.
        """
        check_size(size[::-1])
        labels = np.full(size[::-1], label_set.void, label_set.dtype)
        return cls(labels, np.zeros(size[::-1], np.int32), label_set)

    def _hold(self, labels: NDArray[Any], objects: NDArray[np.int32]) -> None:
        labels.flags.writeable = objects.flags.writeable = False
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "objects", objects)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.labels.shape[1], self.labels.shape[0]

    @property
    def box(self) -> Box:
        """The whole map."""
        return (0, 0, *self.size)

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing is labelled."""
        return bool((self.labels == self.label_set.void).all())

    @cached_property
    def digest(self) -> str:
        """The same for equal maps only; after an edit only the squares it touched are read."""
        height, width = self.labels.shape
        seal = hashlib.sha256(self.label_set.digest + str(self.size).encode())
        for top in range(0, height, _TILE):
            for left in range(0, width, _TILE):
                seal.update(self._seal(top, left))
        return seal.hexdigest()

    def _seal(self, top: int, left: int) -> bytes:
        found = self._seals.get((top, left))
        if found is None:
            part = np.s_[top : top + _TILE, left : left + _TILE]
            content = self.labels[part].tobytes() + self.objects[part].tobytes()
            found = self._seals[top, left] = hashlib.sha256(content).digest()
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LabelMap) or other.size != self.size:
            return False
        if other.label_set.digest != self.label_set.digest:
            return False
        place = rows(self.differs_in(other))
        same = np.array_equal(self.labels[place], other.labels[place])
        return same and np.array_equal(self.objects[place], other.objects[place])

    def __hash__(self) -> int:
        return hash(self.digest)

    def patched(self, box: Box, labels: NDArray[Any], objects: NDArray[Any]) -> LabelMap:
        """With other ids in a box; costs a copy of the map and nothing else.

        Args:
            box: within the map.
            labels, objects: (h, w) ids for every pixel of the box.

        Raises:
            InputError: ids that the set does not know, or negative ids of objects.
        """
        _check_ids(labels, objects, self.label_set)
        place = rows(box)
        new_labels, new_objects = self.labels.copy(), self.objects.copy()
        new_labels[place], new_objects[place] = labels, objects
        after = object.__new__(LabelMap)
        object.__setattr__(after, "label_set", self.label_set)
        seals = {at: seal for at, seal in self._seals.items() if not _touches(at, box)}
        object.__setattr__(after, "_seals", seals)
        object.__setattr__(after, "_made", _Made(next(_SERIAL), self._made.serial, box))
        after._hold(new_labels, new_objects)
        return after

    def differs_in(self, other: LabelMap) -> Box:
        """A box outside which two maps of one size are equal; empty if they are equal everywhere.

        It costs nothing between a map and its patch, or between two patches of one map.
        """
        mine, its = self._made, other._made
        if mine.serial == its.serial:
            return (0, 0, 0, 0)
        if mine.parent == its.serial:
            return mine.box
        if its.parent == mine.serial:
            return its.box
        if mine.parent and mine.parent == its.parent:
            return around(mine.box, its.box)
        unequal = (self.labels != other.labels) | (self.objects != other.objects)
        x, y, width, height = cv2.boundingRect(unequal.view(np.uint8))
        return x, y, x + width, y + height

    @cached_property
    def instances(self) -> dict[int, Instance]:
        """Every object by its id, in rising order of ids."""
        return instances_of(self.labels, self.objects)

    @cached_property
    def areas(self) -> dict[int, int]:
        """Pixels of every label that is there, by its id."""
        return areas_of(self.labels)

    @cached_property
    def next_object(self) -> int:
        """An id that no object has."""
        return int(self.objects.max()) + 1

    def at(self, point: tuple[float, float]) -> tuple[int, int] | None:
        """Label and object under a place in pixels; None outside."""
        x, y = int(np.floor(point[0])), int(np.floor(point[1]))
        if not (0 <= x < self.size[0] and 0 <= y < self.size[1]):
            return None
        return int(self.labels[y, x]), int(self.objects[y, x])


def check_size(shape: tuple[int, ...]) -> None:
    """Whether a map may have this (H, W).

    Raises:
        InputError: not two sides, empty, or too large.
    """
    if len(shape) != 2:
        raise InputError("A label map needs one channel: an id for each pixel.")
    height, width = shape
    if min(shape) < 1:
        raise InputError("The label map is empty; it needs at least one pixel.")
    if max(shape) > MAX_SIDE or width * height > MAX_PIXELS:
        raise InputError(
            f"The label map is {width} x {height} px; the limit is {MAX_SIDE} px a side and "
            f"{MAX_PIXELS // 10**6} megapixels. Make it smaller first, without smoothing."
        )


def _check_ids(labels: NDArray[Any], objects: NDArray[Any], label_set: LabelSet) -> None:
    if labels.dtype.kind not in "iu" or objects.dtype.kind not in "iu":
        raise InputError("Labels and objects of a map must be whole numbers.")
    if not labels.size:
        return
    outside = int(labels.min()) < 0 or int(labels.max()) > MAX_ID
    if outside or not label_set.known[labels].all():
        strange = labels[~np.isin(labels, label_set.ids)]
        raise InputError(
            f"The map uses label {int(strange.flat[0])}, which {label_set.name} does not have."
        )
    if int(objects.min()) < 0 or int(objects.max()) >= 2**31 - 1:
        raise InputError("The ids of objects must be 0 to 2147483646.")


def around(a: Box, b: Box) -> Box:
    """The smallest box around two."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _touches(tile: tuple[int, int], box: Box) -> bool:
    top, left = tile
    return box[0] < left + _TILE and box[2] > left and box[1] < top + _TILE and box[3] > top
