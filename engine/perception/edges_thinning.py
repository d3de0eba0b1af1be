"""From how strong a line is at every pixel to lines one pixel wide; OpenCV and numpy only.

The steps are those that made the edge pictures of edges2shoes (Isola et al., CVPR 2017): ridges,
threshold, skeleton, small pieces dropped.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.bool_]
Strength = NDArray[np.float32]

_AROUND = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.float32)
_CROSS = np.ones((3, 3), np.uint8)
_BITS = np.array([[1, 2, 4], [128, 0, 8], [64, 32, 16]], np.float32)
"""Which bit each neighbour of a pixel is, clockwise from the upper left."""


def ridges(strength: Strength) -> Strength:
    """The strength where it is largest across its line, 0 elsewhere.

    A line runs along the smaller curvature of the smoothed strength; a pixel stays if it
    is bent like a crest and neither of the two points beside it, one pixel across, is stronger.
    """
    smooth = cv2.GaussianBlur(strength, (0, 0), 1.0)
    xx, yy, xy = (cv2.Sobel(smooth, cv2.CV_32F, *o, ksize=3) for o in ((2, 0), (0, 2), (1, 1)))
    across = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2  # the direction of most negative bend
    y, x = np.mgrid[: strength.shape[0], : strength.shape[1]].astype(np.float32)
    top = np.asarray(cv2.GaussianBlur(strength, (0, 0), 0.5), np.float32)
    beside = [
        cv2.remap(
            top,
            (x + sign * np.cos(across)).astype(np.float32),
            (y + sign * np.sin(across)).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        for sign in (1, -1)
    ]
    crest = (top >= np.maximum(*beside)) & (xx + yy < 0)
    return np.where(crest, strength, 0).astype(np.float32)


def lines_in(strength: Strength, threshold: float, least: int) -> Line:
    """(H, W) lines one pixel wide.

    Args:
        strength: (H, W) of 0..1.
        threshold: from which a ridge is a line.
        least: pixels that a piece needs to stay.
    """
    return without_specks(skeleton(ridges(strength) >= max(threshold, 1e-6)), least)


def skeleton(lines: Line) -> Line:
    """The lines one pixel wide, as connected as before (Guo & Hall, CACM 1989)."""
    ink = lines.astype(np.uint8)
    while True:
        before = ink
        for goes in _PEELED:
            code = cv2.filter2D(ink, cv2.CV_8U, _BITS, borderType=cv2.BORDER_CONSTANT)
            ink = ink & ~goes[np.asarray(code, np.uint8)]
        if np.array_equal(before, ink):
            return ink.astype(bool)


def _peeled(first: bool) -> NDArray[np.uint8]:
    """(256,) 1 where a pixel with these neighbours goes in the first, or the second, half step."""
    around = ((np.arange(256)[:, None] >> np.arange(8)) & 1).astype(bool)
    nw, n, ne, e, se, s, sw, w = around.T
    corners = ((n, ne, e), (e, se, s), (s, sw, w), (w, nw, n))
    crossings = np.sum([~a & (b | c) for a, b, c in corners], 0)
    pairs = [
        np.sum([a | b for a, b in ways], 0)
        for ways in (((nw, n), (ne, e), (se, s), (sw, w)), ((n, ne), (e, se), (s, sw), (w, nw)))
    ]
    count = np.minimum(pairs[0], pairs[1])
    stays = (s | sw | ~nw) & w if first else (n | ne | ~se) & e
    return ((crossings == 1) & (count >= 2) & (count <= 3) & ~stays).astype(np.uint8)


_PEELED = (_peeled(True), _peeled(False))


def without_specks(lines: Line, least: int) -> Line:
    """The lines without connected pieces of fewer than `least` pixels."""
    ink = lines.astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    stays = stats[:, cv2.CC_STAT_AREA] >= least
    stays[0] = False
    return stays[np.asarray(labels, np.int32)]


def pruned(lines: Line, length: int = 5) -> Line:
    """The lines without ends shorter than `length` pixels; longer ends keep their length."""
    ink = lines.astype(np.uint8)
    steps = [ink]
    for _ in range(length):
        steps.append(np.asarray(steps[-1] & ~_ends(steps[-1]) & 1, np.uint8))
    kept = steps[-1]
    grow = _ends(kept) & 1
    for _ in range(length):  # what is left grows back along the lines, from its ends only
        grow = np.asarray(cv2.dilate(grow, _CROSS), np.uint8) & ink & ~kept & 1
        kept = kept | grow
    return kept.astype(bool)


def _ends(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """255 on pixels with one neighbour at most."""
    neighbours = cv2.filter2D(ink.astype(np.float32), -1, _AROUND, borderType=cv2.BORDER_CONSTANT)
    return np.where((ink > 0) & (neighbours <= 1), 255, 0).astype(np.uint8)
