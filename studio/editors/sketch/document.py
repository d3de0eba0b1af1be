"""A drawing that is being coloured."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRect, Signal

from engine.appearance import Appearance, Sampled
from engine.photo import Photo
from engine.picture import Picture
from engine.request import Quality, Request, Scene
from engine.shapes.raster import canvas_frame, drawn_ink, item_frame
from engine.shapes.sketch import Sketch
from studio.document import Document, Origin

SIDE = 1024
"""Pixels a side of a new drawing's canvas."""
FIRST_LOOK = Sampled(1)
"""What a new drawing is painted with."""


class SketchWanted(NamedTuple):
    """What the artist decides.

    Attributes:
        sketch: the drawing.
        model: id of the painter.
        look: the look; None = the first of the invented ones.
        scene: what stands around the item: Scene.white or Scene.cutout.
    """

    sketch: Sketch
    model: str
    look: Appearance | None = None
    scene: Scene = Scene.white


class SketchDocument(Document):
    """A drawing, and what is wanted of its picture.

    Attributes:
        selected: numbers of the selected strokes.
        reference: a photo under the drawing, seen by the artist only.
        reference_opacity: 0..1.

    Signals:
        reference_changed: another photo, or another opacity.
    """

    EDITOR = "sketch"

    reference_changed = Signal()

    def __init__(self, sketch: Sketch, origin: Origin, model: str) -> None:
        super().__init__(origin, SketchWanted(sketch, model))
        self.selected: frozenset[int] = frozenset()
        self.reference: Photo | None = None
        self.reference_opacity = 0.5

    # What is asked for

    @property
    def wanted(self) -> SketchWanted:
        """What is asked for now."""
        assert isinstance(self._now, SketchWanted)
        return self._now

    @property
    def sketch(self) -> Sketch:
        """The drawing."""
        return self.wanted.sketch

    @property
    def scene(self) -> Scene:
        """What stands around the item."""
        return self.wanted.scene

    @property
    def size(self) -> tuple[int, int]:
        return self.sketch.size

    @property
    def focus(self) -> QRect:
        frame = item_frame(self.sketch)
        side = round(frame.side)
        box = QRect(round(frame.left), round(frame.top), side, side)
        return box.intersected(QRect(0, 0, *self.size))

    @property
    def worth_painting(self) -> bool:
        return not self.sketch.is_empty

    @property
    def untouched(self) -> bool:
        return self.sketch.is_empty

    def _tell(self, before: SketchWanted, after: SketchWanted) -> None:
        if after.sketch != before.sketch:
            self._forget_strokes(before.sketch, after.sketch)
            if after.sketch.is_empty:
                self.adopt(drawing_of(after.sketch))  # nothing is painted of an empty sheet
            self.shape_changed.emit()
        if after[1:] != before[1:]:
            self.look_changed.emit()

    def _forget_strokes(self, before: Sketch, after: Sketch) -> None:
        """Numbers of strokes mean nothing once there are fewer."""
        if len(after.strokes) < len(before.strokes):
            self.select(frozenset())

    def preview(self, sketch: Sketch) -> None:
        """Show a drawing that a gesture in progress asks for."""
        self._preview(self.wanted._replace(sketch=sketch))

    def change(self, sketch: Sketch, text: str, merge: str = "") -> None:
        """One complete edit of the drawing. Equal `merge` names in a row make one step."""
        self.abort()
        self._push(self.wanted._replace(sketch=sketch), text, merge)

    def change_scene(self, scene: Scene, text: str) -> None:
        """White or nothing around the item."""
        self.abort()
        self._push(self.wanted._replace(scene=scene), text)

    def select(self, strokes: frozenset[int]) -> None:
        """Select strokes by their number."""
        if strokes != self.selected:
            self.selected = strokes
            self.selection_changed.emit()

    def put_reference(self, photo: Photo | None) -> None:
        """A photo under the drawing, or none."""
        self.reference = photo
        self.reference_changed.emit()

    def show_reference(self, opacity: float) -> None:
        """How clearly the photo under the drawing is seen, 0..1."""
        self.reference_opacity = min(max(opacity, 0.0), 1.0)
        self.reference_changed.emit()

    # Pictures

    @property
    def pictured(self) -> Picture:
        return self.picture or drawing_of(self.sketch)

    def request_for(self, wanted: SketchWanted, quality: Quality, longest: int | None) -> Request:
        """This drawing as somebody may want it."""
        look = wanted.look or FIRST_LOOK
        return Request(
            wanted.model,
            wanted.sketch,
            look,
            longest=longest,
            quality=quality,
            scene=wanted.scene,
        )


def drawing_of(sketch: Sketch, longest: int = 512) -> Picture:
    """The drawing alone, dark on white, at most `longest` pixels a side."""
    side = min(longest, max(sketch.size))
    width, height = (max(1, round(length * side / max(sketch.size))) for length in sketch.size)
    left, top = (side - width) // 2, (side - height) // 2
    ink = drawn_ink(sketch, canvas_frame(sketch.size), side)[
        top : top + height, left : left + width
    ]
    return Picture(np.repeat(255 - ink[..., None], 3, 2))
