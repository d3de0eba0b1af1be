"""A cache that is bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")
_MOST = 1000
"""So many values are kept, however small they are: keys take memory, too, and all are counted."""


class ByteCache(Generic[V]):
    """Least recently used values go first; the newest one always stays.

    Args:
        limit: bytes to keep.
        size_of: bytes of one value.
    """

    def __init__(self, limit: int, size_of: Callable[[V], int]) -> None:
        self.limit, self._size_of = limit, size_of
        self._held: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of `key`, made if it is not there; errors of `make` leave nothing behind."""
        if key not in self._held:
            self._held[key] = make()
            while len(self._held) > 1 and self._too_much:
                self._held.popitem(last=False)
        self._held.move_to_end(key)
        return self._held[key]

    @property
    def _too_much(self) -> bool:
        return len(self._held) > _MOST or self.nbytes > self.limit

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        return sum(map(self._size_of, self._held.values()))
