"""Recipes that are each trained for the same processor time; what is done is never done again."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import torch

from engine.files import replacing
from trainer.loop import RunOptions
from trainer.recipes.contestants import Contestant
from trainer.recipes.cost import cost_of

_RUN = "run.json"


class Spent(msgspec.Struct):
    """A model's budget and what it used up so far.

    Attributes:
        images: that its share of time buys.
        seconds_per_image: of the processor, measured before the start.
        cpu_seconds: used by training, loading, checkpoints and sample sheets together.
        model: the trained model's path below its run folder; empty until then.
    """

    images: int
    seconds_per_image: float
    cpu_seconds: float = 0.0
    model: str = ""


@dataclass(frozen=True)
class Run:
    """A contestant in a folder of its own.

    Attributes:
        data: folder that holds the packs.
        seed: of data order, augmentation and initialisation.
    """

    contestant: Contestant
    out: Path
    data: Path
    seed: int = 0

    @property
    def spent(self) -> Spent | None:
        """Its budget; None before that is known."""
        file = self.out / _RUN
        return msgspec.json.decode(file.read_bytes(), type=Spent) if file.exists() else None

    @property
    def model(self) -> Path | None:
        """The trained model; None until then."""
        spent = self.spent
        return self.out / spent.model if spent and spent.model else None

    def keep(self, spent: Spent) -> None:
        """Write its budget down."""
        self.out.mkdir(parents=True, exist_ok=True)
        with replacing(self.out / _RUN) as target:
            target.write(msgspec.json.encode(spent))

    def planned(self, options: RunOptions, images: int = 0) -> RunOptions:
        """The options it is trained with, for so many images; the rate rises over a tenth of them
        at most, else a costly recipe would not come to its full rate."""
        batch = self.contestant.batch
        own: dict[str, Any] = {"out": self.out, "seed": self.seed, "batch": batch}
        if images:
            own["warmup"] = min(options.warmup, max(images // batch // 10, 1))
        return replace(options, **own, **self.contestant.options, images=images)


def budget(runs: Sequence[Run], options: RunOptions) -> None:
    """Measure what an image costs each of the runs that has no budget yet.

    Args:
        options: `minutes` of processor time for the steps of each.
    """
    missing = {run.contestant.name: run for run in runs if run.spent is None}
    if not missing:
        return
    tasks = {n: run.contestant.task(run.contestant.built(run.data)) for n, run in missing.items()}
    costs = cost_of(tasks, {name: run.planned(options) for name, run in missing.items()})
    for name, run in missing.items():
        batch = run.contestant.batch
        images = round(options.minutes * 60 / costs[name] / batch) * batch
        run.keep(Spent(max(images, batch), costs[name]))
    del tasks
    gc.collect()


def train(run: Run, options: RunOptions) -> None:
    """Train a run whose budget is known, from where it stopped; a trained one is left alone."""
    spent = run.spent
    assert spent is not None
    if spent.model:
        return
    torch.manual_seed(run.seed)
    with _counted(spent, run):
        recipe = run.contestant.built(run.data)
        path = run.contestant.train()(recipe, run.planned(options, spent.images))
        spent.model = path.relative_to(run.out).as_posix()
    gc.collect()


@contextmanager
def _counted(spent: Spent, run: Run) -> Iterator[None]:
    """Adds the processor time of the block, also of one that is interrupted."""
    begun = time.process_time()
    try:
        yield
    finally:
        spent.cpu_seconds = round(spent.cpu_seconds + time.process_time() - begun, 1)
        run.keep(spent)
