"""Pickles that hold plain values and arrays, read without running any code.

A pickle can call anything when it is opened. Here every name in it is looked up in a short list,
and what stands there are stand-ins that make numbers, text and arrays themselves.
"""

from __future__ import annotations

import functools
import io
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBERS = "biufU"
"""Kinds of numpy arrays that are always read: truth values, numbers and text."""
OBJECTS = NUMBERS + "O"
"""Also arrays whose elements are plain values or arrays themselves."""


class WantsCode(Exception):
    """The pickle names something that is neither a plain value nor an array."""


class Array:
    """Stands for numpy.ndarray in what is read.

    Attributes:
        value: the array.
    """

    value: NDArray[Any] = np.zeros(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, shape, kind, columns_first, raw = state
        self.value = _filled(raw, kind, shape, "F" if columns_first else "C")


class _Dtype:
    """Stands for numpy.dtype: a kind of number, nothing else."""

    def __init__(self, kinds: str, code: str, *_: object) -> None:
        self.dtype = np.dtype(str(code))
        if self.dtype.kind not in kinds:
            raise WantsCode(f"an array of {code}")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(state[1])


def _filled(raw: Any, kind: _Dtype, shape: Any, order: Any) -> NDArray[Any]:
    if kind.dtype.kind == "O":
        content = np.empty(len(raw), object)
        content[:] = raw
        return content.reshape(shape, order=order)
    content = raw.encode("latin1") if isinstance(raw, str) else bytes(raw)
    return np.frombuffer(content, kind.dtype).reshape(shape, order=order)


def _rebuilt(*_: object) -> Array:
    """numpy's _reconstruct: an empty array whose state follows."""
    return Array()


def _from_buffer(raw: Any, kind: _Dtype, shape: Any, order: Any) -> Array:
    """numpy's _frombuffer, of pickle protocol 5."""
    array = Array()
    array.value = _filled(raw, kind, shape, order)
    return array


def _scalar(kind: _Dtype, raw: Any) -> Any:
    """One numpy number as Python's own."""
    return _filled(raw, kind, (1,), "C")[0].item()


def _bytes(text: str, _: str = "latin1") -> bytes:
    """How Python 3 writes bytes for Python 2."""
    return text.encode("latin1")


def _numpys(core: str) -> dict[tuple[str, str], Callable[..., Any]]:
    return {
        (f"{core}.multiarray", "_reconstruct"): _rebuilt,
        (f"{core}.multiarray", "scalar"): _scalar,
        (f"{core}.numeric", "_frombuffer"): _from_buffer,
    }


_KNOWN: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("numpy", "ndarray"): Array,
    ("numpy", "dtype"): _Dtype,
    ("_codecs", "encode"): _bytes,
    **_numpys("numpy.core"),
    **_numpys("numpy._core"),
}
"""Everything that a file may name, and what stands in for it."""


class _Plain(pickle.Unpickler):
    def __init__(self, content: bytes, kinds: str) -> None:
        super().__init__(io.BytesIO(content), encoding="latin1")
        self._kinds = kinds

    def find_class(self, module: str, name: str) -> Any:
        found = _KNOWN.get((module, name))
        if found is None:
            raise WantsCode(f"{module}.{name}")
        return functools.partial(_Dtype, self._kinds) if found is _Dtype else found


def read_plain(content: bytes, kinds: str = NUMBERS) -> Any:
    """What a pickle holds: dicts, lists, text, numbers, and :class:`Array` for arrays.

    Raises:
        WantsCode: it names anything else, or an array of another kind than `kinds`.
        Exception: whatever a damaged or hostile pickle provokes; nothing of it was run.
    """
    return _Plain(content, kinds).load()
