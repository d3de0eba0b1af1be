"""How long, where and how often a run trains; the same options for every recipe."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import tyro

from engine.errors import InputError
from engine.runtime import Runtime


class Part(NamedTuple):
    """Which part of a run of several stages this is.

    Attributes:
        top: folder of the whole run.
        name: of the stage.
        number: of the stage, from 1.
        stages: how many there are.
        begin, share: where the stage begins in the whole budget and its share, both 0..1.
    """

    top: Path
    name: str
    number: int
    stages: int
    begin: float
    share: float


@dataclass(frozen=True)
class RunOptions:
    """How long, where and how often; the same for every recipe."""

    out: Path = Path("runs/run")
    """Run folder; an existing one is resumed."""
    minutes: float = 30.0
    """Budget of training time in minutes, over all resumed parts."""
    images: int = 0
    """Budget in images seen instead of minutes; 0 = minutes count."""
    batch: int = 16
    """Images a step, over all processes together; 0 = as many as fit."""
    save_every: float = 120.0
    """Seconds between checkpoints."""
    sample_every: float = 600.0
    """Seconds between sample sheets and validations."""
    tick: float = 15.0
    """Seconds between lines of stats.jsonl."""
    warmup: int = 100
    """Steps over which the learning rate rises."""
    decay_from: float = 0.6
    """Share of the budget after which the rate falls along a cosine."""
    average: float = 0.998
    """Decay of the exponential moving average of the weights a step, reached gradually."""
    device: str = "auto"
    """auto, cpu, cuda or mps."""
    devices: int = 1
    """Processes on each machine, one a GPU; torchrun and SLURM say it themselves."""
    nodes: int = 1
    """Machines; torchrun and SLURM say it themselves."""
    precision: Literal["bf16", "fp32"] = "bf16"
    """Precision inside networks while they train."""
    threads: int = 0
    """CPU threads; 0 = all cores."""
    workers: int = -1
    """Processes that make batches; 0 = a thread, which is enough on a CPU; -1 = by the device."""
    seed: int = 0
    """Seed of data order, augmentation and initialisation."""
    fresh: bool = False
    """Start over even if the run folder could be resumed."""
    tensorboard: bool = False
    """Write the figures and sheets for TensorBoard, too."""
    estimate: bool = False
    """Only tell, as JSON, what memory and time the run would take."""
    part: Annotated[Part | None, tyro.conf.Suppress] = None
    """Which stage of a run it is; recipes set it."""

    @property
    def top(self) -> Path:
        """Folder of the whole run."""
        return self.part.top if self.part else self.out

    def check(self) -> None:
        """InputError: numbers with which a training would never begin or never end, or a device
        that is not there."""
        least = {"images": 0, "batch": 0, "threads": 0, "workers": -1, "devices": 1, "nodes": 1}
        for name, value in least.items():
            if getattr(self, name) < value:
                raise InputError(f"--{name} must be {value} or more.")
        if not self.images and not self.minutes > 0:
            raise InputError("--minutes must be more than 0; it is the time to train.")
        if not 0 <= self.average < 1:
            raise InputError("--average must lie between 0 and 1, below 1.")
        if self.device not in ("auto", "cpu", "cuda", "mps"):
            raise InputError(f"--device {self.device} is unknown; use auto, cpu, cuda or mps.")
        Runtime.best(self.device)

    def stage(self, name: str, number: int, shares: tuple[float, ...]) -> RunOptions:
        """The options of stage `number` (from 0) of several with these shares of the budget."""
        total = sum(shares)
        part = Part(
            self.out,
            name,
            number + 1,
            len(shares),
            sum(shares[:number]) / total,
            shares[number] / total,
        )
        return dataclasses.replace(
            self,
            out=self.out / name,
            minutes=self.minutes * shares[number],
            images=max(round(self.images * shares[number]), min(self.images, 1)),
            part=part,
        )
