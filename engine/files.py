"""Files written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from engine.errors import InputError


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes `path`'s place when the block ends without an error.

    Raises:
        InputError: the folder is missing or cannot be written, or the disk is full.
    """
    path = Path(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path} cannot be written ({reason}); choose another place.") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


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
