"""Small pictures of the people of photos."""

from __future__ import annotations

from functools import lru_cache

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
    pixmap = QPixmap.fromImage(_filled(look, size.width() * _RATIO, size.height() * _RATIO))
    pixmap.setDevicePixelRatio(_RATIO)
    return pixmap


@lru_cache(maxsize=64)
def _filled(look: FromPhoto, width: int, height: int) -> QImage:
    size = QSize(width, height)
    image = to_qimage(look.photo.pixels).copy(_around(look.photo, look.mask, size))
    filling = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = image.scaled(size, filling, Qt.TransformationMode.SmoothTransformation)
    left = (scaled.width() - width) // 2
    return scaled.copy(left, 0, width, height)  # heads matter: keep the top


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
