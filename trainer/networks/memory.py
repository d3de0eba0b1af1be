"""How much memory a training step needs, counted before anything is trained."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

_TRAINED = 20
"""Bytes a parameter: itself, its gradient, Adam's two moments, its average."""
_NARROW = 0.6
"""Share that is left of what is kept for the backward pass, most of it being bf16."""
_WORK = 1.3
"""What the libraries need beside it."""


def step_bytes(modules: Iterable[nn.Module], forward: Callable[[], Tensor]) -> int:
    """About how many bytes a training step takes.

    Nothing is computed: modules and inputs are on the meta device, and what autograd would keep
    for the backward pass is counted.

    Args:
        modules: those that are trained.
        forward: runs all of a step up to its loss.
    """
    kept = kept_by(forward)
    weights = {id(p): p.numel() for module in modules for p in module.parameters()}
    return round(_NARROW * kept + _TRAINED * sum(weights.values()))


def kept_by(step: Callable[[], Any]) -> int:
    """About how many bytes a step takes beside weights, from what autograd keeps for its backward
    pass."""
    kept: dict[int, int] = {}
    alive: list[Tensor] = []

    def count(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage._cdata not in kept:
            kept[storage._cdata] = storage.nbytes()
            alive.append(tensor)  # a freed storage's address could be given to another
        return tensor

    with saved_tensors_hooks(count, lambda tensor: tensor):
        made = step()
    del made
    return round(_WORK * sum(kept.values()))


def free_bytes(device: torch.device) -> int:
    """Memory that can be had on a device: the machine's for CPUs, else the card's."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return min(_machine_bytes(), _group_bytes())


def _machine_bytes() -> int:
    try:
        rows = Path("/proc/meminfo").read_text().splitlines()
        return next(int(r.split()[1]) * 1024 for r in rows if r.startswith("MemAvailable"))
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows knows no such question
        return 8 * 2**30


def _group_bytes() -> int:
    """What the container leaves, if it has a limit."""
    folder = Path("/sys/fs/cgroup")
    try:
        limit, used = ((folder / f"memory.{n}").read_text().strip() for n in ("max", "current"))
    except OSError:
        return 2**62
    return max(int(limit) - int(used), 0) if limit.isdigit() else 2**62


def ran_out(error: BaseException) -> bool:
    """Whether an error says that the memory is used up."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error)
    if "std::bad_alloc" in text or "Insufficient memory" in text:  # OpenCV and others in C++
        return True
    return isinstance(error, RuntimeError) and (
        "DefaultCPUAllocator" in text or "out of memory" in text
    )


class Advice(NamedTuple):
    """Whether crops fit.

    Attributes:
        text: what they need, and if that is too much, which ones fit.
        fits: whether that is there.
    """

    text: str
    fits: bool


def advice(
    needed: Callable[[tuple[int, int]], int], size: tuple[int, int], free: int, stride: int
) -> Advice:
    """What crops need, and if that is too much, which ones fit.

    Args:
        needed: bytes of a step for crops of (height, width).
        size: the crop that was asked for.
        free: bytes that can be had.
        stride: sides are multiples of this.
    """
    wanted = needed(size)
    text = f"Crops of {size[1]} x {size[0]} need about {gib(wanted)}; {gib(free)} are free."
    smaller = size
    while needed(smaller) > free and min(smaller) > stride:
        smaller = (_less(smaller[0], stride), _less(smaller[1], stride))
    if smaller == size and wanted <= free:
        return Advice(text, True)
    if needed(smaller) > free:
        return Advice(f"{text} No crop fits; take a smaller network or --batch 1.", False)
    fitting = f"Crops of {smaller[1]} x {smaller[0]} fit: --sizes {smaller[0]} {smaller[1]}."
    return Advice(f"{text} {fitting}", False)


def _less(side: int, stride: int) -> int:
    return max(int(side * 0.85) // stride * stride, stride)


def gib(count: int) -> str:
    """As people read it."""
    return f"{count / 2**30:.1f} GiB"
