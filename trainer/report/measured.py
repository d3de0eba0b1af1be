"""What was measured of one model, and how results become files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from engine.files import replacing
from trainer.metrics.figures import Figure, Gap


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured of one model.

    Attributes:
        model: id, architecture, side, SHA-256 of the weights, runtime.
        card: title, summary, shape, data, terms, command and metrics, as the model file says.
        judges: what judged, by id.
        figures, gaps: as in :class:`trainer.metrics.figures.Report`.
        sheets: names of the contact sheets.
    """

    model: dict[str, Any]
    card: dict[str, Any] = {}
    judges: dict[str, dict[str, Any]] = {}
    figures: list[Figure] = []
    gaps: list[Gap] = []
    sheets: list[str] = []

    @property
    def id(self) -> str:
        """Of the model."""
        return str(self.model["id"])

    @property
    def title(self) -> str:
        """Of the model, for people."""
        return str(self.card.get("title") or self.id)


def plain(found: Any) -> Any:
    """Structs as dicts, each figure with its `met`, floats rounded to 6 digits."""
    if isinstance(found, Figure):
        return {**fields(found), "met": found.met}
    if isinstance(found, msgspec.Struct):
        return fields(found)
    if isinstance(found, float):
        return round(found, 6)
    if isinstance(found, dict):
        return {key: plain(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [plain(value) for value in found]
    return found


def fields(found: msgspec.Struct) -> dict[str, Any]:
    """A struct as a dict, see :func:`plain`."""
    return {name: plain(getattr(found, name)) for name in found.__struct_fields__}


def write_json(path: Path, content: Any) -> None:
    """Structs, dicts or lists as indented JSON. InputError: the place cannot be written."""
    with replacing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(plain(content)), indent=2) + b"\n")


def write_text(path: Path, text: str) -> None:
    """A text file. InputError: the place cannot be written."""
    with replacing(path) as file:
        file.write(text.encode())


def file_name(name: str) -> str:
    """A model's name as part of a file name."""
    return re.sub(r"[^\w.-]+", "-", name)
