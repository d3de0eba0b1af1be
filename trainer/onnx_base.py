"""What a graph for ONNX is: a module with named inputs and outputs that have plain meanings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor, nn

Kind = Literal[
    "rgba",
    "joints",
    "placed",
    "sketch",
    "photo",
    "unit photo",
    "maps",
    "labels",
    "objects",
    "look",
    "held",
]
"""What an input is; `placed` are joints with their presence, `maps` anything in -1..1 that no photo
shows by itself, and `held` comes out of another graph."""


@dataclass(frozen=True)
class Input:
    """An input of a graph.

    Attributes:
        kind: what it is; examples are made by it.
        shape: of one picture, without the batch.
        grows: whether height and width may be any multiple of `stride`.
        about: meaning and range, for the model's metadata.
        stride: see `grows`.
    """

    kind: Kind
    shape: tuple[int, ...]
    about: str
    grows: bool = False
    stride: int = 1


@dataclass(frozen=True)
class Graph:
    """A module to be exported.

    Attributes:
        name: "prepare" is run once a look, "paint" once a picture, "read" once a photo.
        module: called with the inputs in order; returns a tensor or a tuple of them.
        inputs, outputs: by name.
    """

    name: Literal["prepare", "paint", "read"]
    module: nn.Module
    inputs: dict[str, Input]
    outputs: dict[str, str]


class Called(nn.Module):
    """A function of a network as a module."""

    def __init__(self, network: nn.Module, call: Callable[..., Any]) -> None:
        super().__init__()
        self.network = network
        self._call = call

    def forward(self, *inputs: Tensor) -> Any:
        return self._call(self.network, *inputs)


RGB = "(N, 3, H, W) RGB in -1..1"
