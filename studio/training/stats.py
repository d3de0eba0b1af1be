"""What a training wrote down about itself: the lines of `stats.jsonl`, read as they grow."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CHECKED = "val_"
"""Names of figures on held-out photos begin so."""
_FIXED = frozenset({"step", "images", "seconds", "per_second", "progress"})
_ASIDE = frozenset({"wait", "skipped"})
"""Numbers about the machine, not about the model."""
_MOST_BYTES = 64 << 20
"""Of one file in one look; the rest comes with the next."""


@dataclass(frozen=True)
class Tick:
    """One line.

    Attributes:
        stage: name of the stage's folder; empty = the training has one only.
        seconds: of training since the stage began.
        images: seen since the stage began.
        per_second: images a second.
        progress: 0..1 of the stage.
        values: losses and figures by name, finite ones only.
        alarm: what went wrong and what to do, in a sentence or two; empty = nothing.
    """

    stage: str
    seconds: float
    images: int
    per_second: float
    progress: float
    values: dict[str, float]
    alarm: str = ""


@dataclass(frozen=True)
class Curve:
    """One value over the time of training.

    Attributes:
        minutes: (N,) rising, over all stages.
        values: (N,) finite.
    """

    minutes: NDArray[np.float64]
    values: NDArray[np.float64]

    def smoothed(self, width: int) -> NDArray[np.float64]:
        """(N,) mean of each value and those before it, `width` in all; 1 = as it is."""
        if width <= 1 or not len(self.values):
            return self.values
        sums = np.cumsum(np.concatenate(([0.0], self.values)))
        last = np.arange(1, len(self.values) + 1)
        first = np.maximum(last - width, 0)
        return (sums[last] - sums[first]) / (last - first)


@dataclass
class Stats:
    """All lines of a training's stages, in order.

    A training that was killed and resumed goes back to its last checkpoint; the lines after it
    are dropped, so that time only rises.
    """

    ticks: list[Tick] = field(default_factory=list)
    _read: dict[Path, int] = field(default_factory=dict)

    def look(self, files: list[tuple[str, Path]]) -> bool:
        """Read what is new.

        Args:
            files: stage and path of each `stats.jsonl`, in the order of the stages.

        Returns:
            Whether there was anything new.
        """
        before = len(self.ticks), self.ticks[-1:] or None
        for stage, path in files:
            self._look(stage, path)
        self._sort([stage for stage, _ in files])
        return before != (len(self.ticks), self.ticks[-1:] or None)

    def _look(self, stage: str, path: Path) -> None:
        start = self._read.get(path, 0)
        try:
            if path.stat().st_size < start:  # begun anew
                self.ticks = [tick for tick in self.ticks if tick.stage != stage]
                start = 0
            with path.open("rb") as file:
                file.seek(start)
                content = file.read(_MOST_BYTES)
        except OSError:
            return
        end = content.rfind(b"\n") + 1  # a line that is being written comes with the next look
        self._read[path] = start + end
        for line in content[:end].splitlines():
            tick = _tick(stage, line)
            if tick is not None:
                self._add(tick)

    def _sort(self, stages: list[str]) -> None:
        """Lines of an earlier stage that were read later go before those of the next."""
        places = {stage: place for place, stage in enumerate(stages)}
        self.ticks.sort(key=lambda tick: places.get(tick.stage, -1))

    def _add(self, tick: Tick) -> None:
        while self.ticks and self.ticks[-1].stage == tick.stage:
            if self.ticks[-1].images <= tick.images:
                break
            self.ticks.pop()
        self.ticks.append(tick)

    @property
    def names(self) -> list[str]:
        """Of all curves, in the order of their first line; those of held-out photos last."""
        found = dict.fromkeys(name for tick in self.ticks for name in tick.values)
        return sorted(found, key=lambda name: name.startswith(CHECKED))

    def curves(self) -> dict[str, Curve]:
        """Every value over the time of all stages."""
        points: dict[str, tuple[list[float], list[float]]] = {}
        for minutes, tick in zip(self.minutes(), self.ticks, strict=True):
            for name, value in tick.values.items():
                xs, ys = points.setdefault(name, ([], []))
                xs.append(minutes)
                ys.append(value)
        return {n: Curve(np.array(points[n][0]), np.array(points[n][1])) for n in self.names}

    def minutes(self) -> list[float]:
        """The time of training of each tick, over all stages."""
        found, before, last = list[float](), 0.0, 0.0
        stage = self.ticks[0].stage if self.ticks else ""
        for tick in self.ticks:
            if tick.stage != stage:
                before, stage = last, tick.stage
            last = before + tick.seconds / 60
            found.append(last)
        return found

    def alarms(self) -> list[tuple[float, str]]:
        """When, in minutes of training, something was wrong, and what."""
        pairs = zip(self.minutes(), self.ticks, strict=True)
        return [(minutes, tick.alarm) for minutes, tick in pairs if tick.alarm]

    def stages(self) -> dict[str, float]:
        """When each stage began, in minutes of training."""
        found: dict[str, float] = {}
        last = 0.0
        for minutes, tick in zip(self.minutes(), self.ticks, strict=True):
            found.setdefault(tick.stage, last)
            last = minutes
        return found


def _tick(stage: str, line: bytes) -> Tick | None:
    """A line as it was meant; None if it is damaged."""
    try:
        raw = json.loads(line)  # unlike msgspec it reads NaN, which Python's own writer writes
        seconds, images = float(raw["seconds"]), int(raw["images"])
        numbers = {name: float(v) for name, v in raw.items() if isinstance(v, int | float)}
    except (ValueError, AttributeError, KeyError, TypeError, OverflowError):
        return None
    if not isfinite(seconds):
        return None
    values = {n: v for n, v in numbers.items() if n not in _FIXED | _ASIDE and isfinite(v)}
    alarm = str(raw.get("text", "")) if "alarm" in raw else ""
    return Tick(
        stage,
        seconds,
        images,
        numbers.get("per_second", 0.0),
        numbers.get("progress", 0.0),
        values,
        alarm,
    )
