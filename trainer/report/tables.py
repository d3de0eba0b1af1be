"""Tables that `guise train` leaves in its folders, read for the report."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from engine.errors import InputError
from engine.files import read_limited

VERSION = 1
_LARGEST = 10_000_000


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What all of them hold."""

    version: int


Kind = TypeVar("Kind", bound=Table)


def read_table(folder: Path, name: str, kind: type[Kind]) -> Kind:
    """What `guise train NAME` has written to its folder.

    Args:
        name: of the command, of the file, and of the option with which the folder is named.

    Raises:
        InputError: no such folder, or it holds something else.
    """
    file = folder / f"{name}.json"
    if not file.is_file():
        raise InputError(
            f"{folder} has no {file.name}; name the folder of `guise train {name}` with --{name}."
        )
    try:
        found = msgspec.json.decode(read_limited(file, _LARGEST), type=kind)
    except msgspec.DecodeError as error:
        raise InputError(f"{file} is no table of {name} ({error}).") from None
    if found.version != VERSION:
        raise InputError(
            f"{file} is of version {found.version}, this Guise reads version {VERSION}; run "
            f"`guise train {name}` again."
        )
    return found
