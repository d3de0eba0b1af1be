"""The training loop: one run folder, resume by default, stop and keep on Ctrl-C.

A run folder holds `config.json`, `stats.jsonl` (one line a tick), `samples/*.png`, `state.pt` (to
resume from) and `model.safetensors` (the average of the weights, half precision, with its card).
What a studio reads and writes beside them is told in :mod:`trainer.control`.
"""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import torch
from lightning_fabric import Fabric
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from engine.errors import GuiseError, InputError
from trainer import checkpoint, prefetch
from trainer.alarms import TEXTS, Alarm, Alarms
from trainer.board import Board
from trainer.checkpoint import Position
from trainer.control import ONCE, Desk, alone, command
from trainer.estimate import Estimated, chosen_batch, stage_estimate
from trainer.networks.memory import ran_out
from trainer.options import RunOptions
from trainer.ranks import agreed, check_batch, level, make_fabric, seed_step
from trainer.stopping import StopOnSignal
from trainer.tally import Tally
from trainer.task import Task

__all__ = ["RunOptions", "learning_rate", "make_fabric", "run"]

_BAD = 10
"""Steps in a row without a finite loss, after which the last checkpoint comes back."""
_RETURNS = 3
"""How often it may come back."""
_NAP = 0.2
"""Seconds between looks at the control folder while paused."""


def learning_rate(step: int, progress: float, options: RunOptions) -> float:
    """Factor on every learning rate: linear rise, flat, cosine to 3 %."""
    rise = min(1.0, (step + 1) / max(options.warmup, 1))
    if progress < options.decay_from:
        return rise
    fall = min((progress - options.decay_from) / max(1 - options.decay_from, 1e-9), 1.0)
    return rise * (0.03 + 0.97 * (1 + math.cos(math.pi * fall)) / 2)


def run(task: Task, options: RunOptions) -> Path:
    """Train to the end of the budget; returns the exported model's path.

    Raises:
        KeyboardInterrupt: stopped by Ctrl-C or a word, after state and model were kept.
        InputError: the run folder belongs to something else, its state is damaged, the data cannot
            be read, the memory or the disk ran out, or the loss is never a number.
        Estimated: only an estimate was asked for.
    """
    fabric = make_fabric(options)
    if options.estimate:
        raise Estimated([stage_estimate(task, options, fabric)], fabric.device)
    with ExitStack() as held:
        if fabric.is_global_zero:
            held.enter_context(alone(options.top))
        desk = Desk(options.top if fabric.is_global_zero else None)
        try:
            return _Run(task, options, fabric, desk).trained()
        except GuiseError as error:
            desk.tell("failed", error=str(error))
            raise


