"""How well drawn lines agree with known ones, as edge detectors are judged.

Martin, Fowlkes & Malik, PAMI 2004: both are thinned; a pixel is right if the other drawing has a
pixel within the tolerance; F is the harmonic mean of precision and recall. Counts are summed over
all pictures. A pixel may serve as partner of several others, as in most fast implementations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from engine.perception.edges import LEAST, EdgesReader
from engine.perception.edges_thinning import Line, lines_in, skeleton
from trainer.data.products import Products

TOLERANCE = 2.0
"""Pixels."""
_TRIED = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
"""Thresholds."""


class Score(NamedTuple):
    """F, precision and recall, 0..1."""

    f: float
    precision: float
    recall: float


def score(known: Sequence[Line] | Line, drawn: Sequence[Line]) -> Score:
    """How well drawn lines agree with the known ones of the same pictures."""
    counts = np.zeros(4)
    for true, mine in zip(known, drawn, strict=True):
        true, mine = skeleton(true), skeleton(mine)
        counts += (near(mine, true).sum(), mine.sum(), near(true, mine).sum(), true.sum())
    precision, recall = counts[0] / max(counts[1], 1), counts[2] / max(counts[3], 1)
    f = 2 * precision * recall / max(precision + recall, 1e-9)
    return Score(float(f), float(precision), float(recall))


def near(lines: Line, others: Line) -> Line:
    """Those of the lines that have one of the others within the tolerance."""
    away = cv2.distanceTransform((~others).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return lines & (np.asarray(away) <= TOLERANCE) & others.any()


def best_threshold(reader: EdgesReader, packs: Sequence[Products], count: int) -> float:
    """The threshold with the highest mean F over packs, on `count` photos spread over each."""
    totals = np.zeros(len(_TRIED))
    for pack in packs:
        picked = np.unique(np.linspace(0, len(pack) - 1, count).astype(int))
        strengths = [reader.strength(pack.photos[index]) for index in picked]
        known = [pack.lines[index] for index in picked]
        for number, threshold in enumerate(_TRIED):
            drawn = [lines_in(strength, threshold, LEAST) for strength in strengths]
            totals[number] += score(known, drawn).f
    return _TRIED[int(totals.argmax())]
