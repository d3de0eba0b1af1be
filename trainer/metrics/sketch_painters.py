"""A painter of sketches measured on held-out edges and on drawings by people."""

from __future__ import annotations

from pathlib import Path

from engine import weights
from engine.errors import InputError
from engine.session import Session
from trainer.metrics.figures import Report
from trainer.metrics.memory import Memory, digest, stamp
from trainer.metrics.notes import Notes
from trainer.metrics.protocol_judges import FORMULA
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.sketch_bench import Easel
from trainer.metrics.sketch_set import Sketches, sketches
from trainer.metrics.sketch_trial import SketchTrial

_TAKES = {
    "diversity": "Sampled",
    "encoding": "FromPhoto",
    "chips": "Vector",
    "dimensions": "Vector",
}
"""Looks that a measure needs; a painter whose looks are vectors takes the others too."""
_NOISY: Memory[Sketches] = Memory(1)
"""What the painter of pix2pix + noise named last makes: several models are compared with it."""
_JUDGED = ("diversity", "reconstruction.features", "realism")
"""Figures that need the judge of likeness."""


def evaluate_sketches(subject: Subject) -> Report:
    """Everything about a painter of sketches.

    Raises:
        InputError: no data, or a pack with fewer than two held-out photos.
    """
    options, card = subject.options, subject.card
    if not options.sketch_measures:
        raise InputError(f"{card.id} paints sketches; none of the measures of --only is for them.")
    if options.samples < 2:
        raise InputError("Compare two or more --samples.")
    notes = Notes(options.sheets)
    given = sketches(subject, notes, options.cases)
    notes.judges |= FORMULA
    judge = subject.judges.likeness(notes, *_JUDGED)
    noisy = None if options.noise is None else _noisy(options.noise, options.device, given)
    trial = SketchTrial(given, notes, judge, options.samples, noisy)
    _measure(trial, subject, notes)
    return notes.report(subject.about)


def _noisy(file: Path, device: str, given: Sketches) -> Sketches:
    """A painter trained as pix2pix + noise, on the cases of the one that is measured."""

    def make() -> Sketches:
        easel = Easel(Session(device, models=[file]), weights.read_card(file))
        return Sketches(easel, given.train, given.groups)

    shown = digest(*(case.lines for group in given.groups for case in group.cases))
    return _NOISY.of((stamp(file), device, shown), make)


def _measure(trial: SketchTrial, subject: Subject, notes: Notes) -> None:
    steps = {
        "diversity": trial.diversity,
        "encoding": trial.encoding,
        "edges": lambda: trial.edges(subject.options),
        "chips": trial.chips,
        "dimensions": trial.dimensions,
    }
    for name in subject.options.sketch_measures:
        kind = _TAKES.get(name, "Sampled")
        if {kind, "Vector"}.isdisjoint(subject.card.takes):
            reason = f"left out, the model {subject.card.id} takes no looks of the kind {kind}"
            notes.gap(name, reason)
        else:
            steps[name]()
    trial.sheets()
