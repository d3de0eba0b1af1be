"""What is painted next in one scene, and which labels may not be touched."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from engine.shapes.label_paint import Ink, Rules
from engine.shapes.labels import LabelMap, LabelSet

_FIRST = ("road", "building")
"""The label that is chosen at first, if the set has it."""


class LabelChoice(QObject):
    """The chosen label and object of a scene, and what is hidden or locked.

    Attributes:
        label: id of the label that is painted.
        number: the object that is painted on; 0 = the next stroke begins one.
        hidden, locked: ids of labels whose pixels stay as they are.
        group: objects picked together, to merge them.

    Signals:
        changed: any of it is another one.
        styled: another label is hidden.
    """

    changed = Signal()
    styled = Signal()

    def __init__(self, label_set: LabelSet) -> None:
        super().__init__()
        self.label_set = label_set
        self.label = next(
            (one.id for one in label_set.labels if one.name in _FIRST), label_set.labels[-1].id
        )
        self.number = 0
        self.hidden: frozenset[int] = frozenset()
        self.locked: frozenset[int] = frozenset()
        self.group: frozenset[int] = frozenset()

    def choose(self, label: int, number: int = 0) -> None:
        """Paint this label from now on, on an object if it has one."""
        if label in self.label_set and (label, number) != (self.label, self.number):
            self.label, self.number = label, number
            self.changed.emit()

    def begin_object(self) -> None:
        """The next stroke of a thing is an object of its own."""
        self.choose(self.label)

    def gather(self, numbers: frozenset[int]) -> None:
        """Pick objects together."""
        if numbers != self.group:
            self.group = numbers
            self.changed.emit()

    def hide(self, label: int, on: bool) -> None:
        """Do not show a label, and paint around it; or show it again."""
        self.hidden = self.hidden | {label} if on else self.hidden - {label}
        self.styled.emit()
        self.changed.emit()

    def lock(self, label: int, on: bool) -> None:
        """Paint around a label, or over it again."""
        self.locked = self.locked | {label} if on else self.locked - {label}
        self.changed.emit()

    def free_all(self) -> None:
        """Nothing is hidden or locked any more."""
        self.hidden = self.locked = frozenset()
        self.styled.emit()
        self.changed.emit()

    def ink(self, scene: LabelMap) -> Ink:
        """What a stroke that begins now paints."""
        if not self.label_set[self.label].things:
            return Ink(self.label)
        return Ink(self.label, self.number or scene.next_object)

    def rules(self, new_wins: bool) -> Rules:
        """What may be painted over."""
        return Rules(new_wins, self.hidden | self.locked)
