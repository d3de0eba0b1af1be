"""One program at a time writes a project or a journal: a lock file lies beside it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLockFile

_YOUNG = 10
"""Seconds in which a lock file without an owner may be one that is just being written."""


def taken(file: Path) -> QLockFile:
    """The lock in a file, held if nobody alive holds it; a dead program's does not count."""
    lock = QLockFile(str(file))
    lock.setStaleLockTime(0)  # only death makes it stale, not age
    if not lock.tryLock(0) and _torn(file, lock):
        with suppress(OSError):
            file.unlink()
        lock.tryLock(0)
    return lock


def claim(path: Path) -> tuple[QLockFile | None, str]:
    """The project's lock while it is held, and why it is not ours if another program has it.

    Both are empty where no lock file can be written: there, saving will say what is wrong.
    """
    real = Path(os.path.realpath(path))
    lock = taken(real.with_name(f".{real.name}.lock"))
    if lock.isLocked():
        return lock, ""
    if lock.error() is not QLockFile.LockError.LockFailedError:
        return None, ""
    text = QCoreApplication.translate(
        "Saver", "{0} is being edited in another window of Guise{1}; save this one as a copy."
    )
    return None, text.format(path.name, _owner(lock))


def _torn(file: Path, lock: QLockFile) -> bool:
    """Whether it is a lock file that says nothing, as a power cut leaves it."""
    with suppress(OSError):
        settled = time.time() - file.stat().st_mtime > _YOUNG
        return settled and file.is_file() and not lock.getLockInfo()[0]
    return False


def _owner(lock: QLockFile) -> str:
    """Who holds it, as far as the lock file says."""
    process, host, _ = lock.getLockInfo()
    return f" ({host}, {process})" if process and process != os.getpid() else ""
