"""One model of a report measured into its folder: kept from an earlier run, or new."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import msgspec
import torch

from engine.errors import GuiseError, InputError
from trainer.evaluate import subject_of
from trainer.metrics.protocol_subject import Subject
from trainer.report.gather import Job, Part, earlier, joined, measure
from trainer.report.measured import Measured, file_name, write_json, write_text
from trainer.report.numbers import seconds


@dataclass(frozen=True)
class Order:
    """A model to measure.

    Attributes:
        name: in the report, unlike that of any other.
        number: what is said before each line about it, such as "2 of 9".
        kin: orders of one kin share photos, which a process describes once.
    """

    job: Job
    name: str
    number: str
    kin: str


class Done(msgspec.Struct, frozen=True):
    """What became of an order.

    Attributes:
        measured: None if it failed as a whole.
        times: seconds as in times.json; empty if it failed.
        reason: why it failed.
    """

    measured: Measured | None = None
    times: dict[str, Any] = {}
    reason: str = ""


class Desk:
    """The folder of a report, where models are measured.

    Args:
        fresh: measure again what an earlier run has measured.
        say: is given a line about every part that is done.
    """

    def __init__(self, folder: Path, fresh: bool, say: Callable[[str], None]) -> None:
        self.folder, self._fresh, self._say = folder, fresh, say

    def done(self, order: Order) -> Done:
        """Measure a model; whatever goes wrong with it stops no other one."""
        try:
            return self._measured(order)
        except GuiseError as error:
            return Done(reason=str(error))
        except MemoryError:
            return Done(reason="Memory ran out; the same command measures it again.")
        except Exception as error:  # our own mistake: the rest of the report is wanted still
            return Done(reason=self._traced(order, error))

    def _traced(self, order: Order, error: Exception) -> str:
        place = self._place(order) / "error.txt"
        write_text(place, "".join(traceback.format_exception(error)))
        said = str(error).splitlines()[0] if str(error) else ""
        where = place.relative_to(self.folder).as_posix()
        return f"Measuring failed ({type(error).__name__}: {said}); see {where} in the report."

    def _measured(self, order: Order) -> Done:
        """Part by part. ModelError: the file is no model."""
        job = order.job
        cv2.setNumThreads(job.options.threads or torch.get_num_threads())
        subject = subject_of(job.path, job.options)
        digest = str(subject.about["weights_sha256"])
        parts: dict[str, Part] = {}
        for part in job.parts(subject.card):
            place = self._place(order) / f"{part}.json"
            key = job.key(part, digest)
            parts[part] = self._kept(place, key) or self._new(subject, part, key, place)
            self._say(f"{order.number}  {order.name}, {part}: {_spent(parts[part])}")
        measured = joined(subject.about, subject.card, list(parts.values()))
        return Done(measured, _times(parts))

    def _place(self, order: Order) -> Path:
        return self.folder / "models" / file_name(order.name)

    def _kept(self, place: Path, key: str) -> Part | None:
        return None if self._fresh else earlier(place, key)

    def _new(self, subject: Subject, part: str, key: str, place: Path) -> Part:
        make_folder(place.parent)
        found = measure(subject, part, key, self.folder / "sheets" / place.parent.name)
        write_json(place, found)
        return found


def _times(parts: dict[str, Part]) -> dict[str, Any]:
    return {
        "wall": sum(part.seconds["wall"] for part in parts.values()),
        "processor": sum(part.seconds["processor"] for part in parts.values()),
        "parts": {name: {**part.seconds, "steps": part.times} for name, part in parts.items()},
    }


def _spent(part: Part) -> str:
    gaps = f", {len(part.gaps)} gaps" if part.gaps else ""
    return (
        f"{len(part.figures)} figures{gaps}; {seconds(part.seconds['wall'])}, "
        f"{seconds(part.seconds['processor'])} of processor time"
    )


def make_folder(folder: Path) -> None:
    """A folder and those above it. InputError: the place cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"The folder {folder} cannot be made ({reason}).") from None
