"""The line at the bottom: what the tool can do now, or why the picture may come out rough."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.shapes.sketch import Sketch
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.options import SketchOptions

_SMALL = 0.3
"""Share of the canvas below which an item is painted smaller than painters know items."""
_DENSE = 18.0
"""Length of all lines in sides of the canvas: no item that painters learned from has more."""
_BEGUN = 4
"""Strokes from which a drawing is judged."""


def hint_for(document: SketchDocument, options: SketchOptions) -> str:
    """One line on what can be done now; drawings unlike those that painters saw come first."""
    tr = QCoreApplication.translate
    if document.sketch.is_empty:
        return tr("Sketch", "Draw the outline of a shoe or a bag, or begin with an example.")
    if not document.moving:
        remark = _remark(document.sketch)
        if remark:
            return remark
    if options.tool == "select" and document.selected:
        return tr("Sketch", "Drag inside to move, a handle to scale, outside a corner to turn.")
    return _tool_hints()[options.tool]


def _remark(sketch: Sketch) -> str:
    tr = QCoreApplication.translate
    extent, length = _measures(sketch)
    if 0 < extent < _SMALL:
        return tr("Sketch", "Draw larger: so small, there is little to paint.")
    if length > _DENSE:
        return tr("Sketch", "So many lines are new to the painters; fewer may come out better.")
    return ""


@lru_cache(maxsize=4)
def _measures(sketch: Sketch) -> tuple[float, float]:
    """The longer side of what is drawn and the length of its lines, both in sides of the canvas.

    Zeros where there are few strokes, or a picture of lines that is not looked at.
    """
    drawn = [stroke.xy for stroke in sketch.strokes if not stroke.erase]
    if len(drawn) < _BEGUN or sketch.raster is not None:
        return 0.0, 0.0
    extent = float(np.ptp(np.concatenate(drawn), axis=0).max())
    length = sum(float(np.hypot(*np.diff(xy, axis=0).T).sum()) for xy in drawn)
    return extent / max(sketch.size), length / max(sketch.size)


def _tool_hints() -> dict[str, str]:
    tr = QCoreApplication.translate
    return {
        "select": tr(
            "Sketch", "Click a line or drag a band; Shift adds, arrows nudge, Del deletes."
        ),
        "pencil": tr(
            "Sketch",
            "Draw; [ and ] change the width, Shift goes on straight, the right button erases.",
        ),
        "line": tr("Sketch", "Drag a line; Shift keeps to steps of 15°."),
        "curve": tr("Sketch", "Click points; Enter or a double click ends, Esc gives up."),
        "rectangle": tr(
            "Sketch", "Drag a rectangle; Shift makes a square, Alt begins in the middle."
        ),
        "ellipse": tr("Sketch", "Drag an ellipse; Shift makes a circle, Alt begins in the middle."),
        "eraser": tr("Sketch", "Rub lines out; with Ctrl whole strokes go."),
        "hand": tr("Sketch", "Drag the paper; with Space held any tool does."),
    }
