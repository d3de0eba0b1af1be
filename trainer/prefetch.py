"""Batches made ahead of the steps, by a thread or by processes; the seed follows the step.

With several ranks each makes only every n-th batch, whole, and hands the others their parts: the
work is shared, and batches are the same for any number of ranks.
"""

from __future__ import annotations

import itertools
import os
import queue
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

import cv2
import numpy as np
import torch
import torch.distributed as dist
from lightning_fabric import Fabric
from torch.utils.data import DataLoader, Dataset

from trainer.options import RunOptions
from trainer.ranks import Together, mapped, part_of
from trainer.task import Task

_AHEAD = 2
_MOST = 8


def workers(options: RunOptions, fabric: Fabric) -> int:
    """How many processes make batches; a step on a CPU leaves a single thread time enough."""
    if options.workers >= 0:
        return options.workers
    if fabric.device.type == "cpu" or sys.platform != "linux":
        return 0
    local = max(torch.cuda.device_count(), 1) if fabric.world_size > 1 else 1
    return max(min((os.cpu_count() or 1) // local - 1, _MOST), 0)


def batches(
    task: Task, options: RunOptions, fabric: Fabric, first: int
) -> Generator[Any, None, None]:
    """This rank's parts of the batches of the steps `first`, `first` + 1 and so on.

    Raises:
        Exception: what :meth:`Task.batch` raised.
    """
    strategy = fabric.strategy
    group = strategy.new_group() if isinstance(strategy, Together) else None
    ready: queue.Queue[Any] = queue.Queue(maxsize=_AHEAD)
    ended = threading.Event()

    def put(made: Any) -> None:
        while not ended.is_set():
            try:
                ready.put(made, timeout=0.5)
                return
            except queue.Full:
                continue

    def work() -> None:
        torch.set_num_threads(1)  # this thread only: two pools on the same cores would thrash
        with closing(_parts(task, options, fabric, first, group)) as parts:
            for part in parts:
                failed = isinstance(part, Exception)
                put(part if failed or fabric.device.type != "cuda" else _pinned(part))
                if ended.is_set():
                    return

    thread = threading.Thread(target=work, name="batches", daemon=True)
    thread.start()
    try:
        while True:
            made = ready.get()
            if isinstance(made, Exception):
                raise made
            yield made
    finally:
        ended.set()
        if fabric.world_size == 1:  # else it may wait for ranks that have ended already
            thread.join()


def _parts(
    task: Task, options: RunOptions, fabric: Fabric, first: int, group: dist.ProcessGroup | None
) -> Generator[Any, None, None]:
    rank, world = fabric.global_rank, fabric.world_size
    made = _made(task, options, workers(options, fabric), itertools.count(first + rank, world))
    if group is None:
        yield from made
        return
    for whole in made:
        for maker in range(world):
            yield _handed(whole if maker == rank else None, maker, group, rank, world)


def _handed(whole: Any, maker: int, group: dist.ProcessGroup, rank: int, world: int) -> Any:
    """This rank's part of the batch that `maker` has."""
    parts = None
    if maker == rank:
        failed = isinstance(whole, Exception)
        parts = [whole if failed else _own(part_of(whole, r, world)) for r in range(world)]
    mine: list[Any] = [None]
    dist.scatter_object_list(mine, parts, src=maker, group=group)
    return mine[0]


def _own(part: Any) -> Any:
    """With memory of its own, so that only the part is sent."""
    return mapped(part, lambda tensor: tensor.clone())


def _pinned(part: Any) -> Any:
    """In memory from which a GPU fetches while it computes."""
    return mapped(part, lambda tensor: tensor.pin_memory())


class _Steps(Dataset[Any]):
    """The batch of a step; an error is a value too, so that it arrives as it was raised."""

    def __init__(self, task: Task, options: RunOptions) -> None:
        self.task, self.options = task, options

    def __getitem__(self, step: int) -> Any:
        rng = np.random.default_rng((self.options.seed, step))
        try:
            return self.task.batch(rng, self.options.batch)
        except Exception as error:  # handed to the loop, which raises it
            return error


def _made(
    task: Task, options: RunOptions, count: int, steps: Iterator[int]
) -> Generator[Any, None, None]:
    source = _Steps(task, options)
    if count == 0:
        for step in steps:
            yield source[step]
        return
    loader: DataLoader[Any] = DataLoader(
        source,
        batch_size=None,
        sampler=steps,  # type: ignore[arg-type]
        num_workers=count,
        worker_init_fn=_alone,
        multiprocessing_context="fork",  # a task cannot be sent to a process that starts empty
    )
    yield from loader


def _alone(_: int) -> None:
    cv2.setNumThreads(0)
