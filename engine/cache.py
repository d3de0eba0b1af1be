"""A cache that is bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


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
            while len(self._held) > 1 and self.nbytes > self.limit:
                self._held.popitem(last=False)
        self._held.move_to_end(key)
        return self._held[key]

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()

    @property
    def nbytes(self) -> int:
        """Bytes held now."""
        return sum(map(self._size_of, self._held.values()))
