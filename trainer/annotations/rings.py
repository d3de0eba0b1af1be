"""Areas of pixels as closed outlines that read back as exactly the same pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Ring = NDArray[np.float64]
"""(N, 2) corners x and y in pixels, the last joined to the first."""


def rings_of(mask: NDArray[np.bool_]) -> list[Ring]:
    """The outline of each piece of an (H, W) area that hangs together edge to edge.

    An outline goes a quarter pixel within the edge, so that it surrounds the middles of exactly the
    piece's own pixels. A hole is joined to it by a cut, which has no width.
    """
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    rings: list[Ring] = []
    for n in range(1, count):
        left, top, width, height, _ = (int(v) for v in stats[n])
        piece = np.asarray(parts)[top : top + height, left : left + width] == n
        rings.append(np.add(_ring(piece), (left, top)))
    return rings


def _ring(piece: NDArray[np.bool_]) -> Ring:
    """It goes through the middles of quartered pixels."""
    quartered = np.kron(piece.astype(np.uint8), np.ones((2, 2), np.uint8))
    lines, tree = cv2.findContours(quartered, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    loops = [(np.asarray(line)[:, 0] + 0.5) / 2 for line in lines]
    parents = np.asarray(tree)[0, :, 3]
    outer = loops[int(np.argmin(parents))]  # -1: within nothing
    for loop, parent in zip(loops, parents, strict=True):
        outer = outer if parent < 0 else _joined(outer, loop)
    return outer


def _joined(outer: Ring, hole: Ring) -> Ring:
    """One outline around an area with a hole, which runs the other way around."""
    away = np.abs(outer - hole[0]).sum(1)
    at = int(np.argmin(away))
    return np.concatenate([outer[: at + 1], hole, hole[:1], outer[at:]])
