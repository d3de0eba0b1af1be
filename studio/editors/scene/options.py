"""How the label tools work: what the artist keeps from one scene to the next."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

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
_STEP = 1.2
"""One notch of size."""
_LIGHTEST = 0.15
"""Share of the size that a pen paints when it hardly touches."""
_Value = str | bool | float


class SceneOptions(QObject):
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

    changed = Signal()
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

    def __init__(self) -> None:
        super().__init__()
        self.tool = "brush"
        self.brush, self.eraser, self.opacity = 40.0, 40.0, 0.6
        self.pressure = self.new_wins = self.outlines = self.names = True
        self.behind = self.patterns = False

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
        """Which of the sizes is in use."""
        return "eraser" if self.tool == "eraser" else "brush"

    def resize(self, notches: float) -> None:
        """A larger brush or eraser, whichever is in use, or a smaller one; by a pixel at least.

        Args:
            notches: how often; negative = smaller.
        """
        before = getattr(self, self.sized)
        step = max(abs(before * _STEP**notches - before), 1.0)
        self.set(self.sized, float(round(before + step if notches > 0 else before - step)))

    def radius(self, pressure: float, erasing: bool) -> float:
        """Pixels of the map that a brush reaches with a pressure of 0..1."""
        size = self.eraser if erasing else self.brush
        share = _LIGHTEST + (1 - _LIGHTEST) * pressure if self.pressure else 1.0
        return max(size * share / 2, 0.5)

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
        low, high = (0.0, 1.0) if name == "opacity" else SIZES
        return min(max(float(value), low), high)
