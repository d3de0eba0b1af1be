"""Joints in pose-gan's tables: rows are corrected number by number, all else stays as it was."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.errors import InputError
from engine.shapes.pose import JOINTS, Pose, Presence, joint_index
from trainer.annotations.items import Book, Correction, Item, Names, Point
from trainer.annotations.joints import moved, named
from trainer.data.pictures import size_of
from trainer.data.posegan import annotation_table, people_rows

_MISSING = -1
_NUMBER = re.compile(r"[^\s,\[\]]+")


class _Place(NamedTuple):
    table: Path
    line: int


class PoseGanBook(Book):
    """The tables of a folder; 18 joints, none hidden."""

    holds = JOINTS

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: dict[Path, list[str]] = {}
        self._changed: set[Path] = set()

    def items(self, split: str) -> Iterator[Item | str]:
        """One for each row whose photo can be read."""
        table, photos = annotation_table(self._folder, split)
        rows = list(people_rows(self._folder, split))
        lines = table.read_bytes().decode().splitlines(keepends=True)
        self._lines[table] = lines
        numbers = (n for n, line in enumerate(lines) if n and line.strip())
        names = Names()
        for n, (where, found) in zip(numbers, rows, strict=True):
            parts = _parts(lines[n])
            try:
                size = size_of(photos / parts[0].strip())
            except InputError:
                yield str(found) if isinstance(found, InputError) else f"{where} has no photo."
                continue
            name = parts[0].strip()
            joints, _ = named(_pose(parts, size), JOINTS)
            place = _Place(table, n)
            yield Item(names.of(split, name), split, photos / name, size, found, place, joints)

    def correct(self, item: Item, correction: Correction) -> bool:
        """Exchange the numbers of a row."""
        changes = moved(item, correction, JOINTS)
        table, n = item.place
        line = self._lines[table][n]
        damaged = any(map(_damaged, _parts(line)[1:])) and correction.joints is not None
        if not changes and not damaged:
            return False
        body = line.rstrip("\r\n")
        self._lines[table][n] = _with(body, changes, item.size) + line[len(body) :]
        self._changed.add(table)
        return True

    def changed(self) -> dict[Path, bytes]:
        """The tables with their new rows."""
        return {table: "".join(self._lines[table]).encode() for table in self._changed}


def _parts(line: str) -> list[str]:
    """Name, ys and xs as they stand in a row; empty where it lacks them."""
    parts = line.rstrip("\r\n").rsplit(":", 2)
    return parts if len(parts) == 3 else [line.partition(":")[0], "", ""]


def _values(cell: str) -> list[Any]:
    """What a cell lists; nothing usable if that is not a value a joint."""
    try:
        values = json.loads(cell)
    except (ValueError, RecursionError):
        values = None
    if isinstance(values, list) and len(values) == len(JOINTS):
        return values
    return [None] * len(JOINTS)


def _damaged(cell: str) -> list[int]:
    """Places of a cell that hold no number of pixels."""
    return [n for n, value in enumerate(_values(cell)) if not _is_number(value)]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) < 1e6


def _numbers(cell: str) -> list[float]:
    """The numbers of a cell; missing for everything that is none."""
    return [value if _is_number(value) else _MISSING for value in _values(cell)]


def _pose(parts: list[str], size: tuple[int, int]) -> Pose:
    """Whole pixels count from 0 at the first pixel's middle, ours from its corner."""
    stored = np.array([_numbers(parts[2]), _numbers(parts[1])], float).T
    missing = (stored == _MISSING).any(1)
    presence = np.where(missing, Presence.missing, Presence.seen).astype(np.uint8)
    return Pose(stored + 0.5, presence, size)


def _with(line: str, changes: dict[str, Point | None], size: tuple[int, int]) -> str:
    """A row with other places of some joints."""
    name, *cells = _parts(line)
    exact = [_NUMBER.findall(cell) for cell in cells]
    whole = all(re.fullmatch(r"-?\d+", number) for numbers in exact for number in numbers)
    for axis, cell in ((1, 0), (0, 1)):
        new = {
            joint_index(joint): _written(point, axis, size, whole)
            for joint, point in changes.items()
        }
        cells[cell] = _exchanged(cells[cell], new)
    return ":".join([name, *cells])


def _written(point: Point | None, axis: int, size: tuple[int, int], whole: bool) -> str:
    if point is None:
        return str(_MISSING)
    place = min(max(point[axis] - 0.5, 0.0), size[axis] - 1.0)
    return str(round(place)) if whole else f"{place:.2f}"


def _exchanged(cell: str, new: dict[int, str]) -> str:
    """A cell with other numbers at some places, and what is none missing; one that cannot be read
    is written anew."""
    damaged = _damaged(cell)
    new = dict.fromkeys(damaged, str(_MISSING)) | new
    found = list(_NUMBER.finditer(cell))
    if len(damaged) == len(JOINTS) or len(found) != len(JOINTS):
        return f" [{', '.join(new.get(i, str(_MISSING)) for i in range(len(JOINTS)))}]"
    for i in sorted(new, reverse=True):
        cell = cell[: found[i].start()] + new[i] + cell[found[i].end() :]
    return cell
