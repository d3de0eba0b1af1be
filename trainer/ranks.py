"""One training on several processes: equal weights and the losses of a single one, however split.

The batch of `--batch` images is the same for any number of processes ("ranks"); rank r of n takes
the images r, r + n, r + 2n ... of it, so that the first half of a rank's images belongs to the
first half of all. Gradients are averaged after each backward pass. That is done here and not by
DistributedDataParallel, which expects one forward and one backward pass a step through all weights;
steps with discriminators are not like that.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision, Precision
from lightning_fabric.strategies.ddp import DDPStrategy
from torch import Tensor, nn

from engine.errors import InputError
from trainer.options import RunOptions

_PATIENCE = timedelta(hours=6)
"""How long ranks wait for each other: the first one validates and pauses alone."""


class Together(DDPStrategy):
    """Processes that start from rank 0's weights and average their gradients.

    Attributes:
        control: process group on the CPU for what is agreed on.
        shared: state of the random numbers that all ranks draw alike.
    """

    control: dist.ProcessGroup

    def __init__(self) -> None:
        super().__init__(timeout=_PATIENCE)
        self._parameters: list[nn.Parameter] = []
        self._buffers: list[Tensor] = []
        self._touched: set[nn.Parameter] = set()
        self.shared: tuple[Tensor, Tensor | None] | None = None

    def setup_environment(self) -> None:
        """Meet the other ranks."""
        super().setup_environment()
        self.control = self.new_group()

    def new_group(self) -> dist.ProcessGroup:
        """All ranks, on the CPU; every rank must ask for it."""
        group = dist.new_group(backend="gloo", timeout=_PATIENCE)
        assert isinstance(group, dist.ProcessGroup)  # a number only for those who are not in it
        return group

    def setup_module(self, module: nn.Module) -> Any:
        """Give a module rank 0's weights; it is not wrapped."""
        for tensor in (*module.parameters(), *module.buffers()):
            whole = tensor.detach().contiguous()
            dist.broadcast(whole, 0)
            tensor.detach().copy_(whole)
        for parameter in module.parameters():
            learns = parameter.requires_grad
            parameter.requires_grad_(True).register_post_accumulate_grad_hook(self._touch)
            parameter.requires_grad_(learns)
        self._parameters += module.parameters()
        self._buffers += [b for b in module.buffers() if b.is_floating_point()]
        return module

    def level(self) -> None:
        """Give running figures of modules, like means of a normalisation, their mean over ranks."""
        if self._buffers:
            flat = torch.cat([b.flatten() for b in self._buffers])
            dist.all_reduce(flat)
            flat /= dist.get_world_size()
            parts = flat.split([b.numel() for b in self._buffers])
            for buffer, part in zip(self._buffers, parts, strict=True):
                buffer.copy_(part.view(buffer.shape))

    def _touch(self, parameter: Tensor) -> None:
        assert isinstance(parameter, nn.Parameter)
        self._touched.add(parameter)

    def backward(
        self, tensor: Tensor, module: nn.Module | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Backward, then the mean of the gradients over all ranks."""
        self._touched.clear()
        super().backward(tensor, module, *args, **kwargs)
        reached = torch.tensor([p in self._touched for p in self._parameters], dtype=torch.uint8)
        dist.all_reduce(reached, dist.ReduceOp.MAX, self.control)  # perhaps on another rank only
        _average([p for p, yes in zip(self._parameters, reached.tolist(), strict=True) if yes])


def _average(parameters: list[nn.Parameter]) -> None:
    if not parameters:
        return
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, part in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(part.view(gradient.shape))


class _Autocast(MixedPrecision):
    """bf16 inside networks only: inputs keep their precision, the last layer copies them."""

    def convert_input(self, data: Any) -> Any:
        return data


def make_fabric(options: RunOptions) -> Fabric:
    """The device, the precision and the processes that the options, torchrun or SLURM ask for.

    With several processes the others are started, or met, here.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    devices, nodes = processes(options)
    if devices * nodes == 1:
        fabric = lone_fabric(options)
    else:
        if "SLURM_NTASKS" in os.environ:  # srun --ntasks alone is enough; Fabric wants both
            os.environ.setdefault("SLURM_NTASKS_PER_NODE", str(devices))
        fabric = Fabric(
            accelerator=options.device,
            devices=devices,
            num_nodes=nodes,
            strategy=Together(),
            plugins=[_precision(options)],
        )
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # its own greetings
        fabric.launch()
    torch.manual_seed(options.seed)
    return fabric


def lone_fabric(options: RunOptions) -> Fabric:
    """The device and the precision, for what one process does alone."""
    return Fabric(accelerator=options.device, devices=1, plugins=[_precision(options)])


def _precision(options: RunOptions) -> Precision:
    if options.precision == "fp32":
        return Precision()
    return _Autocast("bf16-mixed", Fabric(accelerator=options.device, devices=1).device.type)


def processes(options: RunOptions) -> tuple[int, int]:
    """Processes a machine, and machines; torchrun and SLURM know better than the options."""
    env = os.environ
    if "TORCHELASTIC_RUN_ID" in env:
        local = int(env["LOCAL_WORLD_SIZE"])
        return local, int(env["WORLD_SIZE"]) // local
    tasks, nodes = int(env.get("SLURM_NTASKS", 1)), int(env.get("SLURM_NNODES", 1))
    if tasks > 1 and env.get("SLURM_JOB_NAME") not in ("bash", "interactive"):
        return tasks // nodes, nodes
    return options.devices, options.nodes


def is_first() -> bool:
    """Whether this process is the one that writes files."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank() == 0
    names = ("RANK", "LOCAL_RANK", "SLURM_PROCID")  # the first one that is set counts
    rank = next((os.environ[name] for name in names if name in os.environ), "0")
    return rank == "0" and os.environ.get("NODE_RANK", "0") == "0"


def check_batch(batch: int, world: int) -> None:
    """InputError unless every rank gets as many images as the others."""
    if batch % world:
        fitting = max(round(batch / world), 1) * world
        raise InputError(
            f"--batch {batch} cannot be shared by {world} processes; take --batch {fitting}."
        )


def part_of(batch: Any, rank: int, world: int) -> Any:
    """Rank's part of a whole batch: every `world`-th row of each tensor in it."""
    return mapped(batch, lambda tensor: tensor[rank::world] if tensor.ndim else tensor)


def mapped(batch: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """A batch (tensors in tuples and dataclasses) with every tensor changed."""
    if isinstance(batch, Tensor):
        return change(batch)
    if is_dataclass(batch) and not isinstance(batch, type):
        names = [field.name for field in fields(batch)]
        return replace(batch, **{n: mapped(getattr(batch, n), change) for n in names})
    if isinstance(batch, tuple):
        parts = [mapped(item, change) for item in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)
    return batch


def seed_step(fabric: Fabric, seed: int, step: int) -> None:
    """Random numbers of a step follow its number, so that a resumed run draws the same ones."""
    strategy = fabric.strategy
    if isinstance(strategy, Together):
        torch.manual_seed(_mixed(seed, step))
        strategy.shared = _state(fabric)
        torch.manual_seed(_mixed(seed, step, 1 + fabric.global_rank))
    else:
        torch.manual_seed(_mixed(seed, step))


def _mixed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _state(fabric: Fabric) -> tuple[Tensor, Tensor | None]:
    on_card = fabric.device.type == "cuda"
    return torch.get_rng_state(), torch.cuda.get_rng_state(fabric.device) if on_card else None


def _set_state(fabric: Fabric, state: tuple[Tensor, Tensor | None]) -> None:
    torch.set_rng_state(state[0])
    if state[1] is not None:
        torch.cuda.set_rng_state(state[1], fabric.device)


@contextmanager
def shared_dice(fabric: Fabric) -> Iterator[None]:
    """Random numbers drawn inside are the same on every rank; outside each rank has its own."""
    strategy = fabric.strategy
    if not isinstance(strategy, Together) or strategy.shared is None:
        yield
        return
    own = _state(fabric)
    _set_state(fabric, strategy.shared)
    try:
        yield
    finally:
        strategy.shared = _state(fabric)
        _set_state(fabric, own)


def shared_noise(fabric: Fabric, draw: Callable[[int], Tensor], count: int) -> Tensor:
    """Random numbers that belong to images: those of `count` images of this rank.

    Args:
        draw: makes the numbers (n, ...) of n images.
    """
    with shared_dice(fabric):
        return draw(count * fabric.world_size)[fabric.global_rank :: fabric.world_size]


def normal_like(rows: Tensor, fabric: Fabric) -> Tensor:
    """Standard normal numbers of the size of `rows`, whose first dimension counts images."""

    def draw(count: int) -> Tensor:
        return torch.randn(count, *rows.shape[1:], dtype=rows.dtype, device=rows.device)

    return shared_noise(fabric, draw, len(rows))


def common_mean(fabric: Fabric, value: Tensor) -> Tensor:
    """The mean of a value over all ranks; the gradient is that of this rank's own.

    For means over the batch that something bent is made of, like a clamped divergence.
    """
    if fabric.world_size == 1:
        return value
    mean = value.detach().clone()
    dist.all_reduce(mean)
    return value + (mean / fabric.world_size - value.detach())


def weight_of(fabric: Fabric, count: int) -> float:
    """What a mean over `count` rows of this rank counts in the mean over those of all ranks.

    1 if every rank has as many; multiply the mean by it before the backward pass.
    """
    if fabric.world_size == 1:
        return 1.0
    total = torch.tensor(float(count))
    dist.all_reduce(total, group=_control(fabric))
    return count * fabric.world_size / max(float(total), 1.0)


def everyones(fabric: Fabric, rows: Tensor) -> Tensor:
    """The rows (n, ...) of all ranks, in the order of the whole batch if each has as many.

    Gradients reach this rank's rows only, and count `world_size` times, because they are averaged.
    """
    if fabric.world_size == 1:
        return rows
    found: list[Any] = [None] * fabric.world_size
    dist.all_gather_object(found, rows.detach().cpu(), group=_control(fabric))
    parts = [part.to(rows.device) for part in found]
    world = fabric.world_size
    if rows.requires_grad:
        parts[fabric.global_rank] = rows * world - rows.detach() * (world - 1)
    if len({len(part) for part in parts}) > 1:
        return torch.cat(parts)
    return torch.stack(parts, 1).flatten(0, 1)


@torch.no_grad()
def level(fabric: Fabric) -> None:
    """After a step: running figures of modules are the same on all ranks again."""
    if isinstance(fabric.strategy, Together):
        fabric.strategy.level()


def agreed(fabric: Fabric, told: list[float]) -> list[float]:
    """The largest of what the ranks tell, number by number."""
    if fabric.world_size == 1:
        return told
    numbers = torch.tensor(told, dtype=torch.float64)
    dist.all_reduce(numbers, dist.ReduceOp.MAX, _control(fabric))
    return numbers.tolist()


def _control(fabric: Fabric) -> dist.ProcessGroup:
    assert isinstance(fabric.strategy, Together)
    return fabric.strategy.control
