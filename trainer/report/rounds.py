"""The quality round: what changes of the bundled models' recipes bring in equal time."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from trainer.report.tables import Table, read_table

Verdict = Literal["helps", "harms", "within chance", "one seed"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a recipe, by one figure.

    Attributes:
        values: of the models trained with it, one for each seed.
        without, changed: means without the change and with it ("with" in the file).
        difference: of the two.
        chance: what the difference must exceed to be more than chance; None = not known.
    """

    name: str
    values: list[float]
    without: float
    changed: float = msgspec.field(name="with")
    difference: float
    chance: float | None
    verdict: Verdict


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """All changes of a recipe, by one figure.

    Attributes:
        figure, says: its name, and what it is.
        bundled: of the bundled model's own recipe, one for each seed.
    """

    figure: str
    says: str
    better: Literal["higher", "lower"]
    bundled: list[float]
    changes: list[Change]


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """A bundled model's recipe and its changes, trained equally long.

    Attributes:
        id: of the bundled model.
        pictures: what they measure, for people.
        seeds, images, cpu_seconds: by the name of the recipe: how often it was trained, on how
            many pictures, and how long each time.
        measures: the first one decides.
    """

    id: str
    pictures: str
    seeds: dict[str, int]
    images: dict[str, int]
    cpu_seconds: dict[str, list[float]]
    measures: list[Measured]


class _Table(Table, frozen=True, kw_only=True):
    rounds: list[Round]


def read(folder: Path) -> list[Round]:
    """What `guise train rounds` has measured so far.

    Raises:
        InputError: no such folder, or it holds something else.
    """
    return read_table(folder, "rounds", _Table).rounds
