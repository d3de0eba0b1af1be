"""Small pictures of the people of photos."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPixmap

from engine.appearance import FromPhoto
from engine.photo import Mask, Photo
from studio.images import to_qimage

THUMB = QSize(56, 72)
_RATIO = 3
"""Thumbnails are made for the densest screens."""


def thumbnail(look: FromPhoto, size: QSize = THUMB) -> QPixmap:
    """The person of a photo, filling a small picture."""
    image = to_qimage(look.photo.pixels).copy(_around(look.photo, look.mask, size))
    filling = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    dense = size * _RATIO
    scaled = image.scaled(dense, filling, Qt.TransformationMode.SmoothTransformation)
    left = (scaled.width() - dense.width()) // 2
    return _dense(scaled.copy(left, 0, dense.width(), dense.height()))  # heads matter: keep the top


def _dense(image: QImage) -> QPixmap:
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(_RATIO)
    return pixmap


def _around(photo: Photo, mask: Mask | None, size: QSize) -> QRect:
    """The person's box, widened to the thumbnail's shape; the whole photo if nobody is there."""
    if mask is None or not mask.pixels.any():
        return QRect(0, 0, *photo.size)
    rows = np.flatnonzero(mask.pixels.any(1))
    columns = np.flatnonzero(mask.pixels.any(0))
    box = QRect(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    width = max(box.width(), round(box.height() * size.width() / size.height()))
    left = max(0, min(box.center().x() - width // 2, photo.size[0] - width))
    return QRect(left, box.top(), min(width, photo.size[0]), box.height())
