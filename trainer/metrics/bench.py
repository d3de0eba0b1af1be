"""Whom a painter is judged on, and who judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainer.metrics.features import FeatureJudge
from trainer.metrics.nearest import TrainingPhotos
from trainer.metrics.notes import Notes
from trainer.metrics.stage import Person


@dataclass(frozen=True)
class Bench:
    """What all trials of one model share.

    Attributes:
        people: held-out people, two or more.
        notes: where figures go.
        judge, training: None leaves gaps.
        blazepose: interpreter that runs BlazePose; None leaves gaps.
    """

    people: Sequence[Person]
    notes: Notes
    judge: FeatureJudge | None
    training: TrainingPhotos | None
    blazepose: Path | None