class _Run:
    """A task on its way through one run folder."""

    def __init__(self, task: Task, options: RunOptions, fabric: Fabric, desk: Desk) -> None:
        self.task, self.options, self.fabric, self.desk = task, options, fabric, desk
        self.first = fabric.is_global_zero
        self.out, self.state = options.out, options.out / "state.pt"
        self.model = options.out / "model.safetensors"
        self.figures: dict[str, float] = {}
        self.tally = Tally(fabric)
        self.bad = 0

    def trained(self) -> Path:
        """The whole of it; see :func:`run`."""
        desk, part = self.desk, self.options.part
        desk.clear()
        stage = (
            {"stage": part.name, "stage_number": part.number, "stages": part.stages} if part else {}
        )
        desk.tell("starting", stats=self.out / "stats.jsonl", error=None, alarm=None, **stage)
        self._prepare()
        with StopOnSignal() as self.stop, Board(self.out, self._boarded()) as self.board:
            try:
                self._train()
            except Exception as error:
                raise self._explained(error) from None
            if self.stop:
                desk.tell("stopping")
            self._save()
            self._finish()
        if self.stop:  # whoever runs several stages must not go on to the next
            desk.tell("stopped")
            self._say(f"The model is kept in {self.model}.")
            raise KeyboardInterrupt
        desk.tell("training" if part else "done", progress=self._overall(1.0))
        self.fabric.barrier()
        return self.model

    def _boarded(self) -> bool:
        return self.options.tensorboard and self.first

    def _prepare(self) -> None:
        self.task.setup(self.fabric)
        self.average = checkpoint.average_of(self.task.network)
        self.position = Position()
        if self.options.fresh and self.first:
            for path in (self.state, self.out / "stats.jsonl"):
                path.unlink(missing_ok=True)
        self.fabric.barrier()
        if self.fabric.broadcast(self.state.exists()):
            self.position = checkpoint.load_state(self.state, self.task, self.average)
        self._choose_batch()
        check_batch(self.options.batch, self.fabric.world_size)
        self.alarms = Alarms()
        if self.first:
            self.out.mkdir(parents=True, exist_ok=True)
            self.alarms = Alarms(checkpoint.trimmed(self.out / "stats.jsonl", self.position.step))
            _write_config(self.options)

    def _choose_batch(self) -> None:
        if self.options.batch:
            return
        if not self.position.batch:
            self.position.batch, text = chosen_batch(self.task, self.options, self.fabric)
            self._say(text)
        self.options = dataclasses.replace(self.options, batch=self.position.batch)

    def _train(self) -> None:
        self.clocks: dict[str, float] = {}
        self.clocks |= dict.fromkeys(("save", "sample", "tick"), time.monotonic())
        self.batches = self._batches()
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, transient=True, disable=not self.first)
        self.desk.tell("training", batch=self.options.batch, progress=self._overall())
        try:
            with self.bar:
                self.shown = self.bar.add_task("training", total=1.0)
                while self._goes_on():
                    self._step()
        finally:
            self.batches.close()

    def _batches(self) -> Generator[Any, None, None]:
        return prefetch.batches(self.task, self.options, self.fabric, self.position.step)

    def _goes_on(self) -> bool:
        """Do what is due or asked for between two steps; whether there is to be another step."""
        words = self._agreed()
        if "tick" in words:
            self._tick()
        if "pause" in words and not self.stop:
            self._pause()
        self._obey(words)
        if self.bad >= _BAD:
            self._return()
        return self._progress() < 1 and not self.stop

    def _agreed(self) -> set[str]:
        """What all ranks do now; the first rank's clock and folder decide."""
        asked = (
            self.desk.words() | {w for w in self.clocks if self._due(w)} if self.first else set()
        )
        names = ("pause", *ONCE, "save", "tick")
        told = [float(name in asked) for name in names]
        seconds = self.position.seconds if self.first else 0.0
        *flags, stop, self.position.seconds, bad = agreed(
            self.fabric, [*told, float(bool(self.stop)), seconds, float(self.bad)]
        )
        self.bad = int(bad)
        found = {name for name, flag in zip(names, flags, strict=True) if flag}
        if stop or "stop" in found:
            self.stop.ask()
        return found

    def _due(self, name: str) -> bool:
        now = time.monotonic()
        if now - self.clocks[name] < getattr(self.options, f"{name}_every", self.options.tick):
            return False
        self.clocks[name] = now
        return True

    def _obey(self, words: set[str]) -> None:
        """The first rank alone writes."""
        if not self.first:
            return
        if words & {"save", "backup"}:
            self._try_to_save()
        if words & {"export", "backup"}:
            self._export()
        if "backup" in words:
            checkpoint.keep_copy(self.out, self.position.step, self.model)
        if "sample" in words:
            self._show()
        for word in words & set(ONCE):
            self.desk.done(word)

    def _pause(self) -> None:
        """Wait until the word is taken away; other words are obeyed meanwhile."""
        if self.first:
            self._try_to_save()
            self._export()
        self.desk.tell("paused")
        words = {"pause"}
        while "pause" in words and not self.stop:
            time.sleep(_NAP)
            words = self._agreed()
            self._obey(words - {"save"})
        self.desk.tell("training")

    def _step(self) -> None:
        start = time.monotonic()
        progress, position = self._progress(), self.position
        batch = next(self.batches)
        waited = time.monotonic() - start
        seed_step(self.fabric, self.options.seed, position.step)
        rate = position.rate * learning_rate(position.step, progress, self.options)
        losses = self.task.step(batch, rate, progress)
        level(self.fabric)
        fine = self.tally.add(losses)
        if fine:
            checkpoint.follow(self.average, self.task.network, position.step, self.options.average)
        self.bad = 0 if fine else self.bad + 1
        position.step += 1
        position.images += self.options.batch
        spent = time.monotonic() - start
        position.seconds += spent
        self.tally.spent(spent, waited, self.options.batch)

    def _progress(self) -> float:
        return self.position.progress(self.options)

    def _overall(self, progress: float | None = None) -> float:
        """Share of the whole run, all stages."""
        part = self.options.part
        done = min(self._progress() if progress is None else progress, 1.0)
        return round(part.begin + part.share * done if part else done, 4)

    def _tick(self) -> None:
        line = self.tally.taken()
        if line is None:
            return
        self._note(line.figures)
        self.desk.tell(
            progress=self._overall(),
            images=self.position.images,
            per_second=round(line.per_second, 2),
            eta_s=self._left(line.per_second),
            wait=line.figures["wait"],
        )
        text = " ".join(f"{k} {v:.3f}" for k, v in line.figures.items())
        self.bar.update(self.shown, completed=self._progress(), description=text)

    def _left(self, per_second: float) -> float | None:
        """Seconds until all stages are done."""
        share = self.options.part.share if self.options.part else 1.0
        left = (1 - self._overall()) / share
        if self.options.images:
            return round(left * self.options.images / per_second, 1) if per_second else None
        return round(left * self.options.minutes * 60, 1)

    def _note(self, figures: Mapping[str, Any]) -> None:
        """A line in the run folder, and the alarms that it rings."""
        if not self.first:
            return
        position = self.position
        line = {
            "step": position.step,
            "images": position.images,
            "seconds": round(position.seconds, 1),
            "per_second": round(position.images / max(position.seconds, 1e-9), 2),
            "progress": round(self._progress(), 4),
            **{k: round(v, 5) if isinstance(v, float) else v for k, v in figures.items()},
        }
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            with (self.out / "stats.jsonl").open("a") as file:
                file.write(json.dumps(line) + "\n")
        except OSError as error:
            self._say(f"{self.out} cannot be written ({error.strerror}); the training goes on.")
        self.board.add(line)
        for alarm in self.alarms.look(line):
            self._ring(alarm)

    def _ring(self, alarm: Alarm) -> None:
        self._note({"alarm": alarm.id, "text": alarm.text})
        self.desk.tell(alarm=alarm._asdict())
        self._say(alarm.text)

    def _say(self, text: str) -> None:
        if self.first:
            print(text)

    def _save(self) -> None:
        """Raises InputError if it cannot; weights that are no numbers are not worth it."""
        if self.first and checkpoint.healthy(self.task.network):
            checkpoint.save_state(self.state, self.task, self.average, self.position)

    def _try_to_save(self) -> None:
        if self.bad:
            return
        try:
            self._save()
        except InputError as error:
            self._ring(Alarm("disk", f"{error} The training goes on."))

    def _return(self) -> None:
        """Go back to the last checkpoint, more slowly.

        Raises:
            InputError: there is none, or it has been tried before.
        """
        restored = self.position.restored + 1
        if restored > _RETURNS or not self.fabric.broadcast(self.state.exists()):
            raise InputError(
                "The loss is not a number, again and again; start with a lower --rate, and look "
                "at the photos. The last good checkpoint is kept."
            )
        self.batches.close()
        rate = self.position.rate / 2
        self.position = checkpoint.load_state(self.state, self.task, self.average)
        self.position.rate, self.position.restored, self.bad = rate, restored, 0
        self.batches = self._batches()
        if self.first:
            checkpoint.trimmed(self.out / "stats.jsonl", self.position.step)
            self._ring(Alarm("nan", TEXTS["nan"]))

    def _explained(self, error: Exception) -> Exception:
        """What to tell of an error; state that is worth it is kept first."""
        kept = self._kept()
        self._write_off()
        if ran_out(error):
            half = max(self.options.batch // 2, 1)
            return InputError(
                f"Memory ran out at batches of {self.options.batch}; run the same command with "
                f"--batch {half}.{kept}"
            )
        if isinstance(error, OSError):
            what = error.filename or self.options.out
            reason = (error.strerror or str(error)).lower()
            return InputError(
                f"{what} cannot be read or written any more ({reason}); bring it back and run the "
                f"same command.{kept}"
            )
        if isinstance(error, GuiseError):
            return type(error)(f"{error}{kept}")
        return error

    def _kept(self) -> str:
        if not self.position.step or self.bad:
            return ""
        try:
            self._save()
        except (InputError, RuntimeError, MemoryError):
            return ""
        return f" It goes on from step {self.position.step}."

    def _write_off(self) -> None:
        """Give back what a failed step still holds."""
        if self.fabric.device.type == "cuda":
            torch.cuda.empty_cache()

    def _show(self) -> None:
        """A sample sheet and the figures of the average, in the run folder."""
        folder = self.out / "samples"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.position.images:08d}.png"
        sheet = self.task.sheet(self.average)
        cv2.imwrite(str(path), sheet[..., ::-1])
        self.board.show(sheet, self.position.step)
        self.figures = dict(self.task.validate(self.average))
        self._note({f"val_{name}": value for name, value in self.figures.items()})
        self.desk.tell(sheet=path)

    def _export(self) -> None:
        checkpoint.save_model(self.model, self.average, self.task.card(command(), self.figures))
        self.desk.tell(model=self.model, model_time=time.time())

    def _finish(self) -> None:
        if self.first:
            self._show()
            self._export()


def _write_config(options: RunOptions) -> None:
    told = {name: str(value) for name, value in vars(options).items() if name != "part"}
    config = {"command": command(), "options": told}
    (options.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
