"""A painter put through every protocol that needs no engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.painters.base import Painter
from trainer.data.posegan import read_pairs
from trainer.metrics.bench import Bench
from trainer.metrics.detail import detail_figure
from trainer.metrics.kept import look_figures
from trainer.metrics.likeness import Likeness, likeness_figures
from trainer.metrics.look_trial import find_joints
from trainer.metrics.mirror import MIRROR, mirror_pair
from trainer.metrics.pairs import Repaint, pair_figures
from trainer.metrics.repose import REPOSE, Reposed, partners, pose_figure, repose
from trainer.metrics.sheets import Cell, contact_sheet, skeleton, strided
from trainer.metrics.stage import on_white

SHOWN = 8
"""People on the contact sheet."""


class Trial:
    """One painter on its own."""

    def __init__(self, painter: Painter, bench: Bench) -> None:
        self.painter, self._bench = painter, bench
        self.people, self._notes = bench.people, bench.notes
        self._pairs: list[Likeness] = []
        self._reposed: list[Reposed] = []

    def mirror(self) -> None:
        """Mirror pairs, beside the nearest training photos if there are any."""
        with self._notes.timed("mirror pairs"):
            self._pairs = [mirror_pair(self.painter, p, self._bench.training) for p in self.people]
            self._notes.figures += likeness_figures(self._pairs, self._bench.judge, MIRROR)

    def repose(self) -> None:
        """Everyone in another one's pose; colours, features, texture and joints kept."""
        with self._notes.timed("repose"):
            others = [self.people[i] for i in partners(len(self.people))]
            pairs = zip(self.people, others, strict=True)
            self._reposed = [repose(self.painter, person, other) for person, other in pairs]
            self._notes.figures += look_figures(self._reposed, self._bench.judge, REPOSE)
        reposed = self._reposed
        find_joints("repose.pckh", self._bench, lambda python: pose_figure(reposed, python, REPOSE))

    def pairs(self, repaint: Repaint | None, folder: Path, count: int = 0) -> None:
        """`count` of a folder's pairs (0 = all); a gap if it is missing or nothing paints."""
        if repaint is None or not folder.is_dir():
            missing = f"there is no folder {folder}" if repaint else "no whole photos are painted"
            self._notes.gap(f"pairs.{folder.name}", missing)
            return
        with self._notes.timed("pairs"):
            listed = read_pairs(folder, "test")
            chosen = [listed[i] for i in strided(len(listed), count or len(listed))]
            self._notes.figures += pair_figures(repaint, chosen, folder.name)

    def detail(self, count: int) -> None:
        """Fine detail of `count` large subjects; 0 leaves it out."""
        if not count:
            self._notes.gap("detail.kept", "left out on request")
            return
        with self._notes.timed("large subjects"):
            people = [self.people[i] for i in strided(len(self.people), count)]
            found = detail_figure(self.painter, people)
        self._notes.figures.append(found.figure)
        self._notes.times["one painting at 2,000 px, first"] = found.first
        self._notes.times["one painting at 2,000 px, again"] = found.again

    def sheet(self) -> NDArray[np.uint8]:
        """(H, W, 3) people picked by stride: photo, mirror pair, pose asked for, painting.

        Needs :meth:`mirror` and :meth:`repose`.
        """
        return contact_sheet([self._row(i) for i in strided(len(self.people), SHOWN)])

    def _row(self, index: int) -> list[Cell]:
        pair, posed = self._pairs[index], self._reposed[index]
        rivals = [Cell(_short(name), on_white(rgba)) for name, rgba in pair.rivals.items()]
        return [
            Cell(f"photo {posed.person.name}", on_white(posed.source)),
            *rivals,
            Cell("mirror pair painted", on_white(pair.painted)),
            Cell(f"pose of {posed.other.name}", skeleton(posed.asked, on_white(posed.source))),
            Cell("painted", on_white(posed.painted)),
        ]


def _short(name: str) -> str:
    return name.replace("nearest training photo", "nearest").replace("copy of the source", "mirror")
