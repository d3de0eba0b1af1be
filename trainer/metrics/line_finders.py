"""Detectors of lines, each at the threshold that suits the training photos best."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.perception.edges_thinning import Line
from trainer.data.products import Products
from trainer.metrics.edge_detectors import Canny, Detector, Hed, Pixels
from trainer.metrics.memory import Memory, digest, stamp
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.sheets import strided
from trainer.recipes.edges_judging import Score, score

_CALIBRATED = 60
"""Training photos on which a detector's threshold is chosen."""
_REMEMBERED = 1_000
"""Pictures whose lines are kept, 64 kB each at 256 px."""
_HED: Memory[Hed] = Memory(1)
_FINDERS: Memory[Finder] = Memory(4)
"""By detector and training photos: models of one kind are judged by the same ones."""


class Finder:
    """Finds the lines of pictures; in every picture once.

    Attributes:
        threshold: of the detector.
        id, title, about: of the detector, for reports.
    """

    def __init__(self, detector: Detector, threshold: float) -> None:
        self._detector, self.threshold = detector, threshold
        self.id, self.title, self.about = detector.id, detector.title, detector.about
        self._lines: Memory[Line] = Memory(_REMEMBERED)

    def lines(self, picture: Pixels) -> Line:
        """(H, W) lines one pixel wide of an (H, W, 3) picture."""

        def find() -> Line:
            return self._detector.lines(self._detector.look(picture), self.threshold)

        return self._lines.of(digest(picture), find)

    def agreement(self, asked: Sequence[Line], pictures: Sequence[Pixels]) -> Score:
        """Of the lines found in pictures with those asked for, counts summed over all."""
        return score(asked, [self.lines(picture) for picture in pictures])


def finders(options: EvaluateOptions, train: Products, notes: Notes) -> list[Finder]:
    """Canny, and HED where its weights were named; without them a gap says so.

    Raises:
        InputError: the file holds no weights of HED.
    """
    detectors: list[Detector] = [Canny()]
    if options.hed is None:
        notes.gap("edges.hed", "no weights of HED were named; Canny finds the lines")
    else:
        detectors.append(_hed(options.hed))
    notes.judges |= {detector.id: dict(detector.about) for detector in detectors}
    return [finder(detector, train) for detector in detectors]


def finder(detector: Detector, train: Products) -> Finder:
    """A detector at the threshold that is best for the training pairs."""
    picked = strided(len(train), _CALIBRATED)
    shown = digest(train.photos[picked], train.lines[picked])
    key = detector.id, *sorted(detector.about.items()), shown
    return _FINDERS.of(key, lambda: Finder(detector, calibrated(detector, train)))


def calibrated(detector: Detector, train: Products) -> float:
    """The threshold at which lines found in training photos agree best with their edges."""
    picked = strided(len(train), _CALIBRATED)
    seen = [detector.look(train.photos[i]) for i in picked]

    def agreement(threshold: float) -> float:
        lines = [detector.lines(each, threshold) for each in seen]
        return score([train.lines[i] for i in picked], lines).f

    return max(detector.tried, key=agreement)


def _hed(file: Path) -> Hed:
    return _HED.of(stamp(file), lambda: Hed(file)) if file.is_file() else Hed(file)
