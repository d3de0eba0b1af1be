"""`guise evaluate --all`: every model measured, side by side, and the report written."""

from __future__ import annotations

import platform
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

import cv2
import numpy as np
import torch
from rich.console import Console
from rich.status import Status

from engine.errors import GuiseError, InputError, ModelError
from engine.photo_files import version
from engine.registry import Model
from engine.runtime import Runtime
from engine.weights import read_card
from trainer.metrics.figures import Gap
from trainer.metrics.held_out import data_folder
from trainer.report import jobs, orderings, rounds
from trainer.report.desk import Desk, Done, Order, make_folder
from trainer.report.gather import card_says
from trainer.report.measured import Measured, write_json, write_text
from trainer.report.options import ReportOptions
from trainer.report.orderings import Contestant, Group
from trainer.report.page import render
from trainer.report.results import Results
from trainer.report.rounds import Round
from trainer.report.workers import Hall, usual

_INTERRUPTED = 130


def run(options: ReportOptions, command: str) -> int:
    """Measure what the folder lacks and write report.json, times.json and report.html.

    Args:
        command: what was typed; the report says it.

    Returns:
        0, or 130 after Ctrl-C; what was measured until then is kept and in the report.

    Raises:
        GuiseError: no data, or something that was named is not there.
    """
    models = jobs.chosen(options.models)
    if not models:
        raise InputError("There are no models to measure; see `guise train`.")
    jobs.refuse_absent(options, models)
    data_folder(options.data)
    groups = orderings.read(options.orderings) if options.orderings else []
    helped = rounds.read(options.rounds) if options.rounds else []
    for place in (options.out, options.out / "models", options.out / "sheets"):
        make_folder(place)
    work = Work(options, models, groups)
    stopped = not work.go()
    work.write(command, helped)
    if stopped:
        work.say(
            f"Stopped; {len(work.models)} of {len(models)} models are in {options.out}. The same "
            "command goes on from there."
        )
    return _INTERRUPTED if stopped else 0


class Work:
    """What is asked for, and what is done of it so far.

    Attributes:
        done: by the name of the order.
    """

    def __init__(
        self, options: ReportOptions, models: Sequence[Model], groups: Sequence[Group]
    ) -> None:
        self._options, self._models, self._groups = options, models, groups
        self._console = Console(stderr=True, highlight=False)
        self.done: dict[str, Done] = {}

    def say(self, text: str) -> None:
        """Tell the person at the terminal."""
        self._console.print(text, soft_wrap=True)

    def go(self) -> bool:
        """Measure everything. False: Ctrl-C."""
        try:
            orders = list(self._orders())
            with self._console.status("") as status, closing(self._each(orders, status)) as each:
                for order, done in each:
                    self.done[order.name] = done
        except KeyboardInterrupt:
            return False
        return True

    def _each(self, orders: Sequence[Order], status: Status) -> Generator[tuple[Order, Done]]:
        options = self._options
        count = min(options.workers or usual(Runtime.best(options.device).device), len(orders))
        if count > 1:
            hall = Hall(options.out, options.fresh, count, self.say, status.update)
            yield from hall.measure(orders)
            return
        status.stop()  # each step shows itself
        desk = Desk(options.out, options.fresh, self.say)
        for order in orders:
            yield order, desk.done(order)

    def _orders(self) -> Iterator[Order]:
        for number, model in enumerate(self._models, 1):
            job = jobs.job(model, self._options)
            count = f"{number} of {len(self._models)}"
            yield Order(job, model.card.id, count, jobs.kin(job, model.card))
        for group in self._groups:
            for contestant in group.models:
                name = _name(group, contestant)
                try:
                    job = jobs.contest(contestant, group, self._options)
                    yield Order(job, name, "orderings", jobs.kin(job, read_card(job.path)))
                except ModelError as error:
                    self.done[name] = Done(reason=str(error))

    @property
    def models(self) -> list[Measured]:
        """The models that are done; a damaged one with what is wrong."""
        found = [(model, self.done.get(model.card.id)) for model in self._models]
        return [_model(model, done) for model, done in found if done is not None]

    def write(self, command: str, helped: list[Round]) -> None:
        """report.json, times.json and report.html."""
        folder = self._options.out
        times = {name: done.times for name, done in self._in_order() if done.times}
        results = Results(
            command=command,
            cases=self._options.cases,
            versions=versions(),
            models=self.models,
            orderings=[
                orderings.ranked(group, lambda one, group=group: self._contest(group, one))
                for group in self._groups
                if all(_name(group, one) in self.done for one in group.models)
            ],
            rounds=helped,
        )
        write_json(folder / "report.json", results)
        write_json(folder / "times.json", times)
        write_text(folder / "report.html", render(results, folder, times))
        self.say(f"{folder / 'report.html'}: {tally(*results.models)}")

    def _in_order(self) -> Iterator[tuple[str, Done]]:
        names = [model.card.id for model in self._models]
        names += [_name(group, one) for group in self._groups for one in group.models]
        return ((name, self.done[name]) for name in names if name in self.done)

    def _contest(self, group: Group, contestant: Contestant) -> Measured:
        done = self.done[_name(group, contestant)]
        if done.measured is None:
            raise GuiseError(done.reason)
        return done.measured


def _name(group: Group, contestant: Contestant) -> str:
    return f"{group.id} {contestant.name}"


def _model(model: Model, done: Done) -> Measured:
    if done.measured is not None:
        return done.measured
    gaps = [Gap(id="model", reason=done.reason)]
    return Measured(model={"id": model.card.id}, card=card_says(model.card), gaps=gaps)


def tally(*models: Measured) -> str:
    """How many figures there are, and how many met their targets."""
    figures = [figure for model in models for figure in model.figures]
    judged = [figure.met for figure in figures if figure.met is not None]
    return f"{len(figures)} figures, {sum(judged)} of {len(judged)} targets met"


def versions() -> dict[str, str]:
    """Of Guise and of what its figures depend on."""
    return {
        "guise": version(),
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "processor": f"{platform.machine()}, {torch.backends.cpu.get_cpu_capability()}",
    }
