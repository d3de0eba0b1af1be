"""One photo being edited: plain data over immutable poses, with signals when it changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine import registry
from engine.appearance import Appearance, FromPhoto, Mix, Parts
from engine.boxes import Box
from engine.finishing import PLAIN, Finish
from engine.perception.base import Reading
from engine.photo import Mask
from engine.picture import Picture
from engine.request import Painted, Quality, Request, Scene
from engine.shapes.pose import JOINTS, Pose, Presence
from studio.undo import Change, Stroke, Wanted


class PictureState(Enum):
    """How the picture stands to what was asked for."""

    empty = "empty"
    current = "up to date"
    painting = "painting"
    stale = "stale"
    failed = "failed"


@dataclass(frozen=True)
class Origin:
    """Where a document came from."""

    name: str
    path: Path | None = None


class Document(QObject):
    """The source reading, what is wanted of it, the last good picture, and the undo history.

    Signals:
        pose_changed: the pose or the source skeleton is another one (also while dragging).
        look_changed: the look or the painter is another one.
        picture_changed: picture or its state is another one.
        selection_changed: other joints are selected.
        locks_changed: other joints are locked.
        mask_changed: other pixels are the person's.
    """

    pose_changed = Signal()
    look_changed = Signal()
    picture_changed = Signal()
    selection_changed = Signal()
    locks_changed = Signal()
    mask_changed = Signal()

    def __init__(self, reading: Reading, origin: Origin, pose: Pose | None = None) -> None:
        super().__init__()
        self.reading = reading
        self.origin = origin
        self.source = reading.pose
        self.pose = pose or reading.pose
        self.model = registry.PAINTER_MODEL
        self.look: Appearance | None = None
        self.mask: Mask | None = None
        self.finish = PLAIN
        self.scene = Scene.photo
        self.fitting = not reading.found
        self.picture: Picture | None = None
        self.state = PictureState.empty
        self.failure = ""
        self.seconds = 0.0
        self.selected: frozenset[int] = frozenset()
        self.locked: frozenset[int] = frozenset()
        self.undo = QUndoStack(self)
        self._wanted: Request | None = None
        self._before: Wanted | None = None

    # Shapes

    @property
    def edited(self) -> Pose:
        """The pose under the hand: the source skeleton while fitting, else the one asked for."""
        return self.source if self.fitting else self.pose

    @property
    def wanted(self) -> Wanted:
        """What is asked for now."""
        poses, pictured = (self.source, self.pose), (self.model, self.look)
        return Wanted(*poses, *pictured, self.mask, self.finish, self.scene)

    def show(self, wanted: Wanted) -> None:
        """Ask for something else without touching the history."""
        before = self.wanted
        self.source, self.pose, self.model, self.look = wanted[:4]
        self.mask, self.finish, self.scene = wanted[4:]
        if wanted[:2] != before[:2]:
            self.pose_changed.emit()
        if wanted.mask != before.mask:
            self.mask_changed.emit()
        if wanted[2:] != before[2:]:
            self.look_changed.emit()

    def preview(self, edited: Pose) -> None:
        """Show a pose that a gesture in progress asks for."""
        if self._before is None:
            self._before = self.wanted
        self.show(self._with(edited))

    def commit(self, text: str) -> None:
        """End the gesture: one step of the history, if it changed anything."""
        before, self._before = self._before, None
        if before is not None and before != self.wanted:
            self.undo.push(Change(self, before, self.wanted, text))

    def abort(self) -> bool:
        """Take the gesture back; False if there was none."""
        before, self._before = self._before, None
        if before is None:
            return False
        self.show(before)
        return True

    def change(self, edited: Pose, text: str, merge: str = "") -> None:
        """One complete edit of a pose. Equal `merge` names in a row make one step.

        Like all edits it takes a gesture in progress back first.
        """
        self.abort()
        self._push(self._with(edited), text, merge)

    def change_look(self, look: Appearance | None, text: str, merge: str = "") -> None:
        """Another look; None = the photo's own."""
        self.abort()
        self._push(self.wanted._replace(look=look), text, merge)

    def change_painter(self, model: str, look: Appearance | None, text: str) -> None:
        """Another painter, with a look that it can take."""
        self.abort()
        self._push(self.wanted._replace(model=model, look=look), text)

    def change_finish(self, finish: Finish, text: str, merge: str = "") -> None:
        """Another last touch on the painted person."""
        self.abort()
        self._push(self.wanted._replace(finish=finish), text, merge)

    def change_scene(self, scene: Scene, text: str) -> None:
        """Other surroundings."""
        self.abort()
        self._push(self.wanted._replace(scene=scene), text)

    def paint_mask(self, box: Box, values: NDArray[np.uint8], text: str) -> None:
        """Correct the person's pixels in a box of the photo; one step of the history."""
        self.abort()
        self.undo.push(Stroke(self, box, values, text))

    @property
    def shown_mask(self) -> Mask:
        """The person's pixels: as corrected by hand, or as they were read."""
        return self.mask or self.reading.mask

    def show_mask(self, mask: Mask) -> None:
        """Other pixels are the person's, without touching the history."""
        corrected = None if mask == self.reading.mask else mask
        self.show(self.wanted._replace(mask=corrected))

    def restore(self, wanted: Wanted, text: str) -> None:
        """All inputs as they were once, in one step."""
        self.abort()
        self._push(wanted, text)

    def _push(self, after: Wanted, text: str, merge: str = "") -> None:
        if after != self.wanted:
            self.undo.push(Change(self, self.wanted, after, text, merge))

    def _with(self, edited: Pose) -> Wanted:
        poses = (edited, edited) if self.fitting else (self.source, edited)
        return self.wanted._replace(source=poses[0], pose=poses[1])

    @property
    def moving(self) -> bool:
        """Whether a gesture is in progress."""
        return self._before is not None

    @property
    def untouched(self) -> bool:
        """Whether the photo itself is what is asked for."""
        unmoved = self.pose == self.source and self.look is None
        return unmoved and self.scene is Scene.photo

    def set_fitting(self, fitting: bool) -> None:
        """Edit the skeleton that lies on the photo instead of the pose asked for."""
        self.fitting = fitting
        self.pose_changed.emit()

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

    # Pictures

    @property
    def own(self) -> FromPhoto:
        """The look and place of the photo's person."""
        return self._own(self.wanted)

    def _own(self, wanted: Wanted) -> FromPhoto:
        read = self.reading.mask if self.reading.found else None
        return FromPhoto(self.reading.photo, wanted.source, wanted.mask or read)

    def request(self, quality: Quality, longest: int | None) -> Request:
        """What to paint now, noted as the one that is wanted."""
        self._wanted = self.request_for(self.wanted, quality, longest)
        self._set_state(PictureState.painting)
        return self._wanted

    def request_for(self, wanted: Wanted, quality: Quality, longest: int | None) -> Request:
        """This photo's person as somebody may want it."""
        own = self._own(wanted)
        look = own if wanted.look is None else _following(wanted.look, own)
        return Request(
            wanted.model,
            wanted.pose,
            look,
            longest=longest,
            quality=quality,
            scene=wanted.scene,
            place=own,
            finish=wanted.finish,
        )

    @property
    def finished(self) -> bool:
        """Whether the hand rests and the picture shows what is asked for, with full care."""
        careful = self._wanted is not None and self._wanted.quality is Quality.full
        return careful and self._before is None and self.state is PictureState.current

    def adopt(self, picture: Picture) -> None:
        """A picture known to show what is asked for."""
        self.picture = picture
        self._set_state(PictureState.current)

    def mark_stale(self) -> None:
        """The picture no longer shows what is asked for."""
        self._set_state(PictureState.stale)

    def take(self, painted: Painted) -> None:
        """Show a picture; one that was overtaken is shown too, but stays marked."""
        self.picture = painted.picture
        self.seconds = painted.seconds
        self.failure = painted.degraded
        if painted.request == self._wanted:
            self._set_state(PictureState.current)
        elif self.state is not PictureState.stale:  # nothing newer comes once it was called off
            self._set_state(PictureState.painting)
        else:
            self.picture_changed.emit()

    def fail(self, request: object, message: str) -> None:
        """Keep the last good picture and say why there is no newer one."""
        if request == self._wanted:
            self.failure = message
            self._set_state(PictureState.failed)

    def _set_state(self, state: PictureState) -> None:
        self.state = state
        self.picture_changed.emit()


def _following(look: Appearance, own: FromPhoto) -> Appearance:
    """The same look, in which the document's own photo has the skeleton that it has now."""
    match look:
        case FromPhoto(photo=photo) if photo == own.photo:
            return own
        case Mix(a, b, t):
            return Mix(_following(a, own), _following(b, own), t)
        case Parts(default, regions):
            inner = tuple((name, _following(each, own)) for name, each in regions)
            return Parts(_following(default, own), inner)
        case _:
            return look
