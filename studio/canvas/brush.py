"""A round brush that paints into one plane of bytes: a mask, or the labels of a scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPen

from engine.boxes import Box, rows
from studio.canvas.tool import MOUSE, Touch
from studio.canvas.transform import ViewTransform

Bytes = NDArray[np.uint8]

MIN_SIZE, MAX_SIZE = 1.0, 2000.0
_STEP = 1.2
"""One notch of size."""
_OVERLAY = 2048
"""Longest side of the tint in pixels; larger planes are shown by every n-th pixel."""
_AWAY = -1e5


class Plane(Protocol):
    """What a brush paints on."""

    def pixels(self) -> Bytes:
        """(H, W) as it is now; another array whenever anything in it changed."""
        ...

    def paint(self, box: Box, values: Bytes) -> None:
        """Take a finished stroke: new values inside a box. It is one step of the history."""
        ...


class BrushOptions(QObject):
    """Size and edge, shared by the documents of an editor; the eraser has a size of its own.

    Attributes:
        erasing: whether strokes take away.
        hardness: share of the radius that is painted fully, 0..1.

    Signals:
        changed: any of it is another one.
    """

    changed = Signal()

    def __init__(self, size: float = 40.0, hardness: float = 0.7) -> None:
        super().__init__()
        self.erasing = False
        self.hardness = hardness
        self._sizes = {False: size, True: size}

    def size(self, erasing: bool | None = None) -> float:
        """Diameter in photo pixels, of the brush in use or of the one named."""
        return self._sizes[self.erasing if erasing is None else erasing]

    def set_size(self, size: float) -> None:
        """Another diameter for the brush in use, in photo pixels."""
        self._sizes[self.erasing] = min(max(size, MIN_SIZE), MAX_SIZE)
        self.changed.emit()

    def resize(self, notches: float) -> None:
        """Larger, or smaller by negative notches; always by a pixel at least."""
        size = self.size()
        wanted = size * _STEP**notches
        step = max(abs(wanted - size), 1.0)
        self.set_size(round(size + step if notches > 0 else size - step))

    def set_hardness(self, hardness: float) -> None:
        """Another edge, 0..1."""
        self.hardness = min(max(hardness, 0.0), 1.0)
        self.changed.emit()

    def set_erasing(self, erasing: bool) -> None:
        """Take away instead of adding."""
        self.erasing = erasing
        self.changed.emit()


@dataclass
class _Stroke:
    """A stroke under way.

    Attributes:
        before: (H, W) the plane before it.
        cover: (H, W) how much of the new value is there, 0..255.
        box: what it has touched.
        at: where it is, on the photo.
    """

    before: Bytes
    cover: Bytes
    erasing: bool
    at: tuple[float, float]
    radius: float
    box: Box

    def values(self, box: Box, ink: int, soft: bool) -> Bytes:
        """The plane with the stroke, in a box."""
        cover, before = self.cover[rows(box)], self.before[rows(box)]
        aim = 0 if self.erasing else ink
        if not soft:
            return np.where(cover > 127, np.uint8(aim), before)
        mixed = before + (aim - before.astype(np.float32)) * (cover / np.float32(255))
        return np.rint(mixed).astype(np.uint8)


class Brush:
    """Paints with the left button; Alt or a pen's eraser takes away, pressure is size.

    Shift draws a straight line from where the last stroke ended.

    Args:
        palette: (256, 4) RGBA, straight alpha: the tint of each value over the photo.
        changed: called when the marks must be drawn again.
        options: None = its own.
        ink: the value that is painted; what is taken away becomes 0.
        soft: whether values may lie between, as in a mask; labels may not.
    """

    def __init__(
        self,
        plane: Plane,
        view: ViewTransform,
        palette: Bytes,
        changed: Callable[[], None],
        options: BrushOptions | None = None,
        ink: int = 255,
        soft: bool = True,
    ) -> None:
        self.plane, self.view, self.ink, self.soft = plane, view, ink, soft
        self.options = options or BrushOptions()
        self._changed = changed
        self._tint = Tint(palette)
        self._stroke: _Stroke | None = None
        self._last: tuple[float, float] | None = None
        self.pointer = QPointF(_AWAY, _AWAY)
        self._held = self.options.changed.connect(changed)

    def let_go(self) -> None:
        """Hear no more of options that others share."""
        QObject.disconnect(self._held)

    # Gestures

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        """Begin a stroke."""
        erasing = self.options.erasing or touch.eraser
        erasing = erasing or bool(keys & Qt.KeyboardModifier.AltModifier)
        before, here = self.plane.pixels(), self._on_photo(at)
        radius = self._radius(erasing, touch)
        straight = keys & Qt.KeyboardModifier.ShiftModifier and self._last is not None
        start = self._last if straight and self._last is not None else here
        nothing = (*before.shape[::-1], 0, 0)
        self._stroke = _Stroke(before, np.zeros_like(before), erasing, start, radius, nothing)
        self._extend(at, here, radius)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        """Go on with the stroke."""
        self.pointer = at
        if self._stroke is not None:
            self._extend(at, self._on_photo(at), self._radius(self._stroke.erasing, touch))

    def release(self, at: QPointF) -> None:
        """Hand the stroke over, if it changed anything."""
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return
        self._last = stroke.at
        box = stroke.box
        if box[0] < box[2] and box[1] < box[3]:
            values = stroke.values(box, self.ink, self.soft)
            if not np.array_equal(values, stroke.before[rows(box)]):
                self.plane.paint(box, values)
        self._changed()

    def cancel(self) -> bool:
        """Take the stroke back; False if there was none."""
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return False
        self._tint.forget()
        self._changed()
        return True

    def hover(self, at: QPointF) -> None:
        """The pointer is here, no button held."""
        self.pointer = at
        self._changed()

    def cursor(self) -> Qt.CursorShape:
        """None: the ring shows where it is."""
        return Qt.CursorShape.BlankCursor

    def _on_photo(self, at: QPointF) -> tuple[float, float]:
        point = self.view.to_photo(at)
        return point.x(), point.y()

    def _radius(self, erasing: bool, touch: Touch) -> float:
        return max(self.options.size(erasing or self.options.erasing) * touch.pressure / 2, 0.5)

    def _extend(self, at: QPointF, here: tuple[float, float], radius: float) -> None:
        stroke = self._stroke
        assert stroke is not None
        ends = (*stroke.at, stroke.radius), (*here, radius)
        box = stamp(stroke.cover, *ends, self.options.hardness if self.soft else 1.0)
        stroke.at, stroke.radius, self.pointer = here, radius, at
        if box[0] < box[2] and box[1] < box[3]:
            left, top, right, bottom = stroke.box
            low = min(left, box[0]), min(top, box[1])
            stroke.box = *low, max(right, box[2]), max(bottom, box[3])
            self._tint.show(stroke.before)
            self._tint.update(box, stroke.values(box, self.ink, self.soft))
        self._changed()

    # Marks

    def draw(self, painter: QPainter) -> None:
        """The tint and the ring, in pane points."""
        if self._stroke is None:
            self._tint.show(self.plane.pixels())
        self._tint.draw(painter, self.view)
        self._draw_ring(painter)

    def _draw_ring(self, painter: QPainter) -> None:
        alt = QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.AltModifier
        erasing = self.options.erasing or bool(alt)
        radius = self.options.size(erasing) / 2
        if self._stroke is not None:
            erasing, radius = self._stroke.erasing, self._stroke.radius
        shown, arm = max(radius * self.view.scale, 3.0), 3.5
        painter.save()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for width, colour in ((3.5, QColor(0, 0, 0, 150)), (1.25, QColor("white"))):
            painter.setPen(QPen(colour, width, c=Qt.PenCapStyle.RoundCap))
            painter.drawEllipse(self.pointer, shown, shown)
            if shown > 2 * arm:
                across, up = QPointF(arm, 0), QPointF(0, arm)
                painter.drawLine(self.pointer - across, self.pointer + across)
                if not erasing:
                    painter.drawLine(self.pointer - up, self.pointer + up)
        painter.restore()


def stamp(
    cover: Bytes,
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    hardness: float,
) -> Box:
    """Draw a straight piece of a stroke where it covers more than before.

    Args:
        cover: (H, W) 0..255, changed in place.
        start, end: x, y and radius in its pixels.
        hardness: share of the radius that is covered fully.

    Returns:
        The box that was touched; empty if it lies outside.
    """
    height, width = cover.shape
    ends = np.array([start, end])
    low = np.floor((ends[:, :2] - ends[:, 2:] - 1).min(0))
    high = np.ceil((ends[:, :2] + ends[:, 2:] + 1).max(0))
    left, top = (int(v) for v in np.clip(low, 0, (width, height)))
    right, bottom = (int(v) for v in np.clip(high, 0, (width, height)))
    if left >= right or top >= bottom:
        return left, top, left, top
    x = (np.arange(left, right) + 0.5 - start[0]).astype(np.float32)[None]
    y = (np.arange(top, bottom) + 0.5 - start[1]).astype(np.float32)[:, None]
    dx, dy = np.float32(end[0] - start[0]), np.float32(end[1] - start[1])
    along = np.clip((x * dx + y * dy) / (dx * dx + dy * dy + np.float32(1e-6)), 0, 1)
    radius = np.float32(start[2]) + along * np.float32(end[2] - start[2])
    inside = radius + np.float32(0.5) - np.hypot(x - along * dx, y - along * dy)
    share = np.clip(inside / np.maximum(radius * np.float32(1 - hardness), 1), 0, 1)
    part = cover[top:bottom, left:right]
    np.maximum(part, np.rint(share * 255).astype(np.uint8), out=part)
    return left, top, right, bottom


class Tint:
    """A plane shown as colours over the photo.

    Args:
        palette: (256, 4) RGBA, straight alpha.
    """

    def __init__(self, palette: Bytes) -> None:
        share = palette[:, 3:].astype(np.float32) / 255
        colours = np.rint(palette[:, 2::-1] * share).astype(np.uint8)  # BGRA, premultiplied
        self._palette = np.dstack([colours[None], palette[None, :, 3:]])[0]
        self._source: Bytes | None = None
        self._pixels = np.zeros((1, 1, 4), np.uint8)
        self._image = QImage()
        self._stride = 1

    def show(self, plane: Bytes) -> None:
        """Another plane; nothing happens if it is the one that is shown."""
        if plane is self._source:
            return
        self._source = plane
        self._stride = max(1, -(-max(plane.shape) // _OVERLAY))
        step = self._stride
        self._pixels = np.ascontiguousarray(self._palette[plane[::step, ::step]])
        height, width = self._pixels.shape[:2]
        kind = QImage.Format.Format_ARGB32_Premultiplied
        self._image = QImage(self._pixels.data, width, height, 4 * width, kind)

    def update(self, box: Box, values: Bytes) -> None:
        """Other values inside a box, until another plane is shown."""
        step = self._stride
        left, top = -(-box[0] // step), -(-box[1] // step)
        seen = values[top * step - box[1] :: step, left * step - box[0] :: step]
        if seen.size:
            place = np.s_[top : top + seen.shape[0], left : left + seen.shape[1]]
            self._pixels[place] = self._palette[seen]

    def forget(self) -> None:
        """Build anew when next shown."""
        self._source = None

    def draw(self, painter: QPainter, view: ViewTransform) -> None:
        """Over the photo, in pane points."""
        height, width = (n * self._stride * view.scale for n in self._pixels.shape[:2])
        place = QRectF(view.to_pane(0, 0), view.to_pane(0, 0) + QPointF(width, height))
        if self._source is not None:
            painter.drawImage(place, self._image)


def mask_palette(colour: QColor, opacity: float = 0.5) -> Bytes:
    """(256, 4) a mask's tint: the fuller, the stronger."""
    palette = np.zeros((256, 4), np.uint8)
    palette[:, :3] = colour.red(), colour.green(), colour.blue()
    palette[:, 3] = np.rint(np.arange(256) * opacity)
    return palette
