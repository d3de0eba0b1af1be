"""A painter put through every protocol, collecting figures, gaps and times."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from engine.errors import InputError
from engine.painters.base import Painter
from trainer.data.coco import PersonSample
from trainer.data.posegan import read_pairs
from trainer.metrics import blazepose
from trainer.metrics.detail import detail_figure
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure, Gap
from trainer.metrics.likeness import Likeness, likeness_figures
from trainer.metrics.mirror import MIRROR, mirror_pair
from trainer.metrics.nearest import TrainingPhotos
from trainer.metrics.pairs import Repaint, pair_figures
from trainer.metrics.repose import Reposed, look_figures, partners, pose_figure, repose
from trainer.metrics.sheets import Cell, contact_sheet, skeleton, strided
from trainer.metrics.stage import Person, on_white

SHOWN = 8
"""People on the contact sheet."""


class Trial:
    """One painter and the held-out people it is judged on (two or more).

    Attributes:
        figures, gaps, times: what was found so far.
    """

    def __init__(self, painter: Painter, people: Sequence[Person]) -> None:
        self.painter, self.people = painter, people
        self.figures: list[Figure] = []
        self.gaps: list[Gap] = []
        self.times: dict[str, float] = {}
        self._pairs: list[Likeness] = []
        self._reposed: list[Reposed] = []

    def gap(self, identifier: str, reason: str) -> None:
        """Say that a figure could not be measured."""
        self.gaps.append(Gap(id=identifier, reason=reason))

    def mirror(self, judge: FeatureJudge | None, train: Sequence[PersonSample]) -> None:
        """Mirror pairs; without a judge the nearest training photo is not looked up."""
        training = None
        if judge is None:
            self.gap("mirror.nearest", "the nearest training photo is looked up by the judge")
        else:
            with self._timed("describe training photos"):
                training = TrainingPhotos(train, self.painter.card.side, judge)
        with self._timed("mirror pairs"):
            self._pairs = [mirror_pair(self.painter, p, training) for p in self.people]
            self.figures += likeness_figures(self._pairs, judge, MIRROR)

    def repose(self, judge: FeatureJudge | None) -> None:
        """Everyone in another one's pose; colours, features and texture kept."""
        with self._timed("repose"):
            others = [self.people[i] for i in partners(len(self.people))]
            pairs = zip(self.people, others, strict=True)
            self._reposed = [repose(self.painter, person, other) for person, other in pairs]
            self.figures += look_figures(self._reposed, judge)

    def find_joints(self, python: Path | None) -> dict[str, Any]:
        """Joints of the reposed people found again; returns what judged, by id."""
        if python is None:
            self.gap("repose.pckh", "no --blazepose interpreter was named to find the joints again")
            return {}
        with self._timed("blazepose"):
            try:
                figure, about = pose_figure(self._reposed, python)
            except InputError as error:
                self.gap("repose.pckh", str(error))
                return {}
        self.figures.append(figure)
        return {blazepose.ID: about}

    def pairs(self, repaint: Repaint | None, folder: Path, count: int = 0) -> None:
        """`count` of a folder's pairs (0 = all); a gap if it is missing or nothing paints."""
        if repaint is None or not folder.is_dir():
            missing = f"there is no folder {folder}" if repaint else "no whole photos are painted"
            self.gap(f"pairs.{folder.name}", missing)
            return
        with self._timed("pairs"):
            listed = read_pairs(folder, "test")
            chosen = [listed[i] for i in strided(len(listed), count or len(listed))]
            self.figures += pair_figures(repaint, chosen, folder.name)

    def detail(self, count: int) -> None:
        """Fine detail of `count` large subjects; 0 leaves it out."""
        if not count:
            self.gap("detail.kept", "left out on request")
            return
        with self._timed("large subjects"):
            people = [self.people[i] for i in strided(len(self.people), count)]
            found = detail_figure(self.painter, people)
        self.figures.append(found.figure)
        self.times["one painting at 2,000 px, first"] = found.first
        self.times["one painting at 2,000 px, again"] = found.again

    def sheet(self) -> NDArray[np.uint8]:
        """(H, W, 3) people picked by stride: photo, mirror pair, pose asked for, painting."""
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

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        with Console(stderr=True).status(what):
            yield
        self.times[what] = time.perf_counter() - start


def _short(name: str) -> str:
    return name.replace("nearest training photo", "nearest").replace("copy of the source", "mirror")
