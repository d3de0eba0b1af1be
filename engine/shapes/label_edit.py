"""One step of a label map's history: a box, which of its pixels changed, and both their values."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.boxes import Box, rows
from engine.shapes.labels import LabelMap


@dataclass(frozen=True, eq=False)
class LabelEdit:
    """What changed from one map to another of the same size; tens of kilobytes for a stroke.

    Attributes:
        box: around the changed pixels.
    """

    box: Box
    _mask: bytes
    _before: _Values
    _after: _Values

    @classmethod
    def between(cls, before: LabelMap, after: LabelMap) -> LabelEdit | None:
        """The step from one map to another of the same size; None if they are equal."""
        box = after.differs_in(before)
        place = rows(box)
        changed = before.labels[place] != after.labels[place]
        changed |= before.objects[place] != after.objects[place]
        if not changed.any():
            return None
        mask = zlib.compress(np.packbits(changed).tobytes(), 1)
        old, new = (_Values.of(scene, box, changed) for scene in (before, after))
        return cls(box, mask, old, new)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return len(self._mask) + self._before.nbytes + self._after.nbytes

    def undone(self, scene: LabelMap) -> LabelMap:
        """The map before the step, from the one after it."""
        return self._put(scene, self._before)

    def redone(self, scene: LabelMap) -> LabelMap:
        """The map after the step, from the one before it."""
        return self._put(scene, self._after)

    def _put(self, scene: LabelMap, values: _Values) -> LabelMap:
        labels, objects = scene.labels[rows(self.box)].copy(), scene.objects[rows(self.box)].copy()
        bits = np.frombuffer(zlib.decompress(self._mask), np.uint8)
        mask = np.unpackbits(bits, count=labels.size).reshape(labels.shape).astype(bool)
        labels[mask], objects[mask] = values.labels(labels.dtype), values.objects()
        return scene.patched(self.box, labels, objects)


@dataclass(frozen=True, eq=False)
class _Values:
    """Labels and objects of the pixels of a mask, as runs of equal ones."""

    lengths: NDArray[np.int32]
    kinds: NDArray[Any]
    owners: NDArray[np.int32]

    @classmethod
    def of(cls, scene: LabelMap, box: Box, mask: NDArray[np.bool_]) -> _Values:
        labels, objects = scene.labels[rows(box)][mask], scene.objects[rows(box)][mask]
        new = (labels[1:] != labels[:-1]) | (objects[1:] != objects[:-1])
        starts = np.concatenate([[0], np.flatnonzero(new) + 1])
        lengths = np.diff(starts, append=len(labels)).astype(np.int32)
        return cls(lengths, labels[starts], objects[starts])

    @property
    def nbytes(self) -> int:
        return self.lengths.nbytes + self.kinds.nbytes + self.owners.nbytes

    def labels(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        return np.repeat(self.kinds, self.lengths).astype(dtype)

    def objects(self) -> NDArray[np.int32]:
        return np.repeat(self.owners, self.lengths)
