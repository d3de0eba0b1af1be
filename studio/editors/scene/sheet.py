"""A label map as an image: coloured once, then only where it changes, with its halves."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter

from engine.boxes import Box
from engine.shapes.labels import LabelMap
from studio.editors.scene.colouring import Colouring, touched
from studio.images import Pyramid

_LEVELS = 4


class LabelSheet:
    """Draws itself as an image does.

    Attributes:
        reference: a photo under the labels, stretched over the map.
        picture: the painted picture instead of the photo, in the view that shows both in one.
        opacity: of the labels where one of them lies under them.
    """

    def __init__(self, scene: LabelMap, colouring: Colouring) -> None:
        self.reference: Pyramid | None = None
        self.picture: Pyramid | None = None
        self.opacity = 0.6
        self._scene, self._colouring = scene, colouring
        self._levels: list[NDArray[np.uint32]] = []
        self._images: list[QImage] = []
        self._build()

    @property
    def scene(self) -> LabelMap:
        """The map that is shown."""
        return self._scene

    def colour_at(self, x: int, y: int) -> int:
        """BGRA of a pixel of the map as it is shown."""
        return int(self._levels[0][y, x])

    def _build(self) -> None:
        """All levels anew."""
        width, height = self._scene.size
        self._levels, self._images = [], []
        for _ in range(_LEVELS):
            pixels = np.zeros((height, width), np.uint32)
            kind = QImage.Format.Format_ARGB32_Premultiplied
            self._levels.append(pixels)
            self._images.append(QImage(pixels.data, width, height, 4 * width, kind))
            width, height = width // 2, height // 2
            if min(width, height) < 1:
                break
        self._colour(self._scene.box)

    def _colour(self, box: Box) -> None:
        left, top, right, bottom = box
        self._levels[0][top:bottom, left:right] = self._colouring.pixels(self._scene, box)
        for below, above in zip(self._levels, self._levels[1:], strict=False):
            left, top, right, bottom = _halved((left, top, right, bottom), above.shape)
            if left >= right or top >= bottom:
                return
            part = below[2 * top : 2 * bottom, 2 * left : 2 * right]
            size = (right - left, bottom - top)
            mean = cv2.resize(_bytes(part), size, interpolation=cv2.INTER_AREA)
            above[top:bottom, left:right] = np.asarray(mean, np.uint8).view(np.uint32)[..., 0]

    def show(self, scene: LabelMap) -> QRectF:
        """Another map of the same document; says which of its pixels look different."""
        before, self._scene = self._scene, scene
        if before.size != scene.size:
            self._build()
            return QRectF(0, 0, *scene.size)
        box = scene.differs_in(before)
        if box[0] >= box[2] or box[1] >= box[3]:
            return QRectF()
        box = touched(box, scene)
        self._colour(box)
        return QRectF(box[0], box[1], box[2] - box[0], box[3] - box[1])

    def dress(self, colouring: Colouring) -> None:
        """Other colours."""
        self._colouring = colouring
        self._colour(self._scene.box)

    def draw(self, painter: QPainter, place: QRectF) -> None:
        """Fill `place`, in the painter's units."""
        painter.save()
        painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
        below = self.picture or self.reference
        if below is not None:
            below.draw(painter, place)
            painter.setOpacity(self.opacity)
        ratio = painter.device().devicePixelRatioF()
        level = self._level(QSizeF(place.size() * ratio).width())
        painter.drawImage(place, level, QRectF(level.rect()))
        painter.restore()

    def _level(self, wanted: float) -> QImage:
        n = 0
        while n + 1 < len(self._images) and self._images[n].width() >= 2 * wanted:
            n += 1
        return self._images[n]


def _halved(box: Box, shape: tuple[int, ...]) -> Box:
    """The pixels of the next level that a box reaches, of those (H, W) that it has."""
    height, width = shape
    right, bottom = min(-(-box[2] // 2), width), min(-(-box[3] // 2), height)
    return box[0] // 2, box[1] // 2, right, bottom


def _bytes(pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """(h, w, 4) of (h, w) packed pixels."""
    return np.ascontiguousarray(pixels).view(np.uint8).reshape(*pixels.shape, 4)
