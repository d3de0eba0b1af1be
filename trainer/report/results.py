"""The results of a report: what `report.json` holds, and how it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from engine.errors import InputError
from engine.files import read_limited
from trainer.report.measured import Measured
from trainer.report.orderings import Ranking
from trainer.report.rounds import Round

FORMAT = "guise report"
VERSION = 1
_LARGEST = 200_000_000


class Results(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report; equal inputs give equal bytes.

    Attributes:
        command: what was asked for; of files only their names.
        cases: few, some or all of what is held out.
        versions: of Guise and what it stands on.
        models: in the order of the report.
        orderings: groups of small models of the papers' methods.
        rounds: recipes of the bundled models and their changes, as they were measured.
    """

    command: str
    cases: str = "some"
    versions: dict[str, str]
    models: list[Measured]
    orderings: list[Ranking] = []
    rounds: list[Round] = []
    format: str = FORMAT
    version: int = VERSION


def read_results(path: Path) -> list[Measured]:
    """The models of a report, or the one of a file of `guise evaluate MODEL --out`.

    Raises:
        InputError: no such file, no report, or one of another version.
    """
    if path.is_dir():
        path = path / "report.json"
    content = read_limited(path, _LARGEST)
    try:
        head = msgspec.json.decode(content, type=dict[str, Any])
        if "format" not in head:
            return [msgspec.convert(head, Measured)]
        if head["format"] != FORMAT:
            raise msgspec.ValidationError("another format")
        if head.get("version") != VERSION:
            raise InputError(
                f"{path} is a report of version {head.get('version')!r}, this Guise reads version "
                f"{VERSION}; measure again with `guise evaluate --all`."
            )
        return msgspec.convert(head, Results).models
    except (msgspec.DecodeError, KeyError) as error:
        raise InputError(
            f"{path} is no report of `guise evaluate` ({str(error).splitlines()[0]})."
        ) from None


def read_side(name: str, report: Path) -> list[Measured]:
    """What a name stands for: a file, a folder of a report, or a model of the report at hand.

    Raises:
        InputError: none of these.
    """
    if Path(name).exists():
        return read_results(Path(name))
    if not (report / "report.json").is_file():
        raise InputError(
            f"There is no file {name}, and no report in {report} to look the model up in; measure "
            "with `guise evaluate --all` or name the folder with --report."
        )
    models = read_results(report)
    found = [model for model in models if model.id == name]
    if not found:
        known = ", ".join(model.id for model in models)
        raise InputError(f"The report in {report} has no model {name!r}; it has: {known}.")
    return found
