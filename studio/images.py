"""Between the engine's pixels and Qt's images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """An image that owns its memory, from (H, W, 3) RGB or (H, W, 4) RGBA uint8."""
    height, width, channels = pixels.shape
    layout = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    packed = np.ascontiguousarray(pixels)
    return QImage(packed.data, width, height, channels * width, layout).copy()


_FITTED_PIXELS = 8_000_000
"""Up to this many device pixels a picture is kept as it is seen; a drag draws it over and over."""


class Pyramid:
    """An image with its halves, so that a large photo is drawn small without grain.

    Qt's smooth drawing looks at four pixels only; below half size it skips the rest.
    """

    def __init__(self, image: QImage) -> None:
        self._levels = [image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)]
        self._fitted = QImage()

    @classmethod
    def of(cls, pixels: NDArray[np.uint8]) -> Pyramid:
        """From (H, W, 3) RGB or (H, W, 4) RGBA uint8."""
        return cls(to_qimage(pixels))

    @property
    def image(self) -> QImage:
        """The image at its own size."""
        return self._levels[0]

    def draw(self, painter: QPainter, place: QRectF) -> None:
        """Fill `place` (in the painter's units), from the level that is at least as fine."""
        ratio = painter.device().devicePixelRatioF()
        size = (place.size() * ratio).toSize()
        level = self._level(size.width())
        smooth = painter.testRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not smooth or size.width() * size.height() > _FITTED_PIXELS:
            painter.drawImage(place, level, QRectF(level.rect()))
            return
        if self._fitted.size() != size:
            aspect = Qt.AspectRatioMode.IgnoreAspectRatio
            how = Qt.TransformationMode.SmoothTransformation
            self._fitted = level if level.size() == size else level.scaled(size, aspect, how)
        painter.drawImage(place, self._fitted, QRectF(self._fitted.rect()))

    def _level(self, wanted: float) -> QImage:
        n = 0
        while self._levels[n].width() >= 2 * wanted and min(_half(self._levels[n])) >= 1:
            if n + 1 == len(self._levels):
                self._levels.append(_halved(self._levels[n]))
            n += 1
        return self._levels[n]


def _half(image: QImage) -> tuple[int, int]:
    return image.width() // 2, image.height() // 2


def _halved(image: QImage) -> QImage:
    aspect = Qt.AspectRatioMode.IgnoreAspectRatio
    return image.scaled(*_half(image), aspect, Qt.TransformationMode.SmoothTransformation)
