"""COCO's outlines of people as masks and back: polygons and run lengths, plain or compressed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.boxes import rows
from engine.errors import InputError
from engine.shapes.label_paint import polygon
from trainer.data.problems import BadSample

Mask = NDArray[np.uint8]


def mask_of(outline: Any, size: tuple[int, int]) -> Mask:
    """(H, W) mask, 255 = person, of COCO's polygons or run lengths.

    Pixels whose middle a polygon goes around belong to it; corners count from the pixels' edges.

    Args:
        size: width and height of the photo.

    Raises:
        BadSample: neither of these, or not of this photo.
    """
    width, height = size
    if isinstance(outline, dict):
        counts = _counts(outline.get("counts"))
        if (counts < 0).any() or counts.sum() != width * height:
            raise BadSample("row", "A person's run lengths are damaged or of another photo.")
        values = np.arange(len(counts)) % 2 * 255  # runs of 0 and 1 by turns, column by column
        return np.repeat(values.astype(np.uint8), counts).reshape(width, height).T.copy()
    mask = np.zeros((height, width), np.uint8)
    try:
        rings = [np.asarray(ring, np.float64).reshape(-1, 2) for ring in outline]
        stamps = [polygon(size, ring) for ring in rings if len(ring) >= 3]
    except (TypeError, ValueError, InputError):
        raise _neither() from None
    for stamp in stamps:
        mask[rows(stamp.box)][stamp.mask] = 255
    return mask


def _neither() -> BadSample:
    return BadSample("row", "A person's outline is neither polygons nor run lengths.")


def _counts(counts: Any) -> NDArray[np.int64]:
    """Lengths of runs of 0 and 1 by turns. BadSample: something else."""
    if isinstance(counts, str):
        return np.array(_unpacked(counts), np.int64)
    if isinstance(counts, list) and all(type(n) is int and abs(n) < 2**40 for n in counts):
        return np.array(counts, np.int64)
    raise _neither()


def _unpacked(text: str) -> list[int]:
    """Run lengths that are written as text by COCO's API.

    Each is a number of groups of five bits, the lowest first, with a sixth bit where more follow
    and the last group's highest bit as sign; from the fourth on, the difference to the one two
    before.
    """
    counts: list[int] = []
    value = shift = 0
    for letter in text:
        group = ord(letter) - _ZERO
        if not 0 <= group < 64 or shift > 60:
            raise _neither()
        value |= (group & 31) << shift
        shift += 5
        if not group & _MORE:
            value -= (1 << shift) if group & _SIGN else 0
            counts.append(value + (counts[-2] if len(counts) > 2 else 0))
            value = shift = 0
    return counts


_ZERO, _MORE, _SIGN = 48, 32, 16


def run_lengths(mask: NDArray[np.bool_]) -> list[int]:
    """Lengths of runs of 0 and 1 by turns, column by column, beginning with 0."""
    flat = mask.T.ravel()
    changes = np.flatnonzero(np.diff(flat)) + 1
    starts = np.concatenate([[0] if len(flat) else [], changes, [len(flat)]])
    lengths = np.diff(starts).astype(int).tolist()
    return [0, *lengths] if len(flat) and flat[0] else lengths


def packed(counts: Sequence[int]) -> str:
    """Run lengths as COCO's API writes them as text; see :func:`_unpacked`."""
    letters: list[str] = []
    for n, count in enumerate(counts):
        value = count - (counts[n - 2] if n > 2 else 0)
        more = True
        while more:
            group = value & 31
            value >>= 5
            more = value != (-1 if group & _SIGN else 0)
            letters.append(chr((group | _MORE if more else group) + _ZERO))
    return "".join(letters)
