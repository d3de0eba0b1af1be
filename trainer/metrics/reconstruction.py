"""Reconstruction: a person's own look at their own pose must be the person again."""

from __future__ import annotations

from collections.abc import Sequence

from trainer.metrics import asking
from trainer.metrics.asking import Asking, Pixels
from trainer.metrics.likeness import Likeness, Measure, nearest_rivals
from trainer.metrics.nearest import TrainingPhotos
from trainer.metrics.repose import SEED, partners
from trainer.metrics.sheets import Cell, contact_sheet, strided
from trainer.metrics.stage import Person, on_white

RECONSTRUCTION = Measure(
    "reconstruction",
    "Reconstruction",
    f"each held-out person's own look at their own pose, {asking.PROTOCOL}; compared with the "
    "photo on white, inside the person's box (margin 4 % of the frame); random person = another "
    f"held-out one (permutation without fixed points, seed {SEED})",
)
RANDOM = "random person"
SHOWN = 24
"""People on the sheet, four a row."""


def reconstructions(
    asking: Asking, people: Sequence[Person], training: TrainingPhotos | None
) -> list[Likeness]:
    """Everyone painted as they are. GuiseError if somebody cannot be painted."""
    cases = []
    for person, other in zip(people, partners(len(people)), strict=True):
        rivals = {RANDOM: people[other].cut(asking.side), **nearest_rivals(person, training)}
        painted = asking.paint(person.look, person)
        cases.append(Likeness(person, person.cut(asking.side), painted, rivals))
    return cases


def reconstruction_sheet(cases: Sequence[Likeness]) -> Pixels:
    """(H, W, 3) photo and painting of people picked by stride."""
    cells = []
    for i in strided(len(cases), SHOWN):
        case = cases[i]
        cells += [Cell(case.person.name, on_white(case.truth))]
        cells += [Cell("painted", on_white(case.painted))]
    return contact_sheet([cells[i : i + 8] for i in range(0, len(cells), 8)])
