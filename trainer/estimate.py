"""What a run will need: a few short steps on real data tell memory and speed before the start."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from trainer.networks.memory import free_bytes, gib, kept_by
from trainer.options import RunOptions
from trainer.ranks import part_of
from trainer.task import Task

_SIZES = (2, 4)
"""Images of the trial steps, each rank's."""
_LATE = 0.95
"""Share of the run at which a step is tried: every loss takes part by then."""
_USABLE = 0.8
"""Share of the free memory that is counted on."""
_MOST = 16
"""Images of a rank at most: more of them are fewer steps."""
_BATCHES = (1, 2, 3, 4, 6, 8, 12, 16)


class Stage(NamedTuple):
    """What one stage needs; None = cannot be known yet.

    Attributes:
        name: of the stage.
        minutes: of its budget; of `images` if that is given.
        batch: images a step.
        bytes: of memory, about.
        per_second: images.
        images: in the budget, about.
        text: memory, in words.
    """

    name: str
    minutes: float | None
    batch: int
    bytes: int | None
    per_second: float | None
    images: int | None
    text: str


class Estimated(Exception):
    """Raised instead of training, where only an estimate was asked for.

    Attributes:
        stages: of the run, in order.
        device: on which it was tried.
    """

    def __init__(self, stages: list[Stage], device: torch.device) -> None:
        super().__init__("only an estimate")
        self.stages, self.device = stages, device

    def told(self, recipe: str, options: RunOptions) -> dict[str, Any]:
        """As JSON takes it."""
        free = free_bytes(self.device)
        return {
            "recipe": recipe,
            "minutes": options.minutes,
            "images": options.images,
            "batch": self.stages[0].batch,
            "free_bytes": free,
            "fits": all(s.bytes is None or s.bytes <= _USABLE * free for s in self.stages),
            "device": str(self.device),
            "stages": [{k: v for k, v in s._asdict().items() if k != "text"} for s in self.stages],
            "text": [stage.text for stage in self.stages],
        }


class Need(NamedTuple):
    """Bytes of a step: `fixed` + `each` an image; and images a second."""

    fixed: int
    each: int
    per_second: float

    def bytes(self, batch: int) -> int:
        """Of a step with so many images of a rank."""
        return self.fixed + self.each * batch


def stage_estimate(task: Task, options: RunOptions, fabric: Fabric) -> Stage:
    """What a task needs; it is spoilt by that."""
    task.setup(fabric)
    need = tried(task, options, fabric)
    world = fabric.world_size
    batch = options.batch or fitting(need, free_bytes(fabric.device)) * world
    rate = need.per_second * world
    images = options.images or round(options.minutes * 60 * rate)
    name = options.part.name if options.part else options.out.name
    used = need.bytes(batch // world)
    minutes = round(images / rate / 60 if options.images else options.minutes, 2)
    text = in_words(batch, used, free_bytes(fabric.device), options)
    return Stage(name, minutes, batch, used, round(rate, 2), images, text)


def unknown(options: RunOptions) -> Stage:
    """A stage that starts from what an earlier one will have learned."""
    assert options.part is not None
    text = f"What {options.part.name} needs is known when it begins."
    minutes = None if options.images else round(options.minutes, 2)
    return Stage(options.part.name, minutes, options.batch, None, None, None, text)


def chosen_batch(task: Task, options: RunOptions, fabric: Fabric) -> tuple[int, str]:
    """The batch that fits, and the sentence that says so; the task is left as it was."""
    before = copy.deepcopy(task.state())
    need = tried(task, options, fabric)
    task.load_state(before)
    free = free_bytes(fabric.device)
    batch = int(fabric.broadcast(fitting(need, free))) * fabric.world_size
    return batch, in_words(batch, need.bytes(batch // fabric.world_size), free, options)


def fitting(need: Need, free: int) -> int:
    """The largest batch of a rank that fits, 1 if none does."""
    return max((b for b in _BATCHES if need.bytes(b) <= _USABLE * free), default=1)


def in_words(batch: int, needed: int, free: int, options: RunOptions) -> str:
    """What a batch needs of the memory."""
    side = options.part.name if options.part else ""
    if side[:1].isdigit():
        text = f"Batches of {batch} at {side} px need about {gib(needed)}; {gib(free)} are free."
    else:
        text = f"Batches of {batch} need about {gib(needed)}; {gib(free)} are free."
    return text if needed <= free else f"{text} Take a smaller --batch."


def tried(task: Task, options: RunOptions, fabric: Fabric) -> Need:
    """Memory and speed of a task, from steps that change its weights."""
    used, seconds = [], []
    for size in (_SIZES[0], *_SIZES):  # the first step pays for what is made once
        begun = time.perf_counter()
        used.append(_used(task, size, options, fabric))
        seconds.append((time.perf_counter() - begun) / size)
    each = max((used[2] - used[1]) // (_SIZES[1] - _SIZES[0]), 1)
    fixed = max(used[1] - each * _SIZES[0], 0)
    return Need(fixed, each, 1 / seconds[2])


def _used(task: Task, size: int, options: RunOptions, fabric: Fabric) -> int:
    whole = task.batch(np.random.default_rng((options.seed, 0)), size * fabric.world_size)
    batch = part_of(whole, fabric.global_rank, fabric.world_size)
    if fabric.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(fabric.device)
        task.step(batch, 0.0, _LATE)
        return torch.cuda.max_memory_allocated(fabric.device)
    kept = kept_by(lambda: task.step(batch, 0.0, _LATE))
    return kept + _state_bytes(task.state())


def _state_bytes(state: Any) -> int:
    """Weights with the moments of their optimisers, and about as much again for gradients and the
    average."""
    return round(1.5 * _tensor_bytes(state))


def _tensor_bytes(held: Any) -> int:
    if isinstance(held, Tensor):
        return held.nbytes
    if isinstance(held, Mapping):
        return sum(_tensor_bytes(item) for item in held.values())
    if isinstance(held, list | tuple):
        return sum(_tensor_bytes(item) for item in held)
    return 0
