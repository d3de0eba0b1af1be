"""Looks out of other photos: read what a photo shows, then ask which part of it is meant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from engine.appearance import FromPhoto
from engine.photo import Mask, Photo
from engine.request import Failed, Message
from engine.scene_jobs import ReadScene, SceneRead, as_labelled
from engine.shapes.label_objects import outline
from engine.shapes.label_paint import stamp_of
from engine.shapes.labels import LabelMap
from studio.canvas.readout import draw_readout
from studio.canvas.tool import MOUSE, Touch
from studio.canvas.transform import ViewTransform
from studio.canvas.view import Canvas
from studio.editors.scene.marks import draw_outline
from studio.editors.scene.names import label_name, object_name
from studio.images import Pyramid
from studio.theme import Tokens
from studio.worker import Bridge

LONGEST = 1024
"""Longest side in pixels of a photo that lends looks."""
_SIZE = (960, 640)
_FAINT = 170
_AWAY = QPointF(-1e6, -1e6)


class PhotoReader(QObject):
    """Has photos labelled by the engine, the last one that was asked for.

    Signals:
        read: a Photo and the LabelMap of what it shows, of the same size.
        failed: a sentence for the person.
        busy: what is going on, or "".
    """

    read = Signal(object, object)
    failed = Signal(str)
    busy = Signal(str)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._job: ReadScene | None = None
        bridge.answered.connect(self._take)

    def ask(self, path: Path) -> None:
        """Label a photo; one that is being read is given up for it."""
        self.busy.emit(self.tr("Reading {0}…").format(path.name))
        self._job = ReadScene(path, LONGEST)
        self._bridge.post(self._job)

    def let_go(self) -> None:
        """Hear no answers any more."""
        self._job = None
        self._bridge.answered.disconnect(self._take)

    def _take(self, message: Message) -> None:
        if self._job is None or message.request is not self._job:
            return
        match message:
            case SceneRead(scene=scene, photo=photo):
                self._job = None
                self.busy.emit("")
                self.read.emit(as_labelled(photo, scene), scene)
            case Failed():
                self._job = None
                self.busy.emit("")
                self.failed.emit(f"{message.message} {message.advice}".strip())
            case _:
                pass


@dataclass(frozen=True)
class Part:
    """Part of a labelled photo: an object, or all of a label that is no object.

    Attributes:
        number: the object's id; 0 = none.
    """

    label: int
    number: int = 0

    def mask(self, scene: LabelMap) -> Mask:
        """Its pixels."""
        alike = (scene.labels == self.label) & (scene.objects == self.number)
        return Mask(np.where(alike, 255, 0).astype(np.uint8))

    def name(self, scene: LabelMap) -> str:
        """As people say it."""
        if self.number:
            return object_name(scene, self.number)
        return label_name(scene.label_set, self.label)


def likely(scene: LabelMap, label: int) -> Part | None:
    """The largest part with a label; None if there is none."""
    found = [one for one in scene.instances.values() if one.label == label]
    if found:
        return Part(label, max(found, key=lambda one: one.area).id)
    return Part(label) if label in scene.areas else None


class PickPart:
    """A tool that picks what is clicked."""

    def __init__(self, canvas: PhotoParts) -> None:
        self._canvas = canvas
        self._at = _AWAY

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._canvas.pick(self._canvas.part_at(at))
        if touch.twice:
            self._canvas.taken.emit()

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        """A click is all."""

    def hover(self, at: QPointF) -> None:
        self._at = at
        self._canvas.update()

    def release(self, at: QPointF) -> None:
        """A click is all."""

    def cancel(self) -> bool:
        return False

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.PointingHandCursor

    def draw(self, painter: QPainter) -> None:
        """What is picked, and the name of what would be."""
        canvas, under = self._canvas, self._canvas.part_at(self._at)
        faint = QColor(canvas.accent)
        faint.setAlpha(_FAINT)
        if under is not None and under != canvas.part:
            draw_outline(painter, canvas.edges(under), canvas.view, faint)
        if canvas.part is not None:
            draw_outline(painter, canvas.edges(canvas.part), canvas.view, canvas.accent)
        if under is not None:
            draw_readout(painter, self._at, under.name(canvas.scene))


class PhotoParts(Canvas):
    """A photo with its parts to click.

    Attributes:
        part: what is picked.

    Signals:
        picked: another part is picked.
        taken: the part was clicked twice.
    """

    picked = Signal()
    taken = Signal()

    def __init__(self, photo: Photo, scene: LabelMap, part: Part | None, tokens: Tokens) -> None:
        super().__init__(ViewTransform())
        self.scene, self.part = scene, part
        self.accent = QColor(tokens.accent)
        self.surround, self.ink = QColor(tokens.window), QColor(tokens.muted)
        self._edges: dict[Part, NDArray[np.float64]] = {}
        self.image, self.tool = Pyramid.of(photo.pixels), PickPart(self)
        self.view.set_photo(*photo.size)

    def part_at(self, at: QPointF) -> Part | None:
        """What the photo shows at a place of the pane; None beside it and where nobody knows."""
        there = self.view.to_photo(at)
        found = self.scene.at((there.x(), there.y()))
        if found is None or found[0] == self.scene.label_set.void:
            return None
        return Part(*found)

    def pick(self, part: Part | None) -> None:
        """Choose a part."""
        if part is not None:
            self.part = part
            self.picked.emit()
            self.update()

    def edges(self, part: Part) -> NDArray[np.float64]:
        """Its outline, (N, 4) straight lines in photo pixels."""
        if part not in self._edges:
            self._edges[part] = outline(stamp_of(part.mask(self.scene).pixels))
        return self._edges[part]


class PhotoLookDialog(QDialog):
    """Which part of a photo lends its look.

    Args:
        label: what the look is for: the largest part with it is picked already.

    Signals:
        chosen: the look, FromPhoto with a mask.
    """

    chosen = Signal(object)

    def __init__(
        self, parent: QWidget, tokens: Tokens, photo: Photo, scene: LabelMap, label: int, name: str
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Take look from photo"))
        self._photo, self._scene = photo, scene
        self.canvas = PhotoParts(photo, scene, likely(scene, label), tokens)
        self.said = QLabel(self.tr("Click what lends its look to: {0}").format(name))
        self.said.setObjectName("muted")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.take = self.buttons.addButton("", QDialogButtonBox.ButtonRole.AcceptRole)
        self.take.setObjectName("primary")
        self.buttons.accepted.connect(self._take)
        self.buttons.rejected.connect(self.reject)
        self.canvas.picked.connect(self._show_part)
        self.canvas.taken.connect(self._take)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self.said)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.buttons)
        self.resize(*_SIZE)
        self._show_part()

    def _show_part(self) -> None:
        part = self.canvas.part
        self.take.setEnabled(part is not None)
        if part is None:
            self.take.setText(self.tr("Take look"))
        else:
            self.take.setText(self.tr("Take look of {0}").format(part.name(self._scene)))

    def _take(self) -> None:
        part = self.canvas.part
        if part is not None:
            self.accept()
            self.chosen.emit(FromPhoto(self._photo, mask=part.mask(self._scene)))
