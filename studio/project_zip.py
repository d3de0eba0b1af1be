"""ZIP files from anywhere, read with care."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from engine.errors import GuiseError, InputError

MAX_MEMBERS = 20_000
MAX_MEMBER = 400_000_000
MAX_TOTAL = 4_000_000_000
"""Bytes of all members, unpacked; also of the file itself."""
MAX_RATIO = 100
"""Bytes unpacked per byte packed, of members beyond a megabyte; ours are not packed at all."""
_SMALL = 1_000_000
_DAMAGED = "it is cut off or damaged; use a copy, or what Guise offers to recover at its start."


class Archive:
    """The members of a ZIP file whose table of contents was found harmless."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._members = _checked(archive.infolist())

    def read(self, name: str) -> bytes:
        """A member's content; InputError if it lacks or is damaged."""
        if name not in self._members:
            raise InputError(f"it is not whole: its part {name} is missing.")
        info = self._members[name]
        with self._archive.open(info) as file:
            content = file.read(info.file_size + 1)  # the end is read too, which checks the sum
        if len(content) != info.file_size:
            raise InputError(_DAMAGED)
        return content


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The members of a ZIP file.

    Raises:
        InputError: missing, not a ZIP file, cut, damaged, or made to do harm.
    """
    try:
        with Path(path).open("rb") as file:
            _check_kind(file)
            with ZipFile(file) as archive:
                yield Archive(archive)
    except GuiseError:
        raise
    except MemoryError:
        raise InputError("there is not enough memory; close other programs.") from None
    except FileNotFoundError:
        raise InputError("there is no such file.") from None
    except IsADirectoryError:
        raise InputError("it is a folder; choose a file in it.") from None
    except PermissionError:
        raise InputError("you may not read it; ask its owner.") from None
    except Exception:  # zipfile raises whatever a damaged table provokes
        raise InputError(_DAMAGED) from None


def _check_kind(file: io.BufferedReader) -> None:
    start = file.read(4)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if not size:
        raise InputError("it is empty (0 bytes).")
    if start != b"PK\x03\x04":
        raise InputError("it is not a Guise project.")
    if size > MAX_TOTAL:
        raise InputError(f"it has {size / 1e9:.0f} GB; the limit is {MAX_TOTAL / 1e9:.0f} GB.")


def _checked(infos: list[ZipInfo]) -> dict[str, ZipInfo]:
    if len(infos) > MAX_MEMBERS:
        raise InputError(f"it has {len(infos)} parts; a project has at most {MAX_MEMBERS}.")
    members: dict[str, ZipInfo] = {}
    for info in infos:
        _check_name(info)
        _check_size(info)
        if members.setdefault(info.filename, info) is not info:
            raise InputError(f"it has two parts of the same name {info.filename!r}.")
    if sum(info.file_size for info in infos) > MAX_TOTAL:
        raise InputError("it would unpack to more than a project can have, so it was not opened.")
    return members


def _check_name(info: ZipInfo) -> None:
    name = info.orig_filename
    parts = PurePosixPath(name).parts
    tricks = name.startswith("/") or ".." in parts or any(c in name for c in "\\:\0") or not parts
    if tricks:
        raise InputError(f"its part {name!r} points out of the project, so it was not opened.")


def _check_size(info: ZipInfo) -> None:
    bomb = info.file_size > _SMALL and info.file_size > MAX_RATIO * info.compress_size
    if info.file_size > MAX_MEMBER or bomb:
        raise InputError(
            f"its part {info.filename!r} would unpack to {info.file_size / 1e6:.0f} MB, "
            "so it was not opened."
        )
