"""Looks put together by region: the region comes over, and nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.appearance import BODY, Parts
from trainer.metrics import asking, regions
from trainer.metrics.asking import Asking, Pixels
from trainer.metrics.figures import Figure
from trainer.metrics.regions import region_colours
from trainer.metrics.repose import PAIRED, partners
from trainer.metrics.sheets import Cell, contact_sheet, strided
from trainer.metrics.stage import Person, on_white

PROTOCOL = (
    "each held-out person (A) with one region of another one's look (B) at a time, at the pose "
    f"and place of A ({PAIRED}), {asking.PROTOCOL}; CIE76 of mean Lab colours of each region on "
    f"white; {regions.PROTOCOL}"
)
SHOWN = 6
"""Pairs on the sheet."""


@dataclass(frozen=True)
class Mixed:
    """A person with single regions of another one's look.

    Attributes:
        a, b: the two.
        plain: (S, S, 4) A's own look, painted.
        taken: (S, S, 4) A with one region of B, by the region's name.
    """

    a: Person
    b: Person
    plain: Pixels
    taken: dict[str, Pixels]

    def colours(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(5,) distance of each taken region to B's over there, and to A's; NaN where unseen."""
        side = self.plain.shape[0]
        people = (self.a, self.b)
        mine, theirs = (region_colours(p.cut(side), p.framed(p.pose, side)) for p in people)
        painted = self._painted.diagonal().T
        return np.linalg.norm(painted - theirs, axis=1), np.linalg.norm(painted - mine, axis=1)

    def leaks(self) -> NDArray[np.float64]:
        """(5, 5) change of every region (column) as one (row) is taken; NaN where it is taken."""
        pose = self.a.framed(self.a.pose, self.plain.shape[0])
        change = np.linalg.norm(self._painted - region_colours(self.plain, pose), axis=2)
        change[np.eye(len(BODY), dtype=bool)] = np.nan
        return change

    @cached_property
    def _painted(self) -> NDArray[np.float64]:
        """(5, 5, 3) colour of every region (second) as one (first) is taken."""
        pose = self.a.framed(self.a.pose, self.plain.shape[0])
        return np.stack([region_colours(self.taken[name], pose) for name in BODY])


def mixed(asking: Asking, people: Sequence[Person]) -> list[Mixed]:
    """Everyone with each region of another one. GuiseError if they cannot be painted."""
    pairs = [(a, people[b]) for a, b in zip(people, partners(len(people)), strict=True)]
    return [_mixed(asking, a, b) for a, b in pairs]


def _mixed(asking: Asking, a: Person, b: Person) -> Mixed:
    looks = {name: Parts(a.look, ((name, b.look),)) for name in BODY}
    taken = {name: asking.paint(look, a) for name, look in looks.items()}
    return Mixed(a, b, asking.paint(a.look, a), taken)


def mixing_figures(cases: Sequence[Mixed]) -> list[Figure]:
    """Whether the taken region looks like B's, and how much the others change."""
    return [_taken_figure(cases), _leak_figure(cases)]


def _taken_figure(cases: Sequence[Mixed]) -> Figure:
    to_b, to_a = np.array([case.colours() for case in cases]).swapaxes(0, 1)
    both = np.isfinite(to_b) & np.isfinite(to_a)
    to_b, to_a = (np.where(both, d, np.nan) for d in (to_b, to_a))
    return Figure(
        id="mixing.taken",
        title="Mixed by region, distance to B over that to A",
        protocol=f"{PROTOCOL}; distance of the taken region to B's in B's photo over that to A's "
        "in A's photo, each a mean over all people and regions seen in both",
        judge="formula",
        n=len(cases),
        value=float(np.nanmean(to_b) / np.nanmean(to_a)),
        better="lower",
        target=(None, 1.0),
        target_says="below 1 (nearer to B than to A)",
        detail={
            "dE to B": float(np.nanmean(to_b)),
            "dE to A": float(np.nanmean(to_a)),
            "regions": by_region(mean_seen(to_b) / mean_seen(to_a)),
        },
    )


def _leak_figure(cases: Sequence[Mixed]) -> Figure:
    leaks = np.array([case.leaks() for case in cases])
    return Figure(
        id="mixing.leak",
        title="Mixed by region, change of the other regions (dE)",
        protocol=f"{PROTOCOL}; the regions not taken against the painting of A's own look, mean "
        "over all people and regions",
        judge="formula",
        n=len(cases),
        value=float(np.nanmean(leaks)),
        better="lower",
        target=(None, 2.0),
        target_says="below 2 (hardly visible)",
        detail={
            "largest": float(np.nanmax(leaks)),
            "as a region is taken": {
                name: by_region(mean_seen(leaks[:, i])) for i, name in enumerate(BODY)
            },
        },
    )


def mean_seen(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(5,) mean of (N, 5) over what is not NaN; NaN where nothing is seen."""
    seen = np.isfinite(rows)
    return np.where(seen, rows, 0).sum(0) / np.where(seen.any(0), seen.sum(0), np.nan)


def by_region(values: NDArray[np.float64]) -> dict[str, float]:
    """One number a region; regions never seen are left out."""
    return {name: float(v) for name, v in zip(BODY, values, strict=True) if np.isfinite(v)}


def mixing_sheet(cases: Sequence[Mixed]) -> Pixels:
    """(H, W, 3) a row for each of a few pairs: A, B, then A with each region of B."""
    rows = []
    for case in (cases[i] for i in strided(len(cases), SHOWN)):
        side = case.plain.shape[0]
        people = {"A": case.a, "B": case.b}
        photos = [Cell(f"{n} {p.name}", on_white(p.cut(side))) for n, p in people.items()]
        taken = [Cell(f"{name} of B", on_white(case.taken[name])) for name in BODY]
        rows.append([*photos, *taken])
    return contact_sheet(rows)
