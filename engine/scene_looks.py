"""Looks of classes in scenes, without torch: how they are written and which a model offers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.appearance import Vector
from engine.errors import ModelError

PREFIX = "clusters."
"""Names of the tensors in a model file that hold looks of classes start with this."""


def class_key(label: int) -> int:
    """What stands for all of a class in the place of an object's id in a `PerObject`.

    Objects with a look of their own keep it.
    """
    return -1 - label


def dice(seed: int, label: int, thing: int) -> int:
    """A large number for an object of a class, the same on every computer: modulo the number of
    looks that its class offers, it says which one the object gets."""
    content = f"{seed}:{label}:{thing}".encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big")


def class_looks(path: Path) -> dict[int, tuple[Vector, ...]]:
    """The looks that a model file offers, by class: clusters, else the mean of the class.

    Raises:
        ModelError: the file is missing or damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            names = [name for name in list(file.keys()) if name.startswith(PREFIX)]
            held = {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError, TypeError):
        raise ModelError(f"{path} is missing or damaged; fetch it again.") from None
    return _rows(held, "means") | _rows(held, "centres")


def _rows(held: dict[str, NDArray[Any]], name: str) -> dict[int, tuple[Vector, ...]]:
    labels = held.get(f"{PREFIX}{name}.labels", np.zeros(0, np.int32))
    looks = held.get(f"{PREFIX}{name}.looks", np.zeros((0, 0), np.float32))
    found: dict[int, tuple[Vector, ...]] = {}
    for label, look in zip(labels.tolist(), looks.astype(np.float32).tolist(), strict=True):
        found[label] = (*found.get(label, ()), Vector(tuple(look)))
    return found
