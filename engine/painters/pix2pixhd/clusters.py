"""Which looks a class has: cluster centres and the mean, and which of them an object gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import ModelError
from engine.scene_looks import PREFIX as PREFIX
from engine.scene_looks import dice

_PLACES = 1000
"""Steps between the darkest and the lightest look that surfaces are drawn from."""
Look = NDArray[np.float32]
"""(F,) numbers, each most likely within -1..1."""


@dataclass(frozen=True)
class Clusters:
    """The looks that were found in training, by class id.

    Attributes:
        features: numbers a look.
        centres: (K, F) of every class that has clusters.
        means: (F,) of every class that was seen, also of those too small to have clusters.
    """

    features: int
    centres: Mapping[int, NDArray[np.float32]] = field(default_factory=dict)
    means: Mapping[int, Look] = field(default_factory=dict)

    def of(self, label: int) -> NDArray[np.float32]:
        """(K, F) looks to choose from, at least one: clusters, else the mean of the class, else
        the mean of all classes."""
        found = self.centres.get(label)
        return self.mean(label)[None] if found is None else found

    def mean(self, label: int) -> Look:
        """The mean look of a class, else that of its clusters, else of all classes."""
        if label in self.means:
            return self.means[label]
        if label in self.centres:
            return self.centres[label].mean(0)
        known = list(self.means.values()) or [rows.mean(0) for rows in self.centres.values()]
        return np.mean(known, axis=0) if known else np.zeros(self.features, np.float32)

    def drawn(self, seed: int, label: int, thing: int) -> Look:
        """One of the looks of a class for an object, the same on every computer.

        Surfaces (thing 0) take the same place in the order of their classes' looks, which training
        leaves from dark to light: road and houses then stand in one light.
        """
        looks = self.of(label)
        if thing:
            return looks[dice(seed, label, thing) % len(looks)]
        return looks[dice(seed, -1, 0) % _PLACES * len(looks) // _PLACES]

    def tensors(self) -> dict[str, Tensor]:
        """For a model file; :func:`clusters_from` is the inverse."""
        centres = [(label, row) for label in sorted(self.centres) for row in self.centres[label]]
        means = sorted(self.means.items())
        return self._stored("centres", centres) | self._stored("means", means)

    def _stored(self, name: str, rows: Sequence[tuple[int, Look]]) -> dict[str, Tensor]:
        labels = np.array([label for label, _ in rows], np.int32)
        looks = np.array([row for _, row in rows], np.float32).reshape(-1, self.features)
        return {
            f"{PREFIX}{name}.labels": torch.from_numpy(labels),
            f"{PREFIX}{name}.looks": torch.from_numpy(looks),
        }


def clusters_from(tensors: Mapping[str, Tensor], features: int) -> Clusters:
    """The table of a model file; empty if it holds none.

    Raises:
        ModelError: tensors of another size.
    """
    centres, means = (_table(tensors, name, features) for name in ("centres", "means"))
    grouped = {
        label: np.stack([row for key, row in centres if key == label]) for label, _ in centres
    }
    return Clusters(features, grouped, dict(means))


def _table(tensors: Mapping[str, Tensor], name: str, features: int) -> list[tuple[int, Look]]:
    labels = tensors.get(f"{PREFIX}{name}.labels")
    looks = tensors.get(f"{PREFIX}{name}.looks")
    if labels is None or looks is None or not len(labels):
        return []
    if looks.shape != (len(labels), features):
        raise ModelError(f"The looks of this model do not have the {features} numbers of its card.")
    return list(zip(labels.tolist(), looks.float().numpy(), strict=True))
