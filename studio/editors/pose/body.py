"""What joint tools and the mask brush need of a document: one person on a photo."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoCommand

from engine.boxes import Box, rows
from engine.photo import Mask
from engine.shapes.pose import JOINTS, Pose, Presence
from studio.document import Document, Origin, Wanted


class BodyDocument(Document):
    """A person's joints and mask, with what of them is selected and locked.

    Attributes:
        fitting: whether the skeleton that lies on the photo is edited.
        selected, locked: joints by their index; no tool moves locked ones.

    Signals:
        locks_changed: other joints are locked.
        mask_changed: other pixels are the person's.
    """

    locks_changed = Signal()
    mask_changed = Signal()

    def __init__(self, origin: Origin, wanted: Wanted) -> None:
        super().__init__(origin, wanted)
        self.fitting = True
        self.selected: frozenset[int] = frozenset()
        self.locked: frozenset[int] = frozenset()

    @property
    def edited(self) -> Pose:
        """The pose under the hand."""
        raise NotImplementedError

    @property
    def source(self) -> Pose:
        """The skeleton to which joints are reset."""
        raise NotImplementedError

    @property
    def ghost(self) -> Pose | None:
        """A pose that is shown faintly behind the edited one; None = none."""
        return None

    @property
    def shown_mask(self) -> Mask:
        """The person's pixels."""
        raise NotImplementedError

    def show_mask(self, mask: Mask) -> None:
        """Other pixels are the person's, without touching the history."""
        raise NotImplementedError

    def _with(self, edited: Pose) -> Any:
        """What is wanted, with another pose under the hand."""
        raise NotImplementedError

    def preview(self, edited: Pose) -> None:
        """Show a pose that a gesture in progress asks for."""
        self._preview(self._with(edited))

    def change(self, edited: Pose, text: str, merge: str = "") -> None:
        """One complete edit of a pose. Equal `merge` names in a row make one step."""
        self.abort()
        self._push(self._with(edited), text, merge)

    def paint_mask(self, box: Box, values: NDArray[np.uint8], text: str) -> None:
        """Correct the person's pixels in a box of the photo; one step of the history."""
        self.abort()
        self.undo.push(MaskStroke(self, box, values, text))

    # Selection

    def select(self, joints: frozenset[int]) -> None:
        """Select joints by their index."""
        if joints != self.selected:
            self.selected = joints
            self.selection_changed.emit()

    def lock(self, joints: frozenset[int]) -> None:
        """Lock these joints, and no others: no tool moves them."""
        if joints != self.locked:
            self.locked = joints
            self.locks_changed.emit()

    def toggle_hidden(self) -> None:
        """Hide the selected joints, or show them if all are hidden."""
        if not self.selected:
            return
        marks = [self.edited.presence[i] for i in self.selected]
        hidden = all(mark == Presence.hidden for mark in marks)
        presence = Presence.seen if hidden else Presence.hidden
        names = [JOINTS[i] for i in self.selected if self.edited.presence[i]]
        text = self.tr("Show joints") if hidden else self.tr("Hide joints")
        self.change(self.edited.marked(presence, *names), text)


class MaskStroke(QUndoCommand):
    """New values in one box of the mask; holds no more than the box.

    Args:
        box: on the photo.
        values: (h, w) uint8.
    """

    def __init__(
        self, document: BodyDocument, box: Box, values: NDArray[np.uint8], text: str
    ) -> None:
        super().__init__(text)
        self._document, self._box = document, box
        self._before = document.shown_mask.pixels[rows(box)].copy()
        self._after = values.copy()

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._before.nbytes + self._after.nbytes

    def undo(self) -> None:
        self._put(self._before)

    def redo(self) -> None:
        self._put(self._after)

    def _put(self, values: NDArray[np.uint8]) -> None:
        pixels = self._document.shown_mask.pixels.copy()
        pixels[rows(self._box)] = values
        self._document.show_mask(Mask(pixels))
