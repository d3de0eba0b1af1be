"""Every kind of look that a model takes, asked of the engine and measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.errors import InputError
from trainer.metrics import blazepose
from trainer.metrics.asking import Asking
from trainer.metrics.bench import Bench
from trainer.metrics.figures import Figure
from trainer.metrics.interpolation import interpolation_sheet
from trainer.metrics.kept import look_figures
from trainer.metrics.likeness import likeness_figures
from trainer.metrics.mixing import mixed, mixing_figures, mixing_sheet
from trainer.metrics.plausible import found_figure, sides_figure
from trainer.metrics.reconstruction import RECONSTRUCTION, reconstruction_sheet, reconstructions
from trainer.metrics.repose import pose_figure
from trainer.metrics.samples import (
    held_figure,
    invented,
    novelty_figure,
    samples_sheet,
    spread_figure,
)
from trainer.metrics.transfer import TRANSFER, transfer_sheet, transfers

KINDS = {
    "reconstruction": "FromPhoto",
    "transfer": "FromPhoto",
    "samples": "Sampled",
    "mixing": "Parts",
    "interpolation": "Mix",
    "inplace": "FromPhoto",
}
"""The kind of look that each measure needs."""


class LookTrial:
    """The looks of one model of a session."""

    def __init__(self, asking: Asking, bench: Bench) -> None:
        self._asking, self._bench = asking, bench
        self._people = [person.squared() for person in bench.people]
        self._notes = bench.notes

    def reconstruction(self) -> None:
        """Own looks at own poses."""
        with self._notes.timed("reconstruction"):
            cases = reconstructions(self._asking, self._people, self._bench.training)
            self._notes.figures += likeness_figures(cases, self._bench.judge, RECONSTRUCTION)
        self._notes.sheet("reconstruction", lambda: reconstruction_sheet(cases))

    def transfer(self) -> None:
        """Looks of photos in the places of others."""
        with self._notes.timed("transfer"):
            painted = transfers(self._asking, self._people)
            self._notes.figures += look_figures(painted, self._bench.judge, TRANSFER)
        find_joints(
            "transfer.pckh", self._bench, lambda python: pose_figure(painted, python, TRANSFER)
        )
        self._notes.sheet("transfer", lambda: transfer_sheet(self._asking, self._people))

    def samples(self, count: int, poses: int) -> None:
        """Invented looks, `count` (two or more) at each of a few poses."""
        notes = self._notes
        with notes.timed("samples"):
            samples = invented(self._asking, self._people, count, poses)
            if self._bench.judge is not None:
                notes.figures.append(spread_figure(samples, self._people, self._bench.judge))
            if self._bench.training is not None:
                notes.figures.append(novelty_figure(samples, self._people, self._bench.training))
            notes.figures.append(held_figure(self._asking, samples))
            notes.figures.append(sides_figure(samples, self._people))
        find_joints("samples.pckh", self._bench, lambda python: found_figure(samples, python))
        notes.sheet("samples", lambda: samples_sheet(samples))

    def mixing(self) -> None:
        """Looks put together by region."""
        with self._notes.timed("mixing"):
            cases = mixed(self._asking, self._people)
            self._notes.figures += mixing_figures(cases)
        self._notes.sheet("mixing", lambda: mixing_sheet(cases))

    def interpolation(self) -> None:
        """Looks between two people: a sheet only."""
        self._notes.sheet("interpolation", lambda: interpolation_sheet(self._asking, self._people))


def find_joints(
    missing: str, bench: Bench, judged: Callable[[Path], tuple[Figure, dict[str, str | int]]]
) -> None:
    """The figure of joints found again, or a gap of the id `missing`.

    Args:
        judged: is given BlazePose's interpreter.
    """
    notes = bench.notes
    if bench.blazepose is None:
        notes.gap(missing, "no --blazepose interpreter was named to find the joints again")
        return
    with notes.timed(f"{missing}, blazepose"):
        try:
            figure, about = judged(bench.blazepose)
        except InputError as error:
            notes.gap(missing, str(error))
            return
    notes.judges[blazepose.ID] = about
    notes.figures.append(figure)
