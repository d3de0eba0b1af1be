"""A task whose best weights so far are kept: for small sets, which are soon learned by heart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.card import Card
from trainer.task import Task


class Best:
    """Another :class:`trainer.task.Task` that remembers the weights with the lowest figure.

    Args:
        task: the one that trains.
        figure: name of one of its validation's figures; lower is better.

    Attributes:
        tensors: the best weights yet; empty before the first validation.
        lowest: their figure.
        figures: all figures of theirs.
    """

    def __init__(self, task: Task, figure: str) -> None:
        self.task, self.figure = task, figure
        self.network: nn.Module = task.network
        self.tensors: dict[str, Tensor] = {}
        self.lowest = math.inf
        self.figures: dict[str, float] = {}

    def setup(self, fabric: Fabric) -> None:
        """See :class:`trainer.task.Task`. The weights at the start are the best ones yet."""
        bare = self.network
        self.task.setup(fabric)
        self.network = self.task.network
        self.validate(bare)

    def batch(self, rng: np.random.Generator, size: int) -> Any:
        """See :class:`trainer.task.Task`."""
        return self.task.batch(rng, size)

    def step(self, batch: Any, rate: float, progress: float) -> Mapping[str, float]:
        """See :class:`trainer.task.Task`."""
        return self.task.step(batch, rate, progress)

    def sheet(self, network: nn.Module) -> NDArray[np.uint8]:
        """See :class:`trainer.task.Task`."""
        return self.task.sheet(network)

    def validate(self, network: nn.Module) -> Mapping[str, float]:
        """The task's figures; weights that are better than all before are remembered."""
        figures = self.task.validate(network)
        if figures[self.figure] < self.lowest:
            self.lowest, self.figures = figures[self.figure], dict(figures)
            state = network.state_dict()
            self.tensors = {name: value.detach().cpu().clone() for name, value in state.items()}
        return {**figures, "best": self.lowest}

    def state(self) -> dict[str, Any]:
        """Of the task, with the best weights."""
        best = {"tensors": self.tensors, "lowest": self.lowest, "figures": self.figures}
        return {"task": self.task.state(), **best}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.task.load_state(state["task"])
        self.tensors, self.lowest = state["tensors"], state["lowest"]
        self.figures = state["figures"]

    def card(self, command: str, metrics: Mapping[str, float]) -> Card:
        """See :class:`trainer.task.Task`; it tells the figures of the best weights."""
        return self.task.card(command, self.figures or metrics)
