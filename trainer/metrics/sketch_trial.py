"""A painter of sketches put through every protocol, and the sheets that show what it made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.errors import InputError
from trainer.metrics.diversity import diversity_figures
from trainer.metrics.edge_fidelity import (
    fidelity_figure,
    likeness_figure,
    realism_figures,
)
from trainer.metrics.features import FeatureJudge
from trainer.metrics.kernel_distance import KernelDistance
from trainer.metrics.line_finders import finders
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.sheets import Cell, contact_sheet
from trainer.metrics.sketch_bench import Case, Group, Pixels
from trainer.metrics.sketch_looks import (
    CHIPS,
    Chipped,
    at_random,
    chipped,
    chips_figure,
    dimensions_figure,
    reconstruction_figures,
)
from trainer.metrics.sketch_set import Sketches

SHOWN = 12
"""Sketches on a sheet."""
LOOKS = 8
"""Random looks of each."""
_CHIPPED = 10
"""Sketches that are given each chip's colour."""
_EXAMINED = 8
"""Sketches on which every number of a look is moved."""


class SketchTrial:
    """One painter of sketches.

    Args:
        given: whom it is judged on.
        count: random looks of each sketch.
        noisy: a painter trained as pix2pix + noise.
    """

    def __init__(
        self,
        given: Sketches,
        notes: Notes,
        judge: FeatureJudge | None,
        count: int,
        noisy: Sketches | None = None,
    ) -> None:
        self._given, self._easel, self._groups = given, given.easel, given.groups
        self._notes, self._judge, self._noisy = notes, judge, noisy
        self._count = count

    def diversity(self) -> None:
        """Random looks of one sketch beside random photos."""
        for group in self._groups:
            with self._notes.timed(f"paint {group.title}"):
                painted = self._given.looks(group, self._count)
            with self._notes.timed(f"diversity, {group.title}"):
                noisy = self._noisy.looks(group, self._count) if self._noisy else None
                self._notes.figures += diversity_figures(
                    group, painted, self._given.photos, self._judge, noisy
                )

    def encoding(self) -> None:
        """Looks read from photos; drawings have none."""
        cases = self._groups[0].cases
        with self._notes.timed("looks of photos"):
            own, free = self._given.encoded, at_random(self._easel, cases)
            self._notes.figures += reconstruction_figures(cases, own, free, self._judge)
            if self._judge is not None:
                figure = likeness_figure(cases, own, free, self._given.nearest, self._judge)
                self._notes.figures.append(figure)
        if len(self._groups) > 1:
            self._notes.gap("human.reconstruction", "drawings by people come without photos")

    def edges(self, options: EvaluateOptions) -> None:
        """Lines found again, together with the distance to real photos."""
        with self._notes.timed("calibrate detectors"):
            detectors = finders(options, self._given.train, self._notes)
        with self._notes.timed("describe photos"):
            photos = self._given.photos
            reference = None if self._judge is None else KernelDistance(photos, self._judge)
        for group in self._groups:
            painted = self._given.painted(group)
            with self._notes.timed(f"lines and realism, {group.title}"):
                others = self._given.rivals(group)
                self._notes.figures += [
                    fidelity_figure(group, painted, others, detector) for detector in detectors
                ]
                if reference is not None:
                    self._notes.figures += realism_figures(group, painted, others, reference)

    def chips(self) -> None:
        """Colours asked for."""
        for group in self._groups:
            try:
                with self._notes.timed(f"colour chips, {group.title}"):
                    tried = chipped(self._easel, group, _CHIPPED)
                self._notes.figures.append(chips_figure(group, tried))
            except InputError as error:
                self._notes.gap(f"{group.id}.chips", str(error))
                continue
            self._notes.sheet(f"chips-{group.id}", lambda tried=tried: _chips_sheet(tried))

    def dimensions(self) -> None:
        """What each number of a look does."""
        for group in self._groups:
            with self._notes.timed(f"numbers of a look, {group.title}"):
                figure = dimensions_figure(self._easel, group, _EXAMINED)
                self._notes.figures.append(figure)

    def sheets(self) -> None:
        """Sketches of each group with random looks."""
        for group in self._groups:
            self._notes.sheet(f"sketches-{group.id}", lambda group=group: self._sheet(group))

    def _sheet(self, group: Group) -> Pixels:
        shown = Group(group.id, group.title, group.some(SHOWN))
        painted = self._given.looks(shown, LOOKS)
        rows = [
            [*_given(case), *(Cell(f"look {n}", p) for n, p in enumerate(pictures, 1))]
            for case, pictures in zip(shown.cases, painted, strict=True)
        ]
        return contact_sheet(rows, self._easel.side)


def _given(case: Case) -> list[Cell]:
    """The sketch, and the photo if there is one."""
    paper = np.where(case.lines[..., None], 0, 255).astype(np.uint8).repeat(3, axis=2)
    shown = [Cell(case.name, paper)]
    return shown if case.photo is None else [*shown, Cell("photo", case.photo)]


def _chips_sheet(tried: Sequence[Chipped]) -> Pixels:
    rows = [
        [
            *_given(one.case)[:1],
            *(Cell(f"{name} {one.distances[name]:.0f}", one.pictures[name]) for name in CHIPS),
        ]
        for one in tried
    ]
    return contact_sheet(rows, rows[0][0].pixels.shape[0])
