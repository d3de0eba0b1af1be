"""The training loop: one run folder, resume by default, stop and keep on Ctrl-C.

A run folder holds `config.json`, `stats.jsonl` (one line a tick), `samples/*.png`, `state.pt` (to
resume from) and `model.safetensors` (the average of the weights, half precision, with its card).
"""

from __future__ import annotations

import copy
import json
import math
import queue
import shlex
import signal
import sys
import threading
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.precision import MixedPrecision
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import nn

from engine import weights
from engine.errors import InputError
from trainer.task import Task


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
    """Images a step."""
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
    threads: int = 0
    """CPU threads; 0 = all cores."""
    seed: int = 0
    """Seed of data order, augmentation and initialisation."""
    fresh: bool = False
    """Start over even if the run folder could be resumed."""


@dataclass
class _Position:
    step: int = 0
    images: int = 0
    seconds: float = 0.0

    def progress(self, options: RunOptions) -> float:
        if options.images:
            return self.images / options.images
        return self.seconds / (options.minutes * 60)


def learning_rate(step: int, progress: float, options: RunOptions) -> float:
    """Factor on every learning rate: linear rise, flat, cosine to 3 %."""
    rise = min(1.0, (step + 1) / max(options.warmup, 1))
    if progress < options.decay_from:
        return rise
    fall = min((progress - options.decay_from) / max(1 - options.decay_from, 1e-9), 1.0)
    return rise * (0.03 + 0.97 * (1 + math.cos(math.pi * fall)) / 2)


class _Autocast(MixedPrecision):
    """bf16 inside networks only: inputs keep their precision, the last layer copies them."""

    def convert_input(self, data: Any) -> Any:
        return data


def make_fabric(options: RunOptions) -> Fabric:
    """The device and bf16 autocast that the options ask for."""
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    fabric = Fabric(accelerator=options.device, devices=1)
    precision = _Autocast("bf16-mixed", fabric.device.type)
    return Fabric(accelerator=options.device, devices=1, plugins=[precision])


def run(task: Task, options: RunOptions) -> Path:
    """Train to the end of the budget; returns the exported model's path.

    Raises:
        KeyboardInterrupt: stopped by Ctrl-C, after state and model were kept.
        InputError: the run folder belongs to something else or its state is damaged.
    """
    fabric = make_fabric(options)
    task.setup(fabric)
    options.out.mkdir(parents=True, exist_ok=True)
    average = copy.deepcopy(_bare(task.network)).eval().requires_grad_(False)
    position = _Position()
    state_file = options.out / "state.pt"
    if state_file.exists() and not options.fresh:
        position = _resume(state_file, task, average)
    elif options.fresh:
        (options.out / "stats.jsonl").unlink(missing_ok=True)
    _write_config(options)
    with _StopOnSignal() as stop:
        _train(task, average, position, options, stop)
    _save_state(state_file, task, average, position)
    path = _finish(task, average, position, options)
    if stop:  # whoever runs several stages must not go on to the next
        print(f"The model is kept in {path}.")
        raise KeyboardInterrupt
    return path


def _train(
    task: Task, average: nn.Module, position: _Position, options: RunOptions, stop: _StopOnSignal
) -> None:
    clocks = {"save": time.monotonic(), "sample": time.monotonic(), "tick": time.monotonic()}
    sums: dict[str, float] = {}
    count = 0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    batches = _prefetched(task, options, position.step)
    with closing(batches), Progress(*columns, transient=True) as bar:
        shown = bar.add_task("training", total=1.0)
        while position.progress(options) < 1 and not stop:
            start = time.monotonic()
            progress = position.progress(options)
            losses = task.step(
                next(batches), learning_rate(position.step, progress, options), progress
            )
            _follow(average, task.network, position.step, options.average)
            position.step += 1
            position.images += options.batch
            position.seconds += time.monotonic() - start
            count += 1
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + value
            if _due(clocks, "tick", options.tick):
                means = {name: value / count for name, value in sums.items()}
                _note(options.out, position, progress, means)
                text = " ".join(f"{k} {v:.3f}" for k, v in means.items())
                bar.update(shown, completed=progress, description=text)
                sums, count = {}, 0
            if _due(clocks, "save", options.save_every):
                _save_state(options.out / "state.pt", task, average, position)
            if _due(clocks, "sample", options.sample_every):
                _show(task, average, position, options)


