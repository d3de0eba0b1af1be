"""What the recipes of people painters share: sizes in turn, and pictures of cut-outs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.card import Card
from engine.errors import InputError
from trainer.estimate import Estimated, Stage, stage_estimate, unknown
from trainer.loop import RunOptions, make_fabric, run
from trainer.networks.patch import Adversary
from trainer.task import Task

TAPS = ("relu1_2", "relu2_2", "relu3_3")
"""Layers of the perceptual network that are compared."""
MAPS = 15
"""Channels of :func:`engine.painters.parts.pose_maps`."""
EVERY = 3
"""Of held-out people, every which one is measured while a painter trains."""


def check_sides(sides: Sequence[int], stride: int) -> None:
    """InputError: frames that a network, which halves them again and again, cannot take."""
    if any(side <= 0 or side % stride for side in sides):
        raise InputError(f"--sides must be multiples of {stride}.")


def staged(
    names: Sequence[object],
    shares: Sequence[float],
    options: RunOptions,
    stage: Callable[[int, Path | None], Task],
) -> Path:
    """Train one stage after the other, each in its own folder below `options.out`.

    Args:
        names: of the stages, usually frame sizes; folders are called so.
        shares: of the budget.
        stage: makes the task of a stage from its number and the model of the one before.

    Raises:
        InputError: not as many shares as stages.
    """
    if len(names) != len(shares) or not names:
        raise InputError("--sides and --shares need the same number of values.")
    parts = [options.stage(str(name), n, tuple(shares)) for n, name in enumerate(names)]
    if options.estimate:
        raise _estimated(parts, stage)
    start: Path | None = None
    for index, part in enumerate(parts):
        start = run(stage(index, start), part)
    assert start is not None
    return start


def _estimated(parts: Sequence[RunOptions], stage: Callable[[int, Path | None], Task]) -> Estimated:
    """What every stage needs, as far as it can be made before the one before it is trained."""
    found: list[Stage] = []
    for index, part in enumerate(parts):
        try:
            task = stage(index, None)
        except InputError:
            if not index:
                raise
            found.append(unknown(part))
        else:
            found.append(stage_estimate(task, part, make_fabric(part)))
    return Estimated(found, make_fabric(parts[0]).device)


class Adversarial:
    """What a task with a discriminator keeps to resume from."""

    network: Any
    optimiser: Any
    adversary: Adversary

    def state(self) -> dict[str, Any]:
        """Network, optimiser and discriminator."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "adversary": self.adversary.state(),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of :meth:`state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.adversary.load_state(state["adversary"])


def people_card(
    packs: Sequence[str],
    command: str,
    metrics: Mapping[str, float],
    protocol: str,
    **own: Any,
) -> Card:
    """The card of a model trained on packs of people; `own` are the fields that differ."""
    return Card(
        data="packs " + ", ".join(packs) + "; see the README for their sources",
        terms="research data: photos of identifiable people without model releases",
        commercial=False,
        command=command,
        metrics={k: {"value": round(v, 4), "protocol": protocol} for k, v in metrics.items()},
        **own,
    )


def set_rate(optimiser: Any, rate: float) -> None:
    """Set the learning rate of every group."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def tensor_of(rgba: NDArray[np.uint8]) -> Tensor:
    """(4, H, W) in 0..1."""
    return torch.from_numpy(rgba.copy()).permute(2, 0, 1).float() / 255


def pixels_of(rgba: Tensor) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 of a batch of one in 0..1."""
    straight = rgba[0].float().clamp(0, 1).cpu().permute(1, 2, 0)
    return (straight * 255).round().to(torch.uint8).numpy()


def on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3): a cut-out on white, for sheets."""
    alpha = rgba[..., 3:] / 255
    flat = rgba[..., :3] * alpha + 255 * (1 - alpha)
    return np.asarray(cv2.convertScaleAbs(flat), np.uint8)
