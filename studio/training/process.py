"""Processes of `guise` beside the studio: begun so that they outlive it, and found again."""

from __future__ import annotations

import ctypes
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from engine.errors import InputError

LOG = "log.txt"
"""In the run folder: everything that the trainer says."""
_ASKED, _APART = 10, 19
"""Niceness of commands that somebody waits for, and of trainings."""
_TAIL = 20_000
_SAYS = "guise: "
_QUERY = 0x1000
_STILL_ACTIVE = 259


def spoken_command(words: Sequence[str]) -> str:
    """A command as it can be typed in a terminal."""
    return shlex.join(["guise", *words])


def words_of(command: str) -> list[str]:
    """The inverse of :func:`spoken_command`; empty if it is none of ours."""
    try:
        first, *words = shlex.split(command)
    except ValueError:
        return []
    return words if first == "guise" else []


def program() -> list[str]:
    """How `guise` is called from here, whether or not it is on the path."""
    return [sys.executable, "-m", "studio"]


def start_apart(words: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    """Begin a command that goes on when the studio ends, and that only takes idle time.

    Args:
        words: the command without `guise`.
        folder: of the run; made if needed, and gets the log.

    Raises:
        InputError: the folder cannot be written or no process can be started.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOG).open("ab") as log:
            made = subprocess.Popen(
                [*program(), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                creationflags=_apart(),
                start_new_session=True,
            )
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(
            f"No training can be started in {folder} ({reason}); choose another folder."
        ) from None
    _step_back_apart(made.pid)
    return made


def _apart() -> int:
    """What Windows calls a session of its own: the end of the studio does not reach it."""
    if sys.platform != "win32":
        return 0
    return (
        subprocess.DETACHED_PROCESS
        | subprocess.CREATE_NEW_PROCESS_GROUP
        | subprocess.IDLE_PRIORITY_CLASS
    )


def step_back(pid: int, niceness: int = _ASKED) -> None:
    """Have a process leave the processor to the window."""
    if sys.platform != "win32":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, niceness)


def _step_back_apart(pid: int) -> None:
    """The same for a process with a session of its own.

    On Linux such a session is a scheduling group of its own, in which the niceness of its processes
    counts; towards the window only that of the group does. Without a session of its own, the
    window's group would be meant.
    """
    step_back(pid, _APART)
    if sys.platform == "win32":
        return
    with suppress(OSError):
        if os.getsid(pid) == pid:
            Path(f"/proc/{pid}/autogroup").write_text(str(_APART))


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not collected does not."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        return _alive_on_windows(pid)
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def _alive_on_windows(pid: int) -> bool:
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - there is none elsewhere
    handle = kernel.OpenProcess(_QUERY, False, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == _STILL_ACTIVE


def last_words(folder: Path) -> str:
    """The last sentence of error in a run's log; empty = none."""
    try:
        with (folder / LOG).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return explained(text)


def explained(output: str) -> str:
    """The sentence with which a command of ours ended; else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line.removeprefix(_SAYS) for line in lines if line.startswith(_SAYS)]
    return told[-1] if told else (lines[-1] if lines else "")
