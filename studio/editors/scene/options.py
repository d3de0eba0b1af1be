"""How the label tools work: what the artist keeps from one scene to the next."""

from __future__ import annotations

from typing import ClassVar

from studio.editors.options import LIGHTEST, NOTCH, ToolOptions

TOOLS = (
    "select",
    "brush",
    "eraser",
    "line",
    "rectangle",
    "polygon",
    "lasso",
    "fill",
    "picker",
    "cut",
    "hand",
)
SIZES = (1.0, 1000.0)
"""Smallest and largest brush, in pixels of the map across."""


class SceneOptions(ToolOptions):
    """Choices of the label tools.

    Attributes:
        tool: one of TOOLS.
        brush, eraser: their sizes in pixels of the map across; the brush's is the line's too.
        pressure: whether a pen's pressure is the size.
        new_wins: what is painted covers what is there; otherwise old objects stay in front.
        behind: the eraser shows the surface behind an object; otherwise it leaves nothing.
        opacity: of the labels over a reference photo, 0..1.
        patterns: labels differ by pattern too, for eyes that tell fewer colours.
        outlines: the edges of all objects are shown.
        names: the name of what lies under the pointer is shown.

    Signals:
        changed: any of it is another one.
    """

    KEPT = (
        "brush",
        "eraser",
        "pressure",
        "new_wins",
        "behind",
        "opacity",
        "patterns",
        "outlines",
        "names",
    )

    TOOLS = TOOLS
    RANGES: ClassVar = {"opacity": (0.0, 1.0), "": SIZES}

    def __init__(self) -> None:
        super().__init__()
        self.tool = "brush"
        self.brush, self.eraser, self.opacity = 40.0, 40.0, 0.6
        self.pressure = self.new_wins = self.outlines = self.names = True
        self.behind = self.patterns = False

    @property
    def sized(self) -> str:
        """Which of the sizes is in use."""
        return "eraser" if self.tool == "eraser" else "brush"

    def resize(self, notches: float) -> None:
        """A larger brush or eraser, whichever is in use, or a smaller one; by a pixel at least.

        Args:
            notches: how often; negative = smaller.
        """
        before = getattr(self, self.sized)
        step = max(abs(before * NOTCH**notches - before), 1.0)
        self.set(self.sized, float(round(before + step if notches > 0 else before - step)))

    def radius(self, pressure: float, erasing: bool) -> float:
        """Pixels of the map that a brush reaches with a pressure of 0..1."""
        size = self.eraser if erasing else self.brush
        share = LIGHTEST + (1 - LIGHTEST) * pressure if self.pressure else 1.0
        return max(size * share / 2, 0.5)
