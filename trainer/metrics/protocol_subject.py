"""What a protocol measures, with which judges and lists, and what several of them can share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from engine import registry
from engine.card import Card
from engine.runtime import Runtime
from engine.session import Session
from trainer.metrics.options import EvaluateOptions
from trainer.metrics.protocol_files import ProtocolFiles
from trainer.metrics.protocol_judges import Judges

Made = TypeVar("Made")


@dataclass(frozen=True)
class Subject:
    """A model that is measured.

    Attributes:
        path: its file.
        card: what the file says of it.
        about: what the report says of it.
        options: of `guise evaluate`.
        files: judges and lists.
        cases: how many cases, spread over all that there are; 0 = all, None = as many as the
            protocol takes for a report of all models.
    """

    path: Path
    card: Card
    about: dict[str, Any]
    options: EvaluateOptions
    files: ProtocolFiles = field(default_factory=ProtocolFiles)
    cases: int | None = None
    _made: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: str, make: Callable[[], Made]) -> Made:
        """What `make` gives, made the first time only: several protocols look at one painting."""
        if key not in self._made:
            self._made[key] = make()
        return cast(Made, self._made[key])

    def count(self, default: int) -> int:
        """How many cases a protocol takes that takes `default` for a report; 0 = all."""
        return default if self.cases is None else self.cases

    @property
    def session(self) -> Session:
        """Answers requests for the model, as the studio's does."""
        return self.once("session", lambda: Session(self.options.device, models=[self.path]))

    @property
    def runtime(self) -> Runtime:
        """The device."""
        return self.once("runtime", lambda: Runtime.best(self.options.device))

    @property
    def kind(self) -> str:
        """painter or perception."""
        return registry.architecture(self.card).kind

    @property
    def judges(self) -> Judges:
        """Who judges."""
        return self.once("judges", lambda: Judges(self.options, self.files))


@dataclass(frozen=True)
class Ready:
    """A folder of pictures that are ready, whoever painted them.

    Attributes:
        folder: where they lie.
        options: of `guise evaluate`.
        files: judges and lists.
        judges: who judges.
        cases: how many pictures, spread over all; 0 = all.
    """

    folder: Path
    options: EvaluateOptions
    files: ProtocolFiles
    judges: Judges
    cases: int = 0
