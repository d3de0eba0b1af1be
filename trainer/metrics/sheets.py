"""Contact sheets: what went in, what was asked for and what came out, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import replacing
from engine.shapes.pose import INDEX, LIMBS, Pose

Pixels = NDArray[np.uint8]
_RIGHT, _LEFT, _MIDDLE = (214, 96, 77), (67, 147, 195), (90, 90, 90)
GROUND = 236
"""Grey of a sheet between its pictures."""
_LABEL = 18
_GAP = 4


class Cell(NamedTuple):
    """One labelled picture: (H, W, 3) RGB."""

    label: str
    pixels: Pixels


def strided(count: int, wanted: int) -> list[int]:
    """`wanted` indices spread evenly over `count`, so that nobody picks the pretty ones."""
    wanted = min(wanted, count)
    return [i * count // wanted for i in range(wanted)]


def skeleton(pose: Pose, under: Pixels | None = None) -> Pixels:
    """The pose drawn on its own canvas; the person's right side is red, the left side blue.

    Args:
        under: (H, W, 3) picture of the canvas, drawn pale below the lines; None = white.
    """
    width, height = pose.size
    canvas = np.full((height, width, 3), 255, np.uint8)
    if under is not None:
        canvas = np.asarray(cv2.addWeighted(under, 0.3, canvas, 0.7, 0), np.uint8)
    thick = max(round(min(pose.size) / 90), 1)
    for a, b in LIMBS:
        if pose.has(a, b):
            ends = [_subpixel(pose, name) for name in (a, b)]
            cv2.line(canvas, ends[0], ends[1], _colour(b), thick, cv2.LINE_AA, 4)
    return canvas


def _subpixel(pose: Pose, name: str) -> tuple[int, int]:
    """OpenCV's fixed point with 4 fractional bits, counted from pixel centres."""
    x, y = np.rint((pose.xy[INDEX[name]] - 0.5) * 16).clip(-(2**15), 2**15).astype(int)
    return int(x), int(y)


def _colour(name: str) -> tuple[int, int, int]:
    if name.startswith("right"):
        return _RIGHT
    return _LEFT if name.startswith("left") else _MIDDLE


def contact_sheet(rows: Sequence[Sequence[Cell]], side: int = 192) -> Pixels:
    """(H, W, 3) RGB sheet: every cell fitted into side x side, its label above it.

    Raises:
        InputError: nothing to show.
    """
    if not rows or not rows[0]:
        raise InputError("A contact sheet needs at least one picture.")
    columns = max(len(row) for row in rows)
    tall, wide = side + _LABEL + _GAP, side + _GAP
    sheet = np.full((len(rows) * tall + _GAP, columns * wide + _GAP, 3), GROUND, np.uint8)
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            top, left = _GAP + r * tall, _GAP + c * wide
            place = (left + 2, top + _LABEL - 5)
            cv2.putText(
                sheet,
                cell.label,
                place,
                cv2.FONT_HERSHEY_SIMPLEX,
                0.4,
                (30, 30, 30),
                1,
                cv2.LINE_AA,
            )
            shown = _fitted(cell.pixels, side)
            height, width = shown.shape[:2]
            y, x = top + _LABEL + (side - height) // 2, left + (side - width) // 2
            sheet[y : y + height, x : x + width] = shown
    return sheet


def save_sheet(path: Path, sheet: Pixels) -> None:
    """Write a sheet as PNG. InputError if the place cannot be written."""
    done, content = cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))
    assert done
    with replacing(path) as file:
        file.write(content.tobytes())


def _fitted(pixels: Pixels, side: int) -> Pixels:
    scale = side / max(pixels.shape[:2])
    if scale == 1:
        return pixels
    size = max(round(pixels.shape[1] * scale), 1), max(round(pixels.shape[0] * scale), 1)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)
