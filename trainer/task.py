"""What the loop needs to know of a thing that can be trained, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import nn

from engine.card import Card


class Task(Protocol):
    """A network with its data, losses and optimisers.

    The loop owns budget, schedule, checkpoints, resume, EMA, statistics, Ctrl-C, and the sharing of
    work with other processes. For the latter a task draws the noise of images through
    :func:`trainer.ranks.shared_noise`, and takes figures of the whole batch that are no plain means
    through the other functions there; its gradients are averaged by `fabric.backward`.

    Attributes:
        network: what is exported; the loop keeps its exponential moving average.
    """

    network: nn.Module

    def setup(self, fabric: Fabric) -> None:
        """Move modules to the device through `fabric.setup` and build the optimisers."""
        ...

    def batch(self, rng: np.random.Generator, size: int) -> Any:
        """One batch on the CPU, whole, for all processes together; called in a background thread or
        in another process, so it must not touch modules."""
        ...

    def step(self, batch: Any, rate: float, progress: float) -> Mapping[str, float]:
        """Forward, backward and update, on this process's part of a batch.

        `rate` scales every learning rate (schedule), `progress` runs from 0 to 1 over the run.
        Returns losses by name; a loss that is not finite must skip the update. Some names have a
        meaning for alarms: `judge` and `judge_...` are losses of discriminators, `kl_...` and
        `active_...` tell how much a look is used.
        """
        ...

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """(H, W, 3) contact sheet of fixed held-out inputs painted by `network` (the average)."""
        ...

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """Figures on held-out data by name: distances end with `l1`; `diversity` is that of samples
        of one shape."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything of the task to resume from: network, optimisers, discriminators."""
        ...

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        ...

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """The card of the exported model."""
        ...
