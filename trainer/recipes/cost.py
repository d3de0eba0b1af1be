"""What an image costs to train on, in seconds of processor time: for budgets that are fair."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from trainer.loop import RunOptions, make_fabric
from trainer.task import Task

_WARM = 2
"""Steps before the clock starts: memory and kernels are chosen in them."""
_MOMENTS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Shares of the run at which steps are timed; some losses start late."""


def cost_of(tasks: Mapping[str, Task], options: Mapping[str, RunOptions]) -> dict[str, float]:
    """Processor seconds an image of every task, steps of one taking turns with those of the others:
    whatever else the machine does then hits all alike. The tasks learn a little by it.

    Args:
        tasks: freshly made, by name.
        options: of the run that is planned, by the same names.

    Returns:
        Seconds of all threads together, batch and step, the mean over the run's moments.
    """
    for name, task in tasks.items():
        task.setup(make_fabric(options[name]))
        for step in range(_WARM):
            _seconds(task, options[name], step, 1.0)
    rounds = [
        {name: _seconds(task, options[name], _WARM + step, moment) for name, task in tasks.items()}
        for step, moment in enumerate(_MOMENTS)
    ]
    return {name: _mean([spent[name] for spent in rounds], options[name]) for name in tasks}


def _seconds(task: Task, options: RunOptions, step: int, progress: float) -> float:
    begun = time.process_time()
    batch = task.batch(np.random.default_rng((options.seed, step)), options.batch)
    task.step(batch, 1e-3, progress)
    return time.process_time() - begun


def _mean(seconds: Sequence[float], options: RunOptions) -> float:
    return float(np.mean(seconds)) / options.batch
