"""What a studio sees of a run and may ask of it: `status.json`, words in `control/`, and a lock.

All of it lies in the folder of the whole run. Words are empty files: `pause` holds while it is
there; `stop`, `sample`, `backup` and `export` are removed when they have been done.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from engine.errors import InputError
from engine.files import replacing

State = Literal["starting", "training", "paused", "stopping", "done", "stopped", "failed"]
ONCE = ("stop", "sample", "backup", "export")
"""Words that are done once."""
WORDS = ("pause", *ONCE)
_LOCK = ".lock"
_held: set[Path] = set()


class Desk:
    """The status of a run, and the words that were put there.

    Args:
        top: folder of the whole run; None = another process cares for it.
    """

    def __init__(self, top: Path | None) -> None:
        self.top = top
        self._own = {"pid": os.getpid(), "host": socket.gethostname(), "command": command()}
        self._known: dict[str, Any] = read_status(top) | self._own if top is not None else {}

    def tell(self, state: State | None = None, **told: Any) -> None:
        """Write what has changed; a disk that is full must not end a run."""
        if self.top is None:
            return
        if state is not None:
            told["state"] = state
        self._known |= read_status(self.top) | self._own  # stages of a run write in turn
        self._known |= {k: str(v.resolve()) if isinstance(v, Path) else v for k, v in told.items()}
        self._known["updated"] = time.time()
        with suppress(InputError), replacing(self.top / "status.json") as file:
            file.write((json.dumps(self._known, indent=1) + "\n").encode())

    def words(self) -> set[str]:
        """The words that are there now."""
        if self.top is None:
            return set()
        try:
            return {entry.name for entry in os.scandir(self.top / "control")} & set(WORDS)
        except OSError:
            return set()

    def done(self, word: str) -> None:
        """Take a word away that has been obeyed."""
        if self.top is not None:
            with suppress(OSError):
                (self.top / "control" / word).unlink()

    def clear(self) -> None:
        """Forget the words that were meant for an earlier run."""
        for word in self.words():
            self.done(word)


def read_status(top: Path) -> dict[str, Any]:
    """What `status.json` says; nothing if there is none or it is damaged."""
    try:
        found = json.loads((top / "status.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def command() -> str:
    """The command line, to be run again."""
    return shlex.join(["guise", *sys.argv[1:]])


@contextmanager
def alone(top: Path) -> Iterator[None]:
    """Keep other trainers off a run folder; the system lets go of it however this one ends.

    Raises:
        InputError: another process trains there, or the folder cannot be written.
    """
    place = top.resolve()
    if place in _held:  # a run of several stages holds it all the time
        yield
        return
    try:
        top.mkdir(parents=True, exist_ok=True)
        file = (top / _LOCK).open("a+")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{top} cannot be written ({reason}); choose another --out.") from None
    with file:
        try:
            _lock(file.fileno())
        except OSError:
            pid = read_status(top).get("pid", "unknown")
            raise InputError(
                f"{top} is being trained by process {pid}; stop that one, or choose another --out."
            ) from None
        _held.add(place)
        try:
            yield
        finally:
            _held.discard(place)


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
