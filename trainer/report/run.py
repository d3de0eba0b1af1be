"""`guise evaluate --all`: every model measured, one after the other, and the report written."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from rich.console import Console

from engine.errors import GuiseError, InputError
from engine.photo_files import version
from engine.registry import Model
from trainer.evaluate import subject_of
from trainer.metrics.figures import Gap
from trainer.metrics.held_out import data_folder
from trainer.metrics.protocol_subject import Subject
from trainer.report import jobs, orderings
from trainer.report.gather import Job, Part, card_says, earlier, joined, measure
from trainer.report.measured import Measured, file_name, write_json, write_text
from trainer.report.numbers import seconds
from trainer.report.options import ReportOptions
from trainer.report.orderings import Contestant, Group, Ranking
from trainer.report.page import render
from trainer.report.results import Results

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
    desk = Desk(options.out, options.fresh)
    stopped = False
    ranked: list[Ranking] = []
    try:
        for number, model in enumerate(models, 1):
            desk.measure(jobs.job(model, options), model, f"{number} of {len(models)}")
        for group in groups:
            ranked.append(_ranked(group, options, desk))
    except KeyboardInterrupt:
        stopped = True
    results = Results(
        command=command,
        cases=options.cases,
        versions=versions(),
        models=desk.done,
        orderings=ranked,
    )
    desk.write(results)
    if stopped:
        desk.say(
            f"Stopped; {len(desk.done)} of {len(models)} models are in {options.out}. The same "
            "command goes on from there."
        )
    return _INTERRUPTED if stopped else 0


def _ranked(group: Group, options: ReportOptions, desk: Desk) -> Ranking:
    def measure(contestant: Contestant) -> Measured:
        job = jobs.contest(contestant, group, options)
        return desk.measured(job, f"{group.id} {contestant.name}", "orderings")

    return orderings.ranked(group, measure)


class Desk:
    """The folder of a report and what is in it so far.

    Args:
        fresh: measure again what an earlier run has measured.

    Attributes:
        done: models of the report, measured.
        times: by model, its seconds.
    """

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        self.folder, self._fresh = folder, fresh
        self.done: list[Measured] = []
        self.times: dict[str, dict[str, Any]] = {}
        self._console = Console(stderr=True, highlight=False)
        for place in (folder, folder / "models", folder / "sheets"):
            _make(place)

    def say(self, text: str) -> None:
        """Tell the person at the terminal."""
        self._console.print(text, soft_wrap=True)

    def measure(self, job: Job, model: Model, number: str) -> None:
        """Measure a model for the report; a damaged one is in it with what is wrong."""
        try:
            measured = self.measured(job, model.card.id, number)
        except GuiseError as error:
            gaps = [Gap(id="model", reason=str(error))]
            measured = Measured(model={"id": model.card.id}, card=card_says(model.card), gaps=gaps)
        self.done.append(measured)

    def measured(self, job: Job, name: str, number: str) -> Measured:
        """The results of one model, part by part kept from an earlier run or new.

        Raises:
            ModelError: the file is no model.
        """
        subject = subject_of(job.path, job.options)
        digest = str(subject.about["weights_sha256"])
        parts: dict[str, Part] = {}
        for part in job.parts(subject.card):
            place = self.folder / "models" / file_name(name) / f"{part}.json"
            key = job.key(part, digest)
            parts[part] = self._kept(place, key) or self._new(subject, part, key, place)
            self.say(f"{number}  {name}, {part}: {_spent(parts[part])}")
        measured = joined(subject.about, subject.card, list(parts.values()))
        self.times[name] = {
            "wall": sum(part.seconds["wall"] for part in parts.values()),
            "processor": sum(part.seconds["processor"] for part in parts.values()),
            "parts": {name: {**part.seconds, "steps": part.times} for name, part in parts.items()},
        }
        return measured

    def _kept(self, place: Path, key: str) -> Part | None:
        return None if self._fresh else earlier(place, key)

    def _new(self, subject: Subject, part: str, key: str, place: Path) -> Part:
        _make(place.parent)
        sheets = self.folder / "sheets" / place.parent.name
        found = measure(subject, part, key, sheets)
        write_json(place, found)
        return found

    def write(self, results: Results) -> None:
        """report.json, times.json and report.html."""
        write_json(self.folder / "report.json", results)
        write_json(self.folder / "times.json", self.times)
        write_text(self.folder / "report.html", render(results, self.folder, self.times))
        self.say(f"{self.folder / 'report.html'}: {tally(*results.models)}")


def tally(*models: Measured) -> str:
    """How many figures there are, and how many met their targets."""
    figures = [figure for model in models for figure in model.figures]
    judged = [figure.met for figure in figures if figure.met is not None]
    return f"{len(figures)} figures, {sum(judged)} of {len(judged)} targets met"


def _spent(part: Part) -> str:
    gaps = f", {len(part.gaps)} gaps" if part.gaps else ""
    return (
        f"{len(part.figures)} figures{gaps}; {seconds(part.seconds['wall'])}, "
        f"{seconds(part.seconds['processor'])} of processor time"
    )


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


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"The folder {folder} cannot be made ({reason}).") from None
