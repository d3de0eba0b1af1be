"""An array inside of a pickle is exchanged in place: nothing is run, every other byte stays."""

from __future__ import annotations

import pickle
import pickletools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.plain_pickle import Array, read_plain

_AS_BYTES = ("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "BINSTRING")
_AS_TEXT = {"UNICODE": 0, "BINUNICODE": 2}
"""How numpy's bytes stand in pickles of protocols without bytes: as text in latin1."""


def with_array(content: bytes, key: str, new: NDArray[Any]) -> bytes | None:
    """A pickled dict with another array under a key; None = its form is too unusual.

    Args:
        content: a pickle that :func:`engine.plain_pickle.read_plain` reads as a dict.
        new: of the same form and kind of numbers as the array that is there.
    """
    before = read_plain(content)
    stored = before[key].value
    raw = stored.tobytes("A")
    new_raw = _ordered_as(stored, new).tobytes("A")
    wanted = before | {key: _array(new)}
    for start, end, name in _places(content, raw):
        piece = _rewritten(content[start:end], name, len(raw), new_raw)
        after = content[:start] + piece + content[end:]
        if _same(read_plain(after), wanted):
            return after
    return None


def _ordered_as(stored: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
    columns_first = stored.flags.f_contiguous and not stored.flags.c_contiguous
    return np.array(new, stored.dtype, order="F" if columns_first else "C")


def _array(values: NDArray[Any]) -> Array:
    array = Array()
    array.value = values
    return array


def _places(content: bytes, raw: bytes) -> Iterator[tuple[int, int, str]]:
    """Start, end and name of every instruction that holds these bytes."""
    found: tuple[int, str] | None = None
    for operation, argument, at in pickletools.genops(content):
        assert at is not None
        if found is not None:
            yield found[0], at, found[1]
        holds = _held(operation.name, argument) == raw
        found = (at, operation.name) if holds else None


def _held(name: str, argument: Any) -> bytes | None:
    if name in _AS_TEXT or name == "BINSTRING":
        try:
            return argument.encode("latin1")
        except UnicodeEncodeError:
            return None
    return bytes(argument) if name in _AS_BYTES else None


def _rewritten(piece: bytes, name: str, length: int, raw: bytes) -> bytes:
    """An instruction with other bytes; where they are text, its length may change."""
    if name in _AS_BYTES:
        return piece[: len(piece) - length] + raw
    made = pickle.dumps(raw.decode("latin1"), _AS_TEXT[name])
    places = [(op.name, at or 0) for op, _, at in pickletools.genops(made)]
    n = next(i for i, (op, _) in enumerate(places) if op == name)
    return made[places[n][1] : places[n + 1][1]]


def _same(one: Any, other: Any) -> bool:
    """Whether two plain values are equal, arrays also in their kind of numbers."""
    if isinstance(one, Array) and isinstance(other, Array):
        alike = one.value.dtype == other.value.dtype and one.value.shape == other.value.shape
        return alike and one.value.tobytes() == other.value.tobytes()
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other or (one != one and other != other)  # NaN
