"""What a model file says about itself."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Travels as JSON inside the safetensors metadata, under the key ``guise``.

    Attributes:
        id: name of the model, as in `guise models list`; file names follow it.
        architecture: which entry of the registry builds it.
        title: for menus, sentence case.
        summary: one sentence for people.
        config: constructor arguments of the network.
        label_set: name of the label set that its ids mean, for painters and readers of scenes;
            empty = not said.
        shape: the kind of shape it reads or writes, e.g. "Pose".
        takes: names of the appearances it takes, e.g. ("FromPhoto",); empty for perception.
        side: side of its square frame in pixels.
        bits: 8 if the file holds large weights as bytes with a scale for each channel, else 16.
        alpha: whether it paints alpha itself.
        data: what it was trained on, with source.
        terms: terms of the data and so of the weights.
        commercial: whether those terms allow commercial use.
        command: the exact training command.
        metrics: figure name -> {value, protocol}.
    """

    id: str
    architecture: str
    title: str
    summary: str
    config: dict[str, Any]
    label_set: str = ""
    shape: str = "Pose"
    takes: tuple[str, ...] = ()
    side: int = 192
    bits: Literal[8, 16] = 16
    alpha: bool = True
    data: str = ""
    terms: str = ""
    commercial: bool = False
    command: str = ""
    metrics: dict[str, dict[str, Any]] = {}
