"""Weights stored as bytes: half the size of half precision, pictures that nobody can tell apart.

A row of a matrix, or the kernels of an output channel, share one scale: the largest weight is 127.
That is where the error of rounding is even: within a channel weights have one spread, between
channels they have not. Small tensors keep their precision, because they weigh nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

SCALE = ".scale"
"""`name` holds the bytes (int8) and `name` + SCALE one float32 for each of its first axis."""
_SMALL = 1024
"""Weights; tensors with fewer, and vectors, are stored as they are."""
_LARGEST = 127


def packed(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every large matrix and kernel as int8 with its scales beside it; the others as they are."""
    stored: dict[str, Tensor] = {}
    for name, value in tensors.items():
        if value.is_floating_point() and value.ndim > 1 and value.numel() >= _SMALL:
            rows = value.float().flatten(1)
            scale = (rows.abs().amax(1) / _LARGEST).clamp_min(torch.finfo(torch.float32).tiny)
            stored[name] = (rows / scale[:, None]).round().to(torch.int8).reshape(value.shape)
            stored[name + SCALE] = scale
        else:
            stored[name] = value
    return stored


def unpacked(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors again, in float32 where they were bytes.

    Raises:
        ValueError: bytes without scales, or scales of another shape.
    """
    tensors: dict[str, Tensor] = {}
    for name, value in stored.items():
        if value.dtype == torch.int8:
            tensors[name] = _decoded(name, value, stored.get(name + SCALE))
        elif stored.get(name.removesuffix(SCALE), value).dtype != torch.int8:
            tensors[name] = value
    return tensors


def _decoded(name: str, value: Tensor, scale: Tensor | None) -> Tensor:
    if scale is None or scale.dtype != torch.float32 or scale.shape != value.shape[:1]:
        raise ValueError(f"{name} has no scales that fit")
    return value.float() * scale.reshape(-1, *[1] * (value.ndim - 1))
