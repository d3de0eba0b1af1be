"""Corrected files onto the disk: all of them or none, the originals beside them."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError
from engine.files import replacing

ORIGINAL = ".orig"
"""What the name of an original ends in."""
_AT_ONCE = 200
"""Files that are written together: systems allow only so many open ones."""
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_TOLD = re.compile(r"(?P<path>.*) cannot be written [(](?P<reason>.*)[)]; .*")
"""How :func:`engine.files.replacing` tells of a file."""


@dataclass(frozen=True)
class Saved:
    """Files that were written, and originals that were kept of them."""

    files: tuple[Path, ...]
    kept: tuple[Path, ...]


def save(contents: Mapping[Path, bytes]) -> Saved:
    """Write files; what was there the first time is kept beside each as NAME.orig.

    All drafts are on the disk before the first file is replaced.

    Raises:
        InputError: a file cannot be written, or the disk is full; everything is as it was, unless
            there are so many files that they were written in turns.
    """
    new = {path: content for path, content in contents.items() if _differs(path, content)}
    for path in new:
        _check_writable(path)
    paths = list(new)
    kept: list[Path] = []
    for start in range(0, len(paths), _AT_ONCE):
        try:
            kept += _save({path: new[path] for path in paths[start : start + _AT_ONCE]})
        except InputError as error:
            raise _refused(error, start) from None
    return Saved(tuple(paths), tuple(kept))


def _refused(error: InputError, done: int) -> InputError:
    """What to say instead of advice to choose another place: the files have theirs."""
    told = _TOLD.fullmatch(str(error))
    if told is None:
        return error
    path, reason = told["path"], told["reason"]
    if done:
        return InputError(f"{path} cannot be written ({reason}); {done} files were written before.")
    return InputError(f"{path} cannot be written ({reason}); nothing was changed.")


def _check_writable(path: Path) -> None:
    """InputError: its owner protected the file."""
    if path.exists() and not stat.S_IMODE(path.stat().st_mode) & _WRITABLE:
        raise InputError(f"{path} is write-protected; nothing was changed.")


def original_of(path: Path) -> Path:
    """Where the original of a corrected file is kept."""
    return path.with_name(path.name + ORIGINAL)


def _differs(path: Path, content: bytes) -> bool:
    return not path.is_file() or path.read_bytes() != content


def _save(contents: Mapping[Path, bytes]) -> list[Path]:
    originals = {
        original_of(path): path.read_bytes()
        for path in contents
        if path.is_file() and not original_of(path).exists()
    }
    try:
        with ExitStack() as drafts:  # the last ones entered, the originals, are in place first
            for path, content in [*contents.items(), *originals.items()]:
                path.parent.mkdir(exist_ok=True)
                file = drafts.enter_context(replacing(path))
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        reason = (error.strerror or "").lower()
        told = f"{error.filename} cannot be written ({reason}); nothing was changed."
        raise InputError(told) from None
    return list(originals)
