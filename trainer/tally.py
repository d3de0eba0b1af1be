"""Means of the losses between two ticks, over all steps and ranks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch.distributed as dist
from lightning_fabric import Fabric

from trainer.ranks import Together


class Line(NamedTuple):
    """What a tick tells.

    Attributes:
        figures: means of the losses; `wait`, the share of time spent waiting for data; `skipped`,
            steps whose loss was not a number, if there were any.
        per_second: images, of all ranks together.
    """

    figures: dict[str, float]
    per_second: float


class Tally:
    """Sums since the last tick."""

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self._clear()

    def _clear(self) -> None:
        self._sums: dict[str, tuple[float, int]] = {}
        self._skipped = self._steps = self._images = 0
        self._seconds = self._waited = 0.0

    def add(self, losses: Mapping[str, float]) -> bool:
        """Count a step's losses; whether all of them are numbers."""
        self._steps += 1
        if not all(math.isfinite(value) for value in losses.values()):
            self._skipped += 1
            return False
        for name, value in losses.items():
            total, count = self._sums.get(name, (0.0, 0))
            self._sums[name] = (total + value, count + 1)
        return True

    def spent(self, seconds: float, waited: float, images: int) -> None:
        """Count a step's time, that in which it waited for its data, and its images."""
        self._seconds += seconds
        self._waited += waited
        self._images += images

    def taken(self) -> Line | None:
        """The means since the last tick, of all ranks; None without a step. All ranks must ask."""
        if not self._steps:
            return None
        sums = self._gathered()
        figures = {name: total / count for name, (total, count) in sums.items()}
        figures["wait"] = round(self._waited / max(self._seconds, 1e-9), 4)
        if self._skipped:
            figures["skipped"] = self._skipped
        line = Line(figures, self._images / max(self._seconds, 1e-9))
        self._clear()
        return line

    def _gathered(self) -> dict[str, tuple[float, int]]:
        strategy = self._fabric.strategy
        if not isinstance(strategy, Together):
            return self._sums
        found: list[dict[str, tuple[float, int]]] = [{}] * self._fabric.world_size
        dist.all_gather_object(found, self._sums, group=strategy.control)
        names = dict.fromkeys(name for sums in found for name in sums)
        every = {name: [sums[name] for sums in found if name in sums] for name in names}
        return {n: (sum(t for t, _ in e), sum(c for _, c in e)) for n, e in every.items()}
