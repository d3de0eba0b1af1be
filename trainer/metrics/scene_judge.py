"""A judge of painted scenes: a reader of labels that no painter was trained with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch.nn import functional as F

from engine import registry, weights
from engine.errors import InputError
from engine.perception.segments import SegmentsReader
from engine.runtime import Runtime
from engine.shapes.labels import LabelMap, LabelSet
from trainer.metrics.memory import Memory, digest, stamp
from trainer.metrics.segmentation import Agreement, Counts, agreement, confusion

Pixels = NDArray[np.uint8]
_IGNORED = -1
_REMEMBERED = 2_000
"""Tables of confusions that are kept, about 10 kB each."""
PROTOCOL = (
    "labels read again by a segmentation network of its own, trained on the pack's train photos "
    "with another seed and other sizes than the bundled reader; compared at the map's size, "
    "mIoU over the classes that occur, pixels without a class left out"
)


class SceneJudge:
    """The reader, and what it finds in pictures of given label maps.

    Args:
        path: model file of `guise train segmenter --preset judge`.

    Attributes:
        sha256: of its weights.
    """

    def __init__(self, path: Path, runtime: Runtime) -> None:
        loaded = weights.load(path)
        reader = registry.build(loaded, runtime)
        if not isinstance(reader, SegmentsReader):
            raise InputError(f"{path} does not read the labels of scenes; train one with "
                             "`guise train segmenter --preset judge`.")  # fmt: skip
        self._reader, self.sha256 = reader, loaded.digest
        self._confusions: Memory[Counts] = Memory(_REMEMBERED)

    def reads(self, known: LabelSet) -> bool:
        """Whether the ids that it finds mean the same in a label set."""
        mine, theirs = ({label.id: label.name for label in each.labels}
                        for each in (self._reader.config.label_set, known))  # fmt: skip
        return all(mine.get(n) == theirs.get(n) for n in self._reader.config.outputs)

    def labels(self, picture: Pixels, size: tuple[int, int]) -> NDArray[np.int64]:
        """(H, W) ids found in an RGB picture, at (height, width)."""
        logits = self._reader.logits(picture)[None]
        large = F.interpolate(logits, size, mode="bilinear", align_corners=False)[0]
        return np.array(self._reader.config.outputs)[large.argmax(0).numpy()]

    def agreement(self, pairs: Iterable[tuple[LabelMap, Pixels]]) -> Agreement:
        """How well the pictures show their maps, all of them together."""
        return agreement(np.sum([self.confusion(*pair) for pair in pairs], axis=0))

    def confusion(self, shape: LabelMap, picture: Pixels) -> Counts:
        """Pixels by true and found class; those of classes that it does not read are left out."""
        key = digest(shape.labels, picture)
        return self._confusions.of(key, lambda: self._confusion(shape, picture))

    def _confusion(self, shape: LabelMap, picture: Pixels) -> Counts:
        known = np.zeros(65_536, bool)
        known[list(self._reader.config.outputs)] = True
        truth = np.where(known[shape.labels], shape.labels.astype(np.int64), _IGNORED)
        classes = max(self._reader.config.outputs) + 1
        return confusion(truth, self.labels(picture, shape.labels.shape), classes)


_LOADED: Memory[SceneJudge] = Memory(2)


def loaded(path: Path, runtime: Runtime) -> SceneJudge:
    """The judge of a file, read once and with all that it remembers.

    Raises:
        GuiseError: no such file, or it reads no labels of scenes.
    """
    if not path.is_file():
        return SceneJudge(path, runtime)
    return _LOADED.of((stamp(path), str(runtime)), lambda: SceneJudge(path, runtime))
