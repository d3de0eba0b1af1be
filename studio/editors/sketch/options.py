"""How the drawing tools work: what the artist keeps from one sketch to the next."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

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
_STEP = 1.2
"""One notch of width."""
_LIGHTEST = 0.15
"""Share of the width that a pen draws when it hardly touches."""
_Value = str | bool | float


class SketchOptions(QObject):
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

    changed = Signal()
    KEPT = ("width", "eraser", "smoothing", "pressure", "symmetric")

    def __init__(self) -> None:
        super().__init__()
        self.tool = "pencil"
        self.width, self.eraser, self.smoothing = 5.0, 40.0, 20.0
        self.pressure = self.reference = True
        self.symmetric = False

    def set(self, name: str, value: _Value) -> None:
        """Choose one of them; numbers are kept in their range.

        Raises:
            ValueError: a value that it cannot have.
        """
        taken = self._taken(name, value)
        if taken is None:
            raise ValueError(f"{name} cannot be {value!r}")
        if getattr(self, name) != taken:
            setattr(self, name, taken)
            self.changed.emit()

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
        step = max(abs(before * _STEP**notches - before), 0.5)
        self.set(self.sized, round(2 * (before + step if notches > 0 else before - step)) / 2)

    def width_at(self, pressure: float, erasing: bool) -> float:
        """Width in pixels of the canvas of a line drawn with a pressure of 0..1."""
        width = self.eraser if erasing else self.width
        return width * (_LIGHTEST + (1 - _LIGHTEST) * pressure) if self.pressure else width

    def values(self) -> dict[str, _Value]:
        """What is worth remembering."""
        return {name: getattr(self, name) for name in self.KEPT}

    def restore(self, values: Mapping[str, object]) -> None:
        """Take remembered values; unknown names and other types are passed over."""
        for name in self.KEPT:
            taken = self._taken(name, values.get(name))
            if taken is not None:
                self.set(name, taken)

    def _taken(self, name: str, value: object) -> _Value | None:
        """A value as it is kept; None = this one cannot have it."""
        before = getattr(self, name)
        if name == "tool":
            return value if isinstance(value, str) and value in TOOLS else None
        if isinstance(before, bool) or isinstance(value, bool):
            return value if isinstance(before, bool) and isinstance(value, bool) else None
        if not isinstance(value, int | float) or value != value:
            return None
        low, high = (0.0, 100.0) if name == "smoothing" else WIDTHS
        return min(max(float(value), low), high)
