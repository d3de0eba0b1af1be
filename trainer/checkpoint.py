"""What a run leaves to go on from: its state, the average of the weights, lines and copies."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine import weights
from engine.card import Card
from engine.errors import InputError
from engine.files import replacing
from trainer.alarms import read_lines
from trainer.options import RunOptions
from trainer.task import Task


@dataclass
class Position:
    """How far a run is.

    Attributes:
        step, images, seconds: done so far.
        batch: images a step, where they were chosen by the memory.
        rate: factor on the learning rate, halved whenever a checkpoint had to come back.
        restored: how often that happened.
    """

    step: int = 0
    images: int = 0
    seconds: float = 0.0
    batch: int = 0
    rate: float = 1.0
    restored: int = 0

    def progress(self, options: RunOptions) -> float:
        """Share of the budget, from 0."""
        if options.images:
            return self.images / options.images
        return self.seconds / (options.minutes * 60)


def bare(network: nn.Module) -> nn.Module:
    """The module inside Fabric's wrapper."""
    inner = getattr(network, "_forward_module", network)
    return inner if isinstance(inner, nn.Module) else network


def average_of(network: nn.Module) -> nn.Module:
    """A copy to hold the moving average of the weights."""
    return copy.deepcopy(bare(network)).eval().requires_grad_(False)


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, step: int, decay: float) -> None:
    """Exponential moving average, faster at first."""
    keep = min(decay, 1 - 1 / (step / 8 + 1))
    theirs = bare(network)
    for mine, their in zip(average.parameters(), theirs.parameters(), strict=True):
        mine.lerp_(their.detach(), 1 - keep)
    for mine, their in zip(average.buffers(), theirs.buffers(), strict=True):
        mine.copy_(their)


def healthy(network: nn.Module) -> bool:
    """Whether all weights are numbers."""
    return all(bool(torch.isfinite(p).all()) for p in bare(network).parameters())


def save_state(path: Path, task: Task, average: nn.Module, position: Position) -> None:
    """Write the state; the old one stays until the new one is complete.

    Raises:
        InputError: the disk is full or the folder cannot be written.
    """
    state = {"task": task.state(), "average": average.state_dict(), "position": vars(position)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            torch.save(state, file)
    except (InputError, OSError, RuntimeError) as error:  # PyTorch hides what the disk said
        told = f"{path} cannot be written ({_reason(error)}); make room."
        raise InputError(f"{told} The older one is kept." if path.exists() else told) from None


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return (cause.strerror or str(cause)).lower()
        cause = cause.__cause__ or cause.__context__
    return str(error).splitlines()[0]


def load_state(path: Path, task: Task, average: nn.Module) -> Position:
    """The inverse of :func:`save_state`.

    Raises:
        InputError: the file is damaged or belongs to something else.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        task.load_state(state["task"])
        average.load_state_dict(state["average"])
        return Position(**state["position"])
    except Exception as error:  # unpicklers raise whatever damaged bytes provoke
        raise InputError(
            f"{path} cannot be resumed ({_misfit(error)}); choose another --out or add --fresh."
        ) from None


def _misfit(error: Exception) -> str:
    told = (str(error) or type(error).__name__).splitlines()
    if told[0].startswith("Error(s) in loading state_dict"):
        return "its network has other sizes than the one asked for"
    return told[0]


def save_model(path: Path, average: nn.Module, card: Card) -> None:
    """Write the average in half precision with its card."""
    half = {name: value.half() for name, value in average.state_dict().items()}
    weights.save(path, card, half)


def keep_copy(out: Path, step: int, model: Path) -> Path:
    """Copies of state and model that no later checkpoint replaces; returns their folder."""
    folder = out / "backups" / f"{step:08d}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in (out / "state.pt", model):
            with path.open("rb") as source, replacing(folder / path.name) as copied:
                shutil.copyfileobj(source, copied)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({_reason(error)}).") from None
    return folder


def trimmed(path: Path, step: int) -> list[dict[str, Any]]:
    """The lines of a stats.jsonl up to a step; younger ones of a killed run are removed."""
    lines = read_lines(path)
    kept = [line for line in lines if line.get("step", 0) <= step]
    if lines != kept or (path.exists() and not path.read_bytes().endswith(b"\n")):
        write_lines(path, kept)
    return kept


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """A stats.jsonl of these lines."""
    with replacing(path) as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines).encode())
