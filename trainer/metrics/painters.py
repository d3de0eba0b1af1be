"""A painter of people measured on held-out people, with every kind of look that it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.card import Card
from engine.errors import InputError
from engine.painters.base import Painter
from engine.session import Session
from trainer.data.coco import PersonSample, read_people
from trainer.metrics.asking import Asking
from trainer.metrics.bench import Bench
from trainer.metrics.figures import Report
from trainer.metrics.held_out import chosen, data_folder, refuse_leaks, without_doubles
from trainer.metrics.inplace import inplace_figures, inplace_sheet, staged
from trainer.metrics.look_trial import KINDS, LookTrial
from trainer.metrics.nearest import described
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.pairs import SessionRepaint
from trainer.metrics.protocol_judges import FORMULA, Judges
from trainer.metrics.sheets import save_sheet
from trainer.metrics.stage import Person
from trainer.metrics.trial import Trial

PACK = "people"
"""Painters are judged on the held-out people of this pack."""
PAIRS = "pku_reid"
"""pose-gan's pairs come from this pack."""
JUDGED = {
    "mirror": ("feature_distance", "nearest"),
    "repose": ("part_features",),
    "reconstruction": ("feature_distance", "nearest"),
    "transfer": ("part_features",),
    "samples": ("spread", "nearest"),
}
"""Figures of each measure that need the judge of likeness."""
TRAINING = {"mirror", "reconstruction", "samples"}
"""Measures that compare with the training photos."""


def evaluate_painter(
    painter: Painter,
    about: dict[str, Any],
    options: EvaluateOptions,
    session: Session | None = None,
) -> Report:
    """Everything about a painter of people.

    Args:
        about: what the report says of the model.
        session: answers requests for the same model; None leaves gaps.
    """
    if options.sheet is not None and not {"mirror", "repose"} <= set(options.measures):
        raise InputError("--sheet shows mirror pairs and reposed people; add both to --only.")
    if options.samples < 2 or options.poses < 1:
        raise InputError("Compare two or more --samples at one or more --poses.")
    bench = _bench(painter.card.side, options)
    trial = Trial(painter, bench)
    steps = _painter_steps(trial, options, session, painter.card.id)
    if session is not None:
        steps |= _look_steps(bench, options, session, painter.card)
    for name in options.measures:
        gap = _impossible(name, painter.card, session)
        if gap:
            bench.notes.gap(name, gap)
        else:
            steps[name]()
    if options.sheet is not None:
        save_sheet(options.sheet, trial.sheet())
    return bench.notes.report(about)


def held_out_people(
    options: EvaluateOptions, notes: Notes
) -> tuple[list[Person], list[PersonSample]]:
    """The held-out people, without those that are trained on too, and the training split.

    Raises:
        InputError: no data, a photo in both splits, or fewer than two usable people.
    """
    data = data_folder(options.data)
    train, held_out = read_people(data / PACK, "train"), read_people(data / PACK, "val")
    refuse_leaks(train, held_out)
    fresh, seen_before = without_doubles(held_out, train)
    notes.gaps += [gap for gap in seen_before if gap not in notes.gaps]
    everyone = [Person.of(sample) for sample in chosen(fresh, options.people)]
    people = [person for person in everyone if person.usable]
    if len(people) < 2:
        raise InputError(
            f"{data / PACK} has {len(people)} usable person in val; evaluation needs two or more."
        )
    if len(people) < len(everyone):
        rest = len(everyone) - len(people)
        notes.gap("people", f"{rest} held-out people lack a shoulder or hip and were left out")
    return people, train


def _bench(side: int, options: EvaluateOptions) -> Bench:
    notes = Notes(options.sheets)
    people, train = held_out_people(options, notes)
    notes.judges |= FORMULA
    judged = [f"{name}.{figure}" for name in options.measures for figure in JUDGED.get(name, ())]
    judge = Judges(options, options.files).likeness(notes, *judged)
    training = None
    if judge is not None and TRAINING.intersection(options.measures):
        with notes.timed("describe training photos"):
            training = described(train, side, judge)
    return Bench(people, notes, judge, training, options.blazepose)


def _painter_steps(
    trial: Trial, options: EvaluateOptions, session: Session | None, model: str
) -> dict[str, Callable[[], None]]:
    folder = data_folder(options.data) / PAIRS
    repaint = None if session is None else SessionRepaint(session, model)
    return {
        "mirror": trial.mirror,
        "repose": trial.repose,
        "pairs": lambda: trial.pairs(repaint, folder, options.pairs),
        "detail": lambda: trial.detail(min(options.large, len(trial.people))),
    }


def _look_steps(
    bench: Bench, options: EvaluateOptions, session: Session, card: Card
) -> dict[str, Callable[[], None]]:
    trial = LookTrial(Asking(session, card.id, card.side), bench)

    def inplace() -> None:
        cases = staged(session, card.id, bench.people)
        with bench.notes.timed("in place"):
            bench.notes.figures += inplace_figures(cases)
        bench.notes.sheet("inplace", lambda: inplace_sheet(cases))

    return {
        "reconstruction": trial.reconstruction,
        "transfer": trial.transfer,
        "samples": lambda: trial.samples(options.samples, options.poses),
        "mixing": trial.mixing,
        "interpolation": trial.interpolation,
        "inplace": inplace,
    }


def _impossible(measure: str, card: Card, session: Session | None) -> str:
    """Why a measure cannot be taken; empty if it can."""
    kind = KINDS.get(measure)
    if kind is None:
        return ""
    if kind not in card.takes:
        return f"left out, the model {card.id} takes no looks of the kind {kind}"
    if not card.alpha:
        return f"left out, the model {card.id} paints no alpha, so nobody can be cut out"
    return "" if session is not None else "no engine answers requests"
