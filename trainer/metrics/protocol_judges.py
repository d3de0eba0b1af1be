"""The judges that protocols ask for: each loaded once, named in the notes, or told as a gap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from trainer.metrics import classifiers, features
from trainer.metrics.classifiers import Classifier
from trainer.metrics.detector import ID as SSD
from trainer.metrics.detector import PersonDetector
from trainer.metrics.features import FeatureJudge, MissingJudge
from trainer.metrics.lpips import ID as LPIPS
from trainer.metrics.lpips import Lpips
from trainer.metrics.memory import Memory, stamp
from trainer.metrics.notes import Notes
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.protocol_files import ProtocolFiles

Judge = TypeVar("Judge")
FORMULA = {"formula": {"name": "computed from the pixels, no network"}}
_LOADED: Memory[Any] = Memory(6)
"""Networks of the files named last, with all that they remember of pictures."""


class Judges:
    """Who judges, for all protocols of a run.

    Every method takes the ids of the figures that need the judge: without its weights they become
    gaps and the answer is None, so that no other network ever stands in for it.
    """

    def __init__(self, options: EvaluateOptions, files: ProtocolFiles) -> None:
        self._options, self._files = options, files

    def likeness(self, notes: Notes, *figures: str) -> FeatureJudge | None:
        """EfficientNet-Lite0's features. InputError if its file holds something else."""
        judge = self._lite0(FeatureJudge, notes, figures)
        if judge is not None:
            about = {"weights_sha256": judge.sha256, "protocol": features.PROTOCOL}
            notes.judges[features.ID] = about
        return judge

    def classes(self, notes: Notes, *figures: str) -> Classifier | None:
        """EfficientNet-Lite0 with its classifier. InputError if its file holds something else."""
        judge = self._lite0(classifiers.lite0, notes, figures)
        if judge is not None:
            notes.judges[judge.id] = judge.about
        return judge

    def inception(self, notes: Notes, *figures: str) -> Classifier | None:
        """Inception-v3. InputError if its file holds something else."""
        file = self._files.inception
        if file is None:
            return _gaps(notes, figures, "no weights of Inception-v3 were named, see --inception")
        judge = _once(classifiers.inception, file)
        notes.judges[judge.id] = judge.about
        return judge

    def detector(self, notes: Notes, *figures: str) -> PersonDetector | None:
        """SSD300. InputError if its file holds something else."""
        file = self._files.ssd
        if file is None:
            return _gaps(notes, figures, "no weights of SSD300 were named, see --ssd")
        judge = _once(PersonDetector, file)
        notes.judges[SSD] = judge.about
        return judge

    def lpips(self, notes: Notes, *figures: str) -> Lpips | None:
        """LPIPS. InputError if a file holds something else."""
        trunk = self._files.alexnet
        if trunk is None:
            reason = "no weights of AlexNet, the trunk of LPIPS, were named, see --alexnet"
            return _gaps(notes, figures, reason)
        judge = Lpips(trunk, self._files.lpips, self._files.lpips_version)
        notes.judges[LPIPS] = judge.about
        return judge

    def _lite0(
        self, make: Callable[[Path], Judge], notes: Notes, figures: tuple[str, ...]
    ) -> Judge | None:
        try:
            file = features.find_weights(self._options.judge)
        except MissingJudge as error:
            return _gaps(notes, figures, str(error))
        return _once(make, file)


def _once(make: Callable[[Path], Judge], file: Path) -> Judge:
    """The judge of a file, loaded by `make` once; of a file that is not there, what it says."""
    if not file.is_file():
        return make(file)
    return _LOADED.of((make, stamp(file)), lambda: make(file))


def _gaps(notes: Notes, figures: tuple[str, ...], reason: str) -> None:
    for name in figures:
        notes.gap(name, reason)
