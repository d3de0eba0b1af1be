"""How the drawing tools work: what the artist keeps from one sketch to the next."""

from __future__ import annotations

from typing import ClassVar

from studio.editors.options import LIGHTEST, NOTCH, ToolOptions

TOOLS = (
    "select",
    "pencil",
    "line",
    "curve",
    "rectangle",
    "ellipse",
    "eraser",
    "hand",
)
WIDTHS = (0.5, 200.0)
"""Narrowest and widest stroke in pixels of the canvas."""


class SketchOptions(ToolOptions):
    """Choices of the drawing tools.

    Attributes:
        tool: one of TOOLS.
        width: of drawn lines, in pixels of the canvas, where the pen is pressed fully.
        eraser: width of the eraser, likewise.
        smoothing: 0 = lines are drawn as the hand goes, 100 = as smooth as can be.
        pressure: whether a pen's pressure is the width.
        symmetric: strokes are drawn on the other side of the axis too.
        reference: the reference photo is shown.

    Signals:
        changed: any of it is another one.
    """

    KEPT = ("width", "eraser", "smoothing", "pressure", "symmetric")

    TOOLS = TOOLS
    RANGES: ClassVar = {"smoothing": (0.0, 100.0), "": WIDTHS}

    def __init__(self) -> None:
        super().__init__()
        self.tool = "pencil"
        self.width, self.eraser, self.smoothing = 5.0, 40.0, 20.0
        self.pressure = self.reference = True
        self.symmetric = False

    @property
    def sized(self) -> str:
        """Which width is in use: "width" or "eraser"."""
        return "eraser" if self.tool == "eraser" else "width"

    def resize(self, notches: float) -> None:
        """A wider line or eraser, whichever is in use, or a narrower one; by half a pixel at least.

        Args:
            notches: how often; negative = narrower.
        """
        before = getattr(self, self.sized)
        step = max(abs(before * NOTCH**notches - before), 0.5)
        self.set(self.sized, round(2 * (before + step if notches > 0 else before - step)) / 2)

    def width_at(self, pressure: float, erasing: bool) -> float:
        """Width in pixels of the canvas of a line drawn with a pressure of 0..1."""
        width = self.eraser if erasing else self.width
        return width * (LIGHTEST + (1 - LIGHTEST) * pressure) if self.pressure else width
