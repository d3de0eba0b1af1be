"""Undo: one command a gesture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QUndoCommand

from engine.appearance import Appearance
from engine.boxes import Box, rows
from engine.finishing import PLAIN, Finish
from engine.photo import Mask
from engine.request import Scene
from engine.shapes.pose import Pose

if TYPE_CHECKING:
    from studio.document import Document

_MERGE_ID = 1


class Wanted(NamedTuple):
    """What the artist decides.

    Attributes:
        source: the skeleton on the photo.
        pose: the pose asked for.
        model: id of the painter.
        look: another look than the photo's own; None = its own.
        mask: which pixels are the person's, corrected by hand; None = as they were read.
        finish: how the painted person is put back.
        scene: what stands around them.
    """

    source: Pose
    pose: Pose
    model: str
    look: Appearance | None
    mask: Mask | None = None
    finish: Finish = PLAIN
    scene: Scene = Scene.photo


class Change(QUndoCommand):
    """What is wanted before and after; equal `merge` names in a row become one step."""

    def __init__(
        self, document: Document, before: Wanted, after: Wanted, text: str, merge: str = ""
    ) -> None:
        super().__init__(text)
        self._document, self._before, self._after, self._merge = document, before, after, merge

    def undo(self) -> None:
        self._document.show(self._before)

    def redo(self) -> None:
        self._document.show(self._after)

    def id(self) -> int:
        return _MERGE_ID if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Change) or other._merge != self._merge:
            return False
        self._after = other._after
        return True


class Stroke(QUndoCommand):
    """New values in one box of the mask; holds no more than the box.

    Args:
        box: on the photo.
        values: (h, w) uint8.
    """

    def __init__(self, document: Document, box: Box, values: NDArray[np.uint8], text: str) -> None:
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
