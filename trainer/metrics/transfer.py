"""Transfer: the look of one photo in the place and pose of the person of another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trainer.metrics import asking
from trainer.metrics.asking import Asking, Pixels
from trainer.metrics.likeness import Measure
from trainer.metrics.repose import PAIRED, Reposed, partners
from trainer.metrics.sheets import Cell, contact_sheet, strided
from trainer.metrics.stage import Person, on_white

TRANSFER = Measure(
    "transfer",
    "Transferred",
    "each held-out person's look in the place and pose of another one, in the other's frame "
    f"({PAIRED}), {asking.PROTOCOL}, on white",
)
SHOWN = 6
"""Looks and poses on the sheet."""


def transfers(asking: Asking, people: Sequence[Person]) -> list[Reposed]:
    """Everyone's look in another one's place. GuiseError if somebody cannot be painted."""
    return [
        _transfer(asking, person, people[other])
        for person, other in zip(people, partners(len(people)), strict=True)
    ]


def _transfer(asking: Asking, person: Person, other: Person) -> Reposed:
    asked = other.framed(other.pose, asking.side)
    return Reposed(person, other, asked, asking.paint(person.look, other))


def transfer_sheet(asking: Asking, people: Sequence[Person]) -> Pixels:
    """(H, W, 3) every look (first column) in every pose (first row), people picked by stride."""
    chosen = [people[i] for i in strided(len(people), 2 * SHOWN)]
    looks, poses = chosen[::2], chosen[1::2]
    head = [Cell(f"pose {p.name}", on_white(p.cut(asking.side))) for p in poses]
    rows = [[Cell("", np.full_like(head[0].pixels, 255)), *head]]
    for person in looks:
        painted = [Cell("", on_white(asking.paint(person.look, other))) for other in poses]
        rows.append([Cell(f"look {person.name}", on_white(person.cut(asking.side))), *painted])
    return contact_sheet(rows)
