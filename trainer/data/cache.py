"""Decoded training data on the disk: made at first use, then read as memory, by every later run.

A set is one file in the cache folder of the user, GUISE_CACHE instead if it is set. All of them
take GUISE_CACHE_GB at most (8 without it; 0 = none), and half of what is free; the ones that were
not used for longest go first. What has no room there is kept in memory as far as that goes.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import shutil
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_dir

from engine.errors import InputError
from trainer.data.shard_files import TAR

Bytes = NDArray[np.uint8]
_FORMAT = 1
_SUFFIX = ".cache"
_USUAL_GB = 8.0
LEAST = 2**24
"""Bytes below which a set stays in memory."""
_MEMORY = 2**30
"""Bytes that are kept in memory where the disk has no room."""
_CHECK = np.dtype("<u4")


class Kept:
    """Records of bytes, each made when it is first asked for.

    Args:
        key: of everything that the records depend on, see :func:`key_of`.
        sizes: bytes of each record.
        make: makes a record; called again where a record was lost.
    """

    def __init__(self, key: str, sizes: Sequence[int], make: Callable[[int], Bytes]) -> None:
        self._sizes, self._make = sizes, make
        starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self._starts = starts + len(sizes) * _CHECK.itemsize
        self._whole = np.zeros(len(sizes), bool)
        self._memory: dict[int, Bytes] = {}
        self._room = _MEMORY
        self._lock = threading.Lock()
        self._file, self._bytes = _opened(key, int(self._starts[-1]))

    def __len__(self) -> int:
        return len(self._sizes)

    def __getitem__(self, index: int) -> Bytes:
        """(n,) bytes of a record; what is written to them is not kept."""
        if self._bytes is not None and self._is_whole(index):
            return self._view(index)
        if index in self._memory:
            return self._memory[index]
        record = self._make(index)
        if record.nbytes != self._sizes[index]:
            raise ValueError(f"record {index} has {record.nbytes} bytes, not {self._sizes[index]}")
        self._keep(index, record)
        return record

    def table(self, shape: tuple[int, ...], offset: int = 0) -> Bytes | None:
        """(N, *shape): a part of every record, from `offset` bytes on, where all of them are on
        the disk and of one size; else None."""
        if self._bytes is None or not all(map(self._is_whole, range(len(self)))):
            return None
        strides = [int(np.prod(shape[n + 1 :])) for n in range(len(shape))]
        start = int(self._starts[0]) + offset
        whole = (len(self), *shape)
        return np.ndarray(whole, np.uint8, self._bytes, start, (self._sizes[0], *strides))

    def _view(self, index: int) -> Bytes:
        assert self._bytes is not None
        return self._bytes[self._starts[index] : self._starts[index + 1]]

    def _is_whole(self, index: int) -> bool:
        """Whether the disk has the record as it was made: a crash may have cost it."""
        if not self._whole[index]:
            assert self._bytes is not None
            place = slice(index * _CHECK.itemsize, (index + 1) * _CHECK.itemsize)
            told = int(self._bytes[place].view(_CHECK)[0])
            self._whole[index] = told != 0 and told == _sum_of(self._view(index))
        return bool(self._whole[index])

    def _keep(self, index: int, record: Bytes) -> None:
        with self._lock:
            if self._file is not None:
                try:
                    _write(self._file, int(self._starts[index]), record)
                    check = np.array([_sum_of(record)], _CHECK)
                    _write(self._file, index * _CHECK.itemsize, check.view(np.uint8))
                    return
                except OSError:  # the disk is full: the rest stays in memory
                    os.close(self._file)
                    self._file = None
            if record.nbytes <= self._room and index not in self._memory:
                self._room -= record.nbytes
                self._memory[index] = record

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            os.close(self._file)  # pyright: ignore[reportArgumentType]


def key_of(files: Iterable[Path], made_by: Sequence[ModuleType], *told: Any) -> str:
    """A key that changes with the files, with the code that reads them, and with the options.

    Args:
        files: every file that the records are made of.
        made_by: modules whose code the records depend on.
        told: options, arrays and bytes among them.
    """
    digest = hashlib.sha256(repr(_FORMAT).encode())
    for module in made_by:
        digest.update(Path(module.__file__ or "").read_bytes())
    for path in files:
        place = path.parent if path.parent.suffix == TAR else path
        try:
            about = place.stat()
        except OSError:
            raise InputError(f"There is no file {path}.") from None
        digest.update(f"{path.absolute()}|{about.st_size}|{about.st_mtime_ns}\n".encode())
    for one in told:
        digest.update(one.tobytes() if isinstance(one, np.ndarray) else repr(one).encode())
    return digest.hexdigest()[:32]


def folder() -> Path:
    """Where decoded sets are kept."""
    named = os.environ.get("GUISE_CACHE")
    return Path(named) if named else Path(user_cache_dir("guise", appauthor=False)) / "decoded"


def _opened(key: str, size: int) -> tuple[int | None, Bytes | None]:
    """The file of a set, open for writing, and its bytes; none where there is no room."""
    place = folder() / f"{key}{_SUFFIX}"
    if size < LEAST:
        return None, None
    try:
        if _limit() < size:
            return None, None
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_file() or place.stat().st_size != size:
            if not _make_room(place, size):
                return None, None
            draft = place.with_suffix(f".{os.getpid()}.tmp")
            with draft.open("wb") as file:
                file.truncate(size)
            draft.replace(place)
        os.utime(place)
        handle = os.open(place, os.O_RDWR | getattr(os, "O_BINARY", 0))
        mapped = mmap.mmap(handle, size, access=mmap.ACCESS_COPY)
    except (OSError, ValueError):
        return None, None
    return handle, np.frombuffer(mapped, np.uint8)


def _make_room(place: Path, size: int) -> bool:
    """Remove the sets that were not used for longest until this one fits; whether it does."""
    limit = _limit()
    free = shutil.disk_usage(place.parent).free
    others = sorted(place.parent.glob(f"*{_SUFFIX}"), key=lambda path: path.stat().st_mtime)
    taken = {path: _taken(path) for path in others if path != place}
    if size > min(limit, (free + sum(taken.values())) // 2):
        return False
    for path, bytes_ in taken.items():
        if sum(taken.values()) + size <= limit and size <= free // 2:
            break
        with suppress(OSError):  # in use, where such files cannot be removed
            path.unlink()
            free += bytes_
        taken = {other: n for other, n in taken.items() if other != path}
    return sum(taken.values()) + size <= limit


def _limit() -> int:
    """Bytes that all sets may take."""
    return int(float(os.environ.get("GUISE_CACHE_GB", _USUAL_GB)) * 1e9)


def _taken(path: Path) -> int:
    """Bytes that a file takes on the disk, without those that were never written."""
    about = path.stat()
    return getattr(about, "st_blocks", about.st_size // 512) * 512


def _sum_of(record: Bytes) -> int:
    return zlib.crc32(np.ascontiguousarray(record).data) or 1


def _write(handle: int, start: int, content: Bytes) -> None:
    os.lseek(handle, start, os.SEEK_SET)
    left = np.ascontiguousarray(content).data.cast("B")
    while left:
        left = left[os.write(handle, left) :]
