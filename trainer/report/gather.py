"""One model of a report measured with everything that fits it, or taken from an earlier run."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import msgspec

from engine.card import Card
from engine.errors import GuiseError
from engine.files import replacing
from engine.photo_files import version
from trainer.evaluate import measurable, own_figures, subject_of
from trainer.metrics.figures import Figure, Gap, Report
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.protocols import PROTOCOLS, fitting
from trainer.report.measured import Measured, plain

_WIDEST = 1600
_QUALITY = 82
_CARD = ("title", "summary", "shape", "side", "data", "terms", "commercial", "command", "metrics")


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A model's results as they lie in the folder.

    Attributes:
        key: of the weights and everything that was asked for.
        times: seconds of each step.
        seconds: `wall` and `processor`, all steps together.
    """

    key: str
    measured: Measured
    times: dict[str, float]
    seconds: dict[str, float]


@dataclass(frozen=True)
class Job:
    """A model to measure.

    Attributes:
        path: its file.
        options: of `guise evaluate` for this model.
        own: whether what is measured without a protocol is wanted too.
        protocols: None = all that fit.
    """

    path: Path
    options: EvaluateOptions
    own: bool = True
    protocols: tuple[str, ...] | None = None

    def key(self, digest: str) -> str:
        """Equal only for equal weights, options, judges and Guise."""
        asked = {
            name: _named(value)
            for values in (vars(self.options), vars(self.options.files))
            for name, value in values.items()
            if name not in ("out", "sheet", "sheets", "model", "data", "files")
        }
        told = (version(), digest, sorted(asked.items()), self.own, self.protocols)
        return hashlib.sha256(repr(told).encode()).hexdigest()


def _named(value: Any) -> Any:
    """Files by their content, wherever they lie."""
    if not isinstance(value, Path):
        return value
    if not value.is_file():
        return value.name
    with value.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def measure(job: Job, sheets: Path) -> tuple[Measured, dict[str, float]]:
    """Everything about a model; what cannot be measured becomes a gap.

    Args:
        sheets: folder for the contact sheets, as JPEG.

    Returns:
        The results, and the seconds of each step.

    Raises:
        ModelError: the file is no model.
    """
    drafts = sheets / "drafts"
    options = replace(job.options, sheets=drafts)
    subject = subject_of(job.path, options)
    if measurable(subject.card) and subject.card.shape == "Pose" and subject.kind == "painter":
        subject = replace(subject, options=replace(options, sheet=drafts / "people.png"))
    drafts.mkdir(parents=True, exist_ok=True)
    notes = Notes(drafts)
    reports = [_own(subject, notes)] if job.own else []
    for name in fitting(subject.card) if job.protocols is None else job.protocols:
        try:
            PROTOCOLS[name].measure(subject, notes)
        except GuiseError as error:
            notes.gap(name, str(error))
    found = _merged([*reports, notes.report(subject.about)])
    measured = Measured(
        model=found.model,
        card=card_says(subject.card),
        judges=found.judges,
        figures=found.figures,
        gaps=found.gaps,
        sheets=_shrunk(drafts, sheets),
    )
    return msgspec.convert(plain(measured), Measured), found.times


def _own(subject: Subject, notes: Notes) -> Report:
    nothing = Report(model=subject.about, judges={}, figures=[], gaps=[], times={})
    if not measurable(subject.card):
        return nothing
    try:
        return own_figures(subject)
    except GuiseError as error:
        notes.gap("measures", str(error))
        return nothing


def card_says(card: Card) -> dict[str, Any]:
    """What people want to know of a model's card."""
    return {name: getattr(card, name) for name in _CARD}


def _merged(reports: list[Report]) -> Report:
    """All reports as one; of figures and gaps with the same id the first."""
    figures: dict[str, Figure] = {}
    gaps: dict[str, Gap] = {}
    judges: dict[str, Any] = {}
    times: dict[str, float] = {}
    for report in reports:
        for figure in report.figures:
            figures.setdefault(figure.id, figure)
        for gap in report.gaps:
            gaps.setdefault(gap.id, gap)
        judges |= report.judges
        times |= report.times
    return Report(
        model=reports[-1].model,
        judges=judges,
        figures=list(figures.values()),
        gaps=[gap for gap in gaps.values() if gap.id not in figures],
        times=times,
    )


def _shrunk(drafts: Path, sheets: Path) -> list[str]:
    """The contact sheets as JPEG files of at most 1,600 px; their names without ending."""
    names = []
    for draft in sorted(drafts.glob("*.png")):
        pixels = cv2.imread(str(draft))
        assert pixels is not None
        scale = min(_WIDEST / pixels.shape[1], 1)
        if scale < 1:
            pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        done, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        assert done
        with replacing(sheets / f"{draft.stem}.jpg") as file:
            file.write(content.tobytes())
        names.append(draft.stem)
    shutil.rmtree(drafts)
    return names


def earlier(path: Path, key: str) -> Kept | None:
    """The results of an earlier run, if they are of the same model and options."""
    if not path.is_file():
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Kept)
    except msgspec.DecodeError:  # of another version: measured anew
        return None
    return found if found.key == key else None
