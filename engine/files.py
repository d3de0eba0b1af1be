"""Files written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from engine.errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes `path`'s place when the block ends without an error.

    The old file stays whole until the new one is on the disk; its permissions stay, and a link
    goes on pointing to its target, which is what is replaced.

    Raises:
        InputError: the folder is missing or cannot be written, or the disk is full.
    """
    target = Path(os.path.realpath(path))
    draft = target.with_name(f".guise-{secrets.token_hex(6)}.tmp")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _keep_mode(target, draft)
        draft.replace(target)
        _settle(target.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path} cannot be written ({reason}); choose another place.") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _keep_mode(old: Path, new: Path) -> None:
    """The permissions of the file that goes; one that is write-protected does not go."""
    try:
        mode = stat.S_IMODE(old.stat().st_mode)
    except FileNotFoundError:
        return
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(errno.EACCES, "it is write-protected")
    with suppress(OSError):  # file systems without permissions
        new.chmod(mode)


def _settle(folder: Path) -> None:
    """Have the folder's new entry on the disk too, where the file system can do so."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):
                os.fsync(handle)
        finally:
            os.close(handle)


def read_limited(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes.

    Raises:
        InputError: missing, a folder, not readable, empty, or larger.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; choose a file in it.")
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is not a regular file.")
        size = path.stat().st_size
        if size > limit:
            raise InputError(
                f"{path} has {size / 1e6:.0f} MB; the limit for such files is {limit / 1e6:.0f} MB."
            )
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path} cannot be read ({reason.lower()}).") from None
    if not content:
        raise InputError(f"{path} is empty (0 bytes).")
    return content
