"""How tools work: what the artist keeps from one document to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import QObject, Signal

LIGHTEST = 0.15
"""Share of its width with which a pen draws when it hardly touches."""
NOTCH = 1.2
"""One notch of a width."""
Value = str | bool | float


class ToolOptions(QObject):
    """Choices of an editor's tools, kept as attributes; numbers stay in their range.

    Attributes:
        KEPT: names of those that are worth remembering.
        TOOLS: the tools that there are.
        RANGES: lowest and highest value by name; "" = of every other number.
        tool: one of TOOLS.

    Signals:
        changed: any of it is another one.
    """

    changed = Signal()

    KEPT: ClassVar[tuple[str, ...]] = ()
    TOOLS: ClassVar[tuple[str, ...]] = ()
    RANGES: ClassVar[Mapping[str, tuple[float, float]]] = {}

    tool = ""

    def set(self, name: str, value: Value) -> None:
        """Choose one of them.

        Raises:
            ValueError: a value that it cannot have.
        """
        taken = self._taken(name, value)
        if taken is None:
            raise ValueError(f"{name} cannot be {value!r}")
        if getattr(self, name) != taken:
            setattr(self, name, taken)
            self.changed.emit()

    def values(self) -> dict[str, Value]:
        """What is worth remembering."""
        return {name: getattr(self, name) for name in self.KEPT}

    def restore(self, values: Mapping[str, object]) -> None:
        """Take remembered values; unknown names and other types are passed over."""
        for name in self.KEPT:
            taken = self._taken(name, values.get(name))
            if taken is not None:
                self.set(name, taken)

    def _taken(self, name: str, value: object) -> Value | None:
        """A value as it is kept; None = this one cannot have it."""
        before = getattr(self, name)
        if name == "tool":
            return value if isinstance(value, str) and value in self.TOOLS else None
        if isinstance(before, bool) or isinstance(value, bool):
            return value if isinstance(before, bool) and isinstance(value, bool) else None
        if not isinstance(value, int | float) or value != value:
            return None
        low, high = self.RANGES.get(name, self.RANGES[""])
        return min(max(float(value), low), high)
