"""The training photo most like a held-out one: what a model must beat to have learnt anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.data.coco import PersonSample
from trainer.metrics.features import FeatureJudge
from trainer.metrics.memory import Memory
from trainer.metrics.similarity import Box
from trainer.metrics.stage import Person, on_white, person_box

PROTOCOL = (
    "nearest training photo by joints in the frame (root mean square) and, apart from that, by "
    "the judge's features of the person's box"
)
NEAREST = ("nearest training photo by pose", "nearest training photo by features")
"""Names of the two, in the order of :class:`Match`."""


class Match(NamedTuple):
    """Indices into the training samples."""

    by_pose: int
    by_features: int


class TrainingPhotos:
    """All training people, described once.

    Args:
        samples: the training split; people that cannot be framed are left out.
        side: side of the frame in pixels.
    """

    def __init__(self, samples: Sequence[PersonSample], side: int, judge: FeatureJudge) -> None:
        self._side, self._judge = side, judge
        self._samples: list[PersonSample] = []
        joints, features = [], []
        for sample in samples:
            person = Person.of(sample)
            if not person.usable:
                continue
            rgba = person.cut(side)
            self._samples.append(sample)
            joints.append(person.framed(person.pose, side).xy)
            features.append(judge.summary(inside(rgba, person_box(rgba))))
        self._joints = np.array(joints)
        self._features = np.array(features)

    def __len__(self) -> int:
        return len(self._samples)

    def match(self, person: Person) -> Match:
        """The nearest by pose and by the judge's features."""
        joints = person.framed(person.pose, self._side).xy
        return Match(
            int(np.square(self._joints - joints).sum((1, 2)).argmin()),
            self.alike(person.cut(self._side)),
        )

    def alike(self, rgba: NDArray[np.uint8]) -> int:
        """The nearest to a (side, side, 4) person by the judge's features."""
        feature = self._judge.summary(inside(rgba, person_box(rgba)))
        return int(np.square(self._features - feature).sum(1).argmin())

    def distance(self, rgba: NDArray[np.uint8]) -> float:
        """Feature distance of a (side, side, 4) person to the training person most alike."""
        box = person_box(rgba)
        other = self.cut(self.alike(rgba))
        return float(self._judge.distances(inside(rgba, box), inside(other, box)).sum())

    def cut(self, index: int) -> NDArray[np.uint8]:
        """(side, side, 4) the training person in their own frame."""
        return Person.of(self._samples[index]).cut(self._side)


_LAST: Memory[TrainingPhotos] = Memory(1)
"""The training people described last: models of one report are compared with the same ones."""


def described(samples: Sequence[PersonSample], side: int, judge: FeatureJudge) -> TrainingPhotos:
    """All training people, described; not again if they were the last ones to be described."""
    key = (side, judge.sha256, *(sample.photo for sample in samples))
    return _LAST.of(key, lambda: TrainingPhotos(samples, side, judge))


def inside(rgba: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """What the box shows, on white."""
    return on_white(np.ascontiguousarray(box.of(rgba)))
