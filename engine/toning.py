"""Copied pieces brought to the brightness of what surrounds them and of each other.

Pieces keep their own gradients, the rim keeps its colours, and the steps that remain are spread
smoothly: the screened form of Perez, Gangnet, Blake, "Poisson Image Editing" (2003), equation 3,
solved by conjugate gradients at a small size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
_T = TypeVar("_T", bound=np.generic)

_OTHER = 50.0
"""A larger step between neighbours is a border between two things, and stays."""
_HOLD = 0.002
"""How firmly pieces keep their own colours."""
_ENOUGH = 0.05
_TURNS = 200


def toned(image: Floats, unknown: Flags, shifts: Places) -> Floats:
    """What to add to the pieces that fill a hole.

    Args:
        image: (H, W, 3) in 0..255, with some smooth fill in the hole.
        unknown: (H, W) the hole.
        shifts: (H, W, 2) how many rows and columns away each pixel of the hole, and of the known
            rim around it, is copied from.

    Returns:
        (H, W, 3) to add to each copied pixel; 0 away from the hole.
    """
    rim = (cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0) & ~unknown
    pieces = _taken(image, shifts, (0, 0))[0]
    miss = np.where(rim[..., None], image - pieces, 0).astype(np.float32)
    ties = [_Ties.between(image, unknown, shifts, miss, step) for step in ((0, 1), (1, 0))]
    start = _gathered(ties, miss, unknown)
    return miss + _solved(ties, start, unknown)


@dataclass(frozen=True)
class _Ties:
    """Neighbours in one direction.

    Attributes:
        step: rows and columns to the neighbour.
        weight: (H, W) 1 where both should agree; the last row or column is 0.
        jump: (H, W, 3) by how much the correction here should exceed the neighbour's.
    """

    step: tuple[int, int]
    weight: Floats
    jump: Floats

    @classmethod
    def between(
        cls,
        image: Floats,
        unknown: Flags,
        shifts: Places,
        miss: Floats,
        step: tuple[int, int],
    ) -> _Ties:
        """Where two pieces meet, the mean of both gradients is wanted across."""
        own, _ = _taken(image, shifts, (0, 0))
        on, on_known = _taken(image, shifts, step, ~unknown)  # this piece, one pixel further
        theirs = _shifted(own, step)
        behind, behind_known = _taken(image, _shifted(shifts, step), (0, 0), ~unknown)
        gradient = (own - on) * on_known[..., None] + (behind - theirs) * behind_known[..., None]
        gradient /= np.maximum(on_known.astype(np.float32) + behind_known, 1)[..., None]
        jump = gradient - (own - theirs)
        other = (np.abs(jump).max(2) > _OTHER) | (np.abs(miss).max(2) > _OTHER)
        other |= np.abs(_shifted(miss, step)).max(2) > _OTHER
        weight = ((unknown | _shifted(unknown, step)) & ~other).astype(np.float32)
        weight[weight.shape[0] - step[0] :] = 0
        weight[:, weight.shape[1] - step[1] :] = 0
        return cls(step, weight, jump.astype(np.float32))

    def spread(self, flow: Floats) -> Floats:
        """Flow from each pixel to its neighbour -> what every pixel sends in all."""
        flow = flow * self.weight[..., None]
        return flow - np.roll(flow, self.step, (0, 1))

    def steps(self, values: Floats) -> Floats:
        """Value here less the neighbour's."""
        return values - _shifted(values, self.step)


def _gathered(ties: list[_Ties], fixed: Floats, unknown: Flags) -> Floats:
    """Right side of the equations: wanted jumps, less what the fixed rim causes."""
    total = sum((t.spread(t.jump - t.steps(fixed)) for t in ties), np.zeros_like(fixed))
    return total * unknown[..., None]


def _solved(ties: list[_Ties], right: Floats, unknown: Flags) -> Floats:
    """Conjugate gradients, all three channels at once."""
    inside = unknown[..., None]
    found = np.zeros_like(right)
    rest, way = right.copy(), right.copy()
    size = (rest * rest).sum((0, 1))
    for _ in range(_TURNS):
        if np.sqrt(size.max() / max(unknown.sum(), 1)) < _ENOUGH:
            break
        pushed = sum((t.spread(t.steps(way)) for t in ties), way * np.float32(_HOLD)) * inside
        length = size / np.maximum((way * pushed).sum((0, 1)), 1e-9)
        found += length * way
        rest -= length * pushed
        last, size = size, (rest * rest).sum((0, 1))
        way = rest + size / np.maximum(last, 1e-9) * way
    return found


def _shifted(values: NDArray[_T], step: tuple[int, int]) -> NDArray[_T]:
    """What the neighbour at `step` holds."""
    return np.roll(values, (-step[0], -step[1]), (0, 1))


def _taken(
    image: Floats, shifts: Places, step: tuple[int, int], known: Flags | None = None
) -> tuple[Floats, Flags]:
    """What each pixel's shift takes from `step` further on, and whether that is known."""
    height, width = shifts.shape[:2]
    rows = np.arange(height)[:, None] + shifts[..., 0] + step[0]
    columns = np.arange(width)[None, :] + shifts[..., 1] + step[1]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    at = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    return image[at], inside if known is None else inside & known[at]
