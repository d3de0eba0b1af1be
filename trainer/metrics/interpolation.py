"""Looks between two people, from one to the other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.appearance import Mix
from trainer.metrics.asking import Asking, Pixels
from trainer.metrics.repose import partners
from trainer.metrics.sheets import Cell, contact_sheet, strided
from trainer.metrics.stage import Person, on_white

STEPS = 7
"""Pictures from A to B."""
SHOWN = 6
"""Pairs on the sheet."""


def interpolation_sheet(asking: Asking, people: Sequence[Person]) -> Pixels:
    """(H, W, 3) a row for each of a few pairs: A, the looks from A's to B's at A's pose, B."""
    other, rows = partners(len(people)), []
    for i in strided(len(people), SHOWN):
        a, b = people[i], people[other[i]]
        first, last = (Cell(p.name, on_white(p.cut(asking.side))) for p in (a, b))
        painted = [
            Cell(f"{share:.0%} of B", on_white(asking.paint(Mix(a.look, b.look, share), a)))
            for share in np.linspace(0, 1, STEPS).tolist()
        ]
        rows.append([first, *painted, last])
    return contact_sheet(rows)
