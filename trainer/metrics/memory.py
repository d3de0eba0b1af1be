"""What was worked out once and is asked for again: models of one report meet the same pictures."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Answer = TypeVar("Answer")


class Memory(Generic[Answer]):
    """Answers by what they are of; of too many, those that were not asked for longest go.

    Args:
        most: how many are kept, 1 or more.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, Answer] = OrderedDict()

    def of(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """The answer known under the key, or what `make` gives; nothing is kept if it raises."""
        if key not in self._known:
            made = make()
            self._known[key] = made
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def get(self, key: Hashable) -> Answer | None:
        """The answer known under the key; None if there is none."""
        return self._known.get(key)


def digest(*arrays: NDArray[Any]) -> bytes:
    """Equal for equal shapes, types and values only (SHA-256)."""
    sha = hashlib.sha256()
    for array in arrays:
        sha.update(repr((array.shape, array.dtype.str)).encode())
        sha.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return sha.digest()


def stamp(path: Path) -> tuple[str, int, int]:
    """Another one once the file was written again: its place, size and time in nanoseconds."""
    about = path.stat()
    return str(path.resolve()), about.st_size, about.st_mtime_ns
