"""One model of a report measured part by part: its own measures, then each protocol."""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import cv2
import msgspec

from engine import registry
from engine.card import Card
from engine.errors import GuiseError
from engine.files import replacing
from engine.photo_files import version
from trainer.evaluate import measurable, own_figures
from trainer.metrics.figures import Figure, Gap, Report
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.protocols import PROTOCOLS, fitting
from trainer.report.measured import Measured, plain

_WIDEST = 1600
_QUALITY = 82
_CARD = ("title", "summary", "shape", "side", "data", "terms", "commercial", "command", "metrics")


OWN = "measures"
"""The part of a model's results that no protocol asks for."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one protocol, or the model's own measures, found; as it lies in the folder.

    Attributes:
        key: of the weights and everything that was asked for.
        judges, figures, gaps: as in :class:`trainer.metrics.figures.Report`.
        sheets: names of the contact sheets.
        times: seconds of each step.
        seconds: `wall` and `processor`, all steps together.
    """

    key: str
    judges: dict[str, dict[str, Any]] = {}
    figures: list[Figure] = []
    gaps: list[Gap] = []
    sheets: list[str] = []
    times: dict[str, float] = {}
    seconds: dict[str, float] = {}


@dataclass(frozen=True)
class Job:
    """A model to measure.

    Attributes:
        path: its file.
        options: of `guise evaluate` for this model.
        protocols: None = all that fit.
    """

    path: Path
    options: EvaluateOptions
    protocols: tuple[str, ...] | None = None

    def parts(self, card: Card) -> list[str]:
        """The model's own measures, if there are any, then the protocols."""
        reads = registry.architecture(card).kind != "painter"  # for them there is a protocol
        own = [OWN] if measurable(card) and not reads else []
        return own + list(fitting(card) if self.protocols is None else self.protocols)

    def key(self, part: str, digest: str) -> str:
        """Equal only for equal weights, options, judges and Guise."""
        asked = {
            name: _named(value)
            for values in (vars(self.options), vars(self.options.files))
            for name, value in values.items()
            if name not in ("out", "sheet", "sheets", "model", "data", "files", "threads")
        }
        told = (version(), digest, part, sorted(asked.items()))
        return hashlib.sha256(repr(told).encode()).hexdigest()


def _named(value: Any) -> Any:
    """Files by their content, wherever they lie."""
    if not isinstance(value, Path):
        return value
    if not value.is_file():
        return value.name
    with value.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def measure(subject: Subject, part: str, key: str, sheets: Path) -> Part:
    """One part of a model's results; what cannot be measured becomes a gap.

    Args:
        sheets: folder for the contact sheets, as JPEG.
    """
    sheets.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=sheets) as drafts:
        return _measured(subject, part, key, Path(drafts))


def _measured(subject: Subject, part: str, key: str, drafts: Path) -> Part:
    wall, before = time.perf_counter(), os.times()
    notes = Notes(drafts)
    try:
        report = _report(subject, part, notes, drafts)
    except GuiseError as error:
        notes.gap(part, str(error))
        report = notes.report(subject.about)
    figures = [figure for figure in report.figures if math.isfinite(figure.value)]
    found = Part(
        key=key,
        judges=report.judges,
        figures=[_finite(figure) for figure in figures],
        gaps=[*report.gaps, *_nothing(report.figures)],
        sheets=_shrunk(drafts),
        times=report.times,
        seconds={
            "wall": time.perf_counter() - wall,
            "processor": sum(os.times()[:4]) - sum(before[:4]),
        },
    )
    return msgspec.convert(plain(found), Part)


def _report(subject: Subject, part: str, notes: Notes, drafts: Path) -> Report:
    if part != OWN:
        shown = replace(subject, options=replace(subject.options, sheets=drafts))
        PROTOCOLS[part].measure(shown, notes)
        return notes.report(subject.about)
    return own_figures(replace(subject, options=replace(subject.options, sheets=drafts)))


def _finite(figure: Figure) -> Figure:
    """Without baselines and cases that are no numbers."""
    baselines, cases = (
        {name: value for name, value in values.items() if math.isfinite(value)}
        for values in (figure.baselines, figure.cases)
    )
    target = cast(
        tuple[float | None, float | None],
        tuple(None if t is None or not math.isfinite(t) else t for t in figure.target),
    )
    return msgspec.structs.replace(figure, baselines=baselines, cases=cases, target=target)


def _nothing(figures: Sequence[Figure]) -> list[Gap]:
    return [
        Gap(id=figure.id, reason="what was measured is no number")
        for figure in figures
        if not math.isfinite(figure.value)
    ]


def card_says(card: Card) -> dict[str, Any]:
    """What people want to know of a model's card."""
    return {name: getattr(card, name) for name in _CARD}


def joined(about: dict[str, Any], card: Card, parts: Sequence[Part]) -> Measured:
    """All parts of a model's results as one; of figures and gaps with the same id the first."""
    figures: dict[str, Figure] = {}
    gaps: dict[str, Gap] = {}
    judges: dict[str, Any] = {}
    for part in parts:
        for figure in part.figures:
            figures.setdefault(figure.id, figure)
        for gap in part.gaps:
            gaps.setdefault(gap.id, gap)
        judges |= part.judges
    return Measured(
        model=about,
        card=card_says(card),
        judges=judges,
        figures=list(figures.values()),
        gaps=[gap for gap in gaps.values() if gap.id not in figures],
        sheets=list(dict.fromkeys(name for part in parts for name in part.sheets)),
    )


def _shrunk(drafts: Path) -> list[str]:
    """The contact sheets as JPEG files one folder up; their names without ending."""
    names = []
    for draft in sorted(drafts.glob("*.png")):
        pixels = cv2.imread(str(draft))
        assert pixels is not None
        scale = min(_WIDEST / pixels.shape[1], 1)
        if scale < 1:
            pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        done, content = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        assert done
        with replacing(drafts.parent / f"{draft.stem}.jpg") as file:
            file.write(content.tobytes())
        names.append(draft.stem)
    return names


def earlier(path: Path, key: str) -> Part | None:
    """The results of an earlier run, if they are of the same model and options."""
    if not path.is_file():
        return None
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Part)
    except msgspec.DecodeError:  # of another version: measured anew
        return None
    return found if found.key == key else None
