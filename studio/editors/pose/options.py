"""How the pose tools work: switches that the artist keeps from one photo to the next."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal


class PoseOptions(QObject):
    """Switches of the pose tools.

    Attributes:
        keep_lengths: limbs keep their lengths while joints are dragged.
        symmetric: the other side of the body makes each move too, mirrored.
        ghost: the pose of the photo is shown faintly behind another one.
        limbs: a name in LIMB_COLOURS; not kept here, it is a setting.
        boxing: the selection, or the whole body, stands in a box to move, scale and turn it.

    Signals:
        changed: a switch is another way round.
    """

    changed = Signal()
    KEPT = ("keep_lengths", "symmetric", "ghost")

    def __init__(self) -> None:
        super().__init__()
        self.keep_lengths = self.symmetric = self.boxing = False
        self.ghost = True
        self.limbs = "sides"

    def set(self, name: str, on: bool) -> None:
        """Turn one switch."""
        if getattr(self, name) != on:
            setattr(self, name, on)
            self.changed.emit()

    def colour_limbs(self, limbs: str) -> None:
        """Tell left from right by other colours."""
        if limbs != self.limbs:
            self.limbs = limbs
            self.changed.emit()

    def values(self) -> dict[str, bool]:
        """What is worth remembering."""
        return {name: getattr(self, name) for name in self.KEPT}

    def restore(self, values: Mapping[str, object]) -> None:
        """Take remembered values; unknown names and other types are passed over."""
        for name in self.KEPT:
            value = values.get(name)
            if isinstance(value, bool):
                self.set(name, value)
