"""BicycleGAN's protocol of diversity: 20 random looks of a sketch, 19 consecutive pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from trainer.metrics import diversity, features, lpips, sketch_bench
from trainer.metrics.figures import Figure
from trainer.metrics.notes import Notes
from trainer.metrics.protocol_judges import FORMULA
from trainer.metrics.protocol_subject import Subject
from trainer.metrics.published import published
from trainer.metrics.sheets import Cell, contact_sheet, strided
from trainer.metrics.sketch_bench import Group, Pixels
from trainer.metrics.sketch_set import CASES as SKETCHES
from trainer.metrics.sketch_set import sketches

ID = "bicyclegan-diversity"
SAMPLES = 20
"""Random looks of a sketch, as published; their 19 consecutive pairs are compared."""
CASES = 25
"""Sketches of each kind for a report of all models."""
REAL = "random real pairs"
SHOWN, LOOKS = 8, 10
"""Sketches and looks of each on the sheet."""
_PAIRS = 100
"""Random pairs of real photos, at most."""


@dataclass(frozen=True)
class _Distance:
    """A way to compare consecutive pictures."""

    id: str
    judge: str
    says: str
    protocol: str
    of: Callable[[Sequence[Pixels]], list[float]]


def measure(subject: Subject, notes: Notes) -> None:
    """Mean distance within 19 consecutive pairs of 20 random looks of each sketch.

    Zhu et al., NIPS 2017, section 5: 100 inputs, LPIPS, beside random pairs of real photos.

    Raises:
        GuiseError: no data, or a sketch cannot be painted.
    """
    if {"Sampled", "Vector"}.isdisjoint(subject.card.takes):
        notes.gap(ID, f"{subject.card.id} invents no looks")
        return
    given = sketches(subject, notes, subject.count(SKETCHES))
    distances = _distances(subject, notes)
    real = {d.id: d.of(given.photos[: _PAIRS + 1]) for d in distances}
    for group in given.groups:
        few = _some(group, subject.count(CASES))
        with notes.timed(f"{ID}, paint, {group.title}"):
            painted = given.looks(few, SAMPLES)
        with notes.timed(f"{ID}, {group.title}"):
            notes.figures += [_diversity(few, painted, d, real[d.id]) for d in distances]
        notes.sheet(f"{ID}-{group.id}", lambda few=few, painted=painted: _sheet(few, painted))


def _some(group: Group, count: int) -> Group:
    return Group(group.id, group.title, group.some(count or len(group.cases)))


def _distances(subject: Subject, notes: Notes) -> list[_Distance]:
    notes.judges |= FORMULA
    pixels = "mean |difference| of RGB, 0..255"
    found = [_Distance("pixels", "formula", "pixel difference", pixels, _pixels)]
    judge = subject.judges.likeness(notes, f"{ID}.lite0")
    if judge is not None:

        def away(pictures: Sequence[Pixels]) -> list[float]:
            return judge.consecutive(pictures).tolist()

        says = "EfficientNet-Lite0 feature distance"
        found.insert(0, _Distance("lite0", features.ID, says, features.PROTOCOL, away))
    learnt = subject.judges.lpips(notes, f"{ID}.lpips")
    if learnt is not None:
        name = str(learnt.about["name"])
        found.insert(0, _Distance("lpips", lpips.ID, name, name, learnt.consecutive))
    return found


def _pixels(pictures: Sequence[Pixels]) -> list[float]:
    return [float(np.abs(a.astype(float) - b).mean()) for a, b in pairwise(pictures)]


def _diversity(
    group: Group, painted: Sequence[Sequence[Pixels]], distance: _Distance, real: Sequence[float]
) -> Figure:
    cases = {
        case.name: float(np.mean(distance.of(pictures)))
        for case, pictures in zip(group.cases, painted, strict=True)
    }
    value, truth = float(np.mean(list(cases.values()))), float(np.mean(real))
    ending = "" if group.id == "held_out" else f".{group.id}"
    return Figure(
        id=f"{ID}.{distance.id}{ending}",
        title=f"Random looks of one sketch, {distance.says}, {group.title}",
        protocol=f"{len(cases)} sketches x {SAMPLES} random looks, {sketch_bench.PROTOCOL}; mean "
        f"distance within the {SAMPLES - 1} consecutive pairs of each sketch, then over sketches; "
        f"{distance.protocol}; {REAL} = {len(real)} pairs of held-out photos in random order",
        judge=distance.judge,
        n=len(cases),
        value=value,
        baselines={REAL: truth},
        better="higher",
        target=(diversity.ENOUGH * truth if distance.id == "lite0" else None, None),
        target_says=f"at least {diversity.ENOUGH:.0%} of random real pairs"
        if distance.id == "lite0"
        else "",
        detail={"over random real pairs": value / truth},
        cases=cases,
        published=published(f"{ID}.{distance.id}"),
    )


def _sheet(group: Group, painted: Sequence[Sequence[Pixels]]) -> Pixels:
    """(H, W, 3) a row for each of some sketches: its lines, then random looks."""
    rows = []
    for i in strided(len(painted), SHOWN):
        case = group.cases[i]
        paper = np.where(case.lines[..., None], 0, 255).astype(np.uint8).repeat(3, axis=2)
        looks = [Cell(f"look {n}", p) for n, p in enumerate(painted[i][:LOOKS], 1)]
        rows.append([Cell(case.name, paper), *looks])
    return contact_sheet(rows, painted[0][0].shape[0])
