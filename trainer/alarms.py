"""What goes wrong in trainings, seen from their figures: said once, with what to do."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

Figures = Mapping[str, Any]
_RECENT = 8
"""Ticks over which a figure must stay bad."""
_SETTLED = 0.15
"""Share of the run before which nothing is judged."""
_COLLAPSED = 0.25
"""Share of the highest diversity below which samples count as alike."""
_RISEN = 0.08
"""Share by which a held-out figure must have risen over its best one."""
_LATE = 3
"""Validations in a row that must lie above the best one."""
_ONE_SIDED = 0.04
"""Loss of discriminators below which they tell all pictures apart; 0.5 and 2 are usual."""
_SILENT = 0.02
"""Nats, or share of active numbers, below which a look tells nothing."""
_STARVED = 0.25
"""Share of a step that waits for data."""


class Alarm(NamedTuple):
    """Something that will hardly heal by itself: an id for programs, words for people."""

    id: str
    text: str


TEXTS = {
    "nan": "The loss is not a number; such steps are left out. If it goes on, the last good "
    "checkpoint comes back with half the learning rate.",
    "mode_collapse": "Samples of one shape have become alike; raise the weight of the latent loss, "
    "or go back to an earlier backup with a lower learning rate.",
    "posterior_collapse": "Looks tell the painter nothing any more; lower the weight of the "
    "divergence or let it grow later.",
    "overfit": "Held-out figures get worse while the training loss falls; stop and keep, or train "
    "with more photos.",
    "judge_too_strong": "The discriminator tells all painted pictures apart and teaches nothing; "
    "lower its learning rate or its weight.",
    "data_too_slow": "The step waits for its data; raise --workers, or prepare smaller photos.",
}


class Alarms:
    """Watches the lines of stats.jsonl; every alarm rings once a run.

    Args:
        lines: those that an earlier part of the run has left.
    """

    def __init__(self, lines: Iterable[Figures] = ()) -> None:
        self._rung: set[str] = set()
        self._recent: deque[Figures] = deque(maxlen=_RECENT)
        self._losses: list[float] = []
        self._seen: dict[str, list[float]] = {}
        for line in lines:
            self._rung |= {line["alarm"]} if "alarm" in line else set()
            self.look(line)

    def look(self, line: Figures) -> list[Alarm]:
        """What a further line gives reason to say."""
        if "alarm" in line:
            return []
        held_out = any(name.startswith("val_") for name in line)
        names = self._after_validation(line) if held_out else self._after_tick(line)
        new = [name for name in names if name not in self._rung]
        self._rung |= set(new)
        return [Alarm(name, TEXTS[name]) for name in new]

    def _after_tick(self, line: Figures) -> list[str]:
        self._recent.append(line)
        if "l1" in line:
            self._losses.append(float(line["l1"]))
        names = ["nan"] if line.get("skipped") else []
        if len(self._recent) < _RECENT or float(line.get("progress", 0)) < _SETTLED:
            return names
        checks = {
            "judge_too_strong": self._lasting(_judged, _ONE_SIDED),
            "posterior_collapse": self._lasting(_told, _SILENT),
            "data_too_slow": self._waiting(),
        }
        return names + [name for name, bad in checks.items() if bad]

    def _lasting(self, figures_of: Any, least: float) -> bool:
        """Whether all of some figures were below `least` in all recent ticks."""
        values = [figures_of(line) for line in self._recent]
        return all(found and max(found) < least for found in values)

    def _waiting(self) -> bool:
        return min(float(line.get("wait", 0)) for line in self._recent) > _STARVED

    def _after_validation(self, line: Figures) -> list[str]:
        for name, value in line.items():
            if name.startswith("val_") and math.isfinite(value):
                self._seen.setdefault(name, []).append(float(value))
        names = []
        spread = self._seen.get("val_diversity", [])
        if len(spread) > 1 and spread[-1] < _COLLAPSED * max(spread):
            names.append("mode_collapse")
        if self._overfits():
            names.append("overfit")
        return names

    def _overfits(self) -> bool:
        """Distances to held-out photos lie above their best, the loss still falls."""
        distances = [v for n, v in self._seen.items() if n.endswith("l1") and "random" not in n]
        half = len(self._losses) // 2
        if half < _LATE or not distances:
            return False
        falls = _mean(self._losses[half:]) < _mean(self._losses[:half])
        worse = [
            len(values) > _LATE and min(values[-_LATE:]) > (1 + _RISEN) * min(values[:-_LATE])
            for values in distances
        ]
        return falls and all(worse)


def _judged(line: Figures) -> list[float]:
    return [float(v) for n, v in line.items() if n == "judge" or n.startswith("judge_")]


def _told(line: Figures) -> list[float]:
    """How much looks tell: shares of active numbers where they are known, else divergences."""
    active = [float(v) for n, v in line.items() if n.startswith("active_")]
    return active or [float(v) for n, v in line.items() if n.startswith("kl_")]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a stats.jsonl; one that was cut off is left out."""
    found = []
    try:
        content = path.read_text()
    except OSError:
        return []
    for text in content.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            found.append(line)
    return found
