"""The example sketches that travel with Guise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from PySide6.QtCore import QCoreApplication

from assets.sketch_table import SHEET, SKETCHES
from engine.shapes.sketch import Sketch, Stroke
from studio.editors.sketch.curves import smooth_curve

SIDE = 1024
"""Pixels a side of their canvas."""
_WIDTH = 5.0


@dataclass(frozen=True)
class Example:
    """A drawing to begin with.

    Attributes:
        name: in the table; :func:`example_names` has it in the user's language.
        model: id of the bundled painter that knows such items.
    """

    name: str
    model: str
    sketch: Sketch


@cache
def examples() -> tuple[Example, ...]:
    """All of them, shoes first."""
    scale = SIDE / SHEET
    made = []
    for name, (model, lines) in SKETCHES.items():
        curves = (smooth_curve(np.array(line) * scale) for line in lines)
        strokes = tuple(Stroke.of(curve, _WIDTH) for curve in curves)
        made.append(Example(name, model, Sketch((SIDE, SIDE), strokes)))
    return tuple(made)


def example_names() -> dict[str, str]:
    """What each example is called in the user's language."""
    tr = QCoreApplication.translate
    return {
        "Sneaker": tr("Sketch", "Sneaker"),
        "Loafer": tr("Sketch", "Loafer"),
        "Ankle boot": tr("Sketch", "Ankle boot"),
        "Hiking boot": tr("Sketch", "Hiking boot"),
        "High heel": tr("Sketch", "High heel"),
        "Sandal": tr("Sketch", "Sandal"),
        "Tote bag": tr("Sketch", "Tote bag"),
        "Handbag": tr("Sketch", "Handbag"),
        "Backpack": tr("Sketch", "Backpack"),
        "Clutch": tr("Sketch", "Clutch"),
    }