class _StopOnSignal:
    """True once Ctrl-C or a polite kill has arrived; a second one ends at once."""

    def __init__(self) -> None:
        self._asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _StopOnSignal:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _: object) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        print("Stopping after this step; the model is kept. Press again to quit at once.")

    def __bool__(self) -> bool:
        return self._asked


def _prefetched(task: Task, options: RunOptions, first: int) -> Generator[Any, None, None]:
    """Batches made one ahead in a thread; the seed follows the step, so a resume goes on."""
    ready: queue.Queue[Any] = queue.Queue(maxsize=2)
    ended = threading.Event()

    def work() -> None:
        torch.set_num_threads(1)  # this thread only: two pools on the same cores would thrash
        step = first
        while not ended.is_set():
            try:
                made: Any = task.batch(np.random.default_rng((options.seed, step)), options.batch)
            except Exception as error:  # handed to the loop, which raises it
                made = error
            while not ended.is_set():
                try:
                    ready.put(made, timeout=0.5)
                    break
                except queue.Full:
                    continue
            step += 1

    thread = threading.Thread(target=work, name="batches", daemon=True)
    thread.start()
    try:
        while True:
            made = ready.get()
            if isinstance(made, Exception):
                raise made
            yield made
    finally:
        ended.set()
        thread.join()


def _bare(network: nn.Module) -> nn.Module:
    """The module inside Fabric's wrapper."""
    inner = getattr(network, "_forward_module", network)
    return inner if isinstance(inner, nn.Module) else network


@torch.no_grad()
def _follow(average: nn.Module, network: nn.Module, step: int, decay: float) -> None:
    """Exponential moving average, faster at first."""
    keep = min(decay, 1 - 1 / (step / 8 + 1))
    pairs = zip(average.parameters(), _bare(network).parameters(), strict=True)
    for mine, theirs in pairs:
        mine.lerp_(theirs.detach(), 1 - keep)
    for mine, theirs in zip(average.buffers(), _bare(network).buffers(), strict=True):
        mine.copy_(theirs)


def _due(clocks: dict[str, float], name: str, seconds: float) -> bool:
    now = time.monotonic()
    if now - clocks[name] < seconds:
        return False
    clocks[name] = now
    return True


def _note(out: Path, position: _Position, progress: float, figures: dict[str, float]) -> None:
    line = {
        "step": position.step,
        "images": position.images,
        "seconds": round(position.seconds, 1),
        "per_second": round(position.images / max(position.seconds, 1e-9), 2),
        "progress": round(progress, 4),
        **{name: round(value, 5) for name, value in figures.items()},
    }
    with (out / "stats.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")


def _write_config(options: RunOptions) -> None:
    config = {"command": _command(), "options": {k: str(v) for k, v in vars(options).items()}}
    (options.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def _command() -> str:
    return shlex.join(["guise", *sys.argv[1:]])


def _save_state(path: Path, task: Task, average: nn.Module, position: _Position) -> None:
    state = {"task": task.state(), "average": average.state_dict(), "position": vars(position)}
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)


def _resume(path: Path, task: Task, average: nn.Module) -> _Position:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        task.load_state(state["task"])
        average.load_state_dict(state["average"])
        return _Position(**state["position"])
    except (RuntimeError, KeyError, ValueError, TypeError, EOFError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"{path} cannot be resumed ({reason}); choose another --out or add --fresh."
        ) from None


def _show(
    task: Task, average: nn.Module, position: _Position, options: RunOptions
) -> dict[str, float]:
    """A sample sheet and the figures of the average, in the run folder."""
    folder = options.out / "samples"
    folder.mkdir(exist_ok=True)
    sheet = task.sheet(average)
    cv2.imwrite(str(folder / f"{position.images:08d}.png"), sheet[..., ::-1])
    figures = dict(task.validate(average))
    named = {f"val_{name}": value for name, value in figures.items()}
    _note(options.out, position, position.progress(options), named)
    return figures


def _finish(task: Task, average: nn.Module, position: _Position, options: RunOptions) -> Path:
    figures = _show(task, average, position, options)
    path = options.out / "model.safetensors"
    half = {name: value.half() for name, value in average.state_dict().items()}
    weights.save(path, task.card(_command(), figures), half)
    return path
