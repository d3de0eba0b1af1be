"""What an evaluation has found so far: figures, gaps, times, judges and sheets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from trainer.metrics.figures import Figure, Gap, Report
from trainer.metrics.sheets import save_sheet


def _on_screen(step: str) -> AbstractContextManager[object]:
    return Console(stderr=True).status(step)


SHOWN: ContextVar[Callable[[str], AbstractContextManager[object]]] = ContextVar(
    "SHOWN", default=_on_screen
)
"""Shows the name of a step while it runs."""


class Notes:
    """Filled by the trials.

    Args:
        folder: where sheets are written; None = nowhere.

    Attributes:
        figures, gaps, times, judges: as in :class:`trainer.metrics.figures.Report`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.figures: list[Figure] = []
        self.gaps: list[Gap] = []
        self.times: dict[str, float] = {}
        self.judges: dict[str, dict[str, Any]] = {}

    def gap(self, identifier: str, reason: str) -> None:
        """Say, once, that a figure could not be measured."""
        gap = Gap(id=identifier, reason=reason)
        if gap not in self.gaps:
            self.gaps.append(gap)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Take the time of a step, and show its name while it runs."""
        start = time.perf_counter()
        with SHOWN.get()(what):
            yield
        self.times[what] = time.perf_counter() - start

    def sheet(self, name: str, make: Callable[[], NDArray[np.uint8]]) -> None:
        """Write FOLDER/name.png, if sheets are wanted. InputError if it cannot be written."""
        if self._folder is None:
            return
        with self.timed(f"sheet {name}"):
            self._folder.mkdir(parents=True, exist_ok=True)
            save_sheet(self._folder / f"{name}.png", make())

    def report(self, about: dict[str, Any]) -> Report:
        """Everything found, of the model that `about` tells of."""
        return Report(
            model=about,
            judges=self.judges,
            figures=self.figures,
            gaps=self.gaps,
            times=self.times,
        )
