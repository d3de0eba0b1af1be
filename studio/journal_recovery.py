"""What crashed programs left behind: found, told, restored, thrown away."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QLockFile

from engine.errors import InputError
from studio.journal_file import LOG, Replay, replayed, state_in, thumbnail_in
from studio.project import read_project
from studio.project_state import ProjectState
from studio.saving_lock import taken

AUTOSAVE = "autosave.guise"
LOCK = "lock"
_YOUNG = 60
"""Seconds in which a folder without a log may be one that is just being begun."""


@dataclass(frozen=True)
class Recovery:
    """Work that a program which is gone did not save.

    Attributes:
        folder: where it lies.
        name: of the document.
        when: the last change that is known.
        path: the project file it belongs to; None = it never had one.
        thumbnail: a small picture as a PNG file; may be empty.
    """

    folder: Path
    name: str
    when: datetime
    path: Path | None
    thumbnail: bytes
    lock: QLockFile = field(repr=False, compare=False)


def recoverable(root: Path) -> list[Recovery]:
    """Everything that can be restored, newest first; what holds no lost work is thrown away.

    While the returned values live, no other program is offered the same.
    """
    folders = [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []
    found = []
    for folder in folders:
        lock = taken(folder / LOCK)
        if lock.isLocked():
            found.append(_recovery(folder, lock))
    there = (recovery for recovery in found if recovery is not None)
    return sorted(there, key=lambda recovery: recovery.when, reverse=True)


def _recovery(folder: Path, lock: QLockFile) -> Recovery | None:
    replay = replayed(folder)
    if replay is None and (folder / AUTOSAVE).exists():
        return _autosaved(folder, lock)
    if replay is not None and replay.changed:
        return _journalled(folder, replay, lock)
    settled = time.time() - folder.stat().st_mtime > _YOUNG
    if replay is not None or (settled and not (folder / LOG).exists()):
        lock.unlock()
        shutil.rmtree(folder, ignore_errors=True)
    return None


def _journalled(folder: Path, replay: Replay, lock: QLockFile) -> Recovery:
    form = replay.project
    pictures = form.document.get("history", ())[:1]
    thumbnails = [form.thumbnail, *(entry["thumbnail"] for entry in pictures)]
    thumbnail = b""
    for digest in filter(None, thumbnails):
        with suppress(InputError):
            thumbnail = thumbnail_in(folder, digest)
    when = datetime.fromtimestamp(replay.when, UTC)
    path = Path(replay.path) if replay.path else None
    return Recovery(folder, form.name, when, path, thumbnail, lock)


def _autosaved(folder: Path, lock: QLockFile) -> Recovery:
    when = datetime.fromtimestamp((folder / AUTOSAVE).stat().st_mtime, UTC)
    return Recovery(folder, folder.name, when, None, b"", lock)


def restore(recovery: Recovery) -> ProjectState:
    """The document as it was; what was left behind stays until :func:`discard`.

    Raises:
        InputError: neither the journal nor its autosaved project can be read.
    """
    replay = replayed(recovery.folder)
    try:
        if replay is not None:
            return state_in(recovery.folder, replay)
    except InputError:
        if not (recovery.folder / AUTOSAVE).exists():
            raise
    return read_project(recovery.folder / AUTOSAVE)


def discard(recovery: Recovery) -> None:
    """Throw away what was left behind."""
    recovery.lock.unlock()
    shutil.rmtree(recovery.folder, ignore_errors=True)
