"""Large photos drawn small: no grain, no shift."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from studio.images import Pyramid, to_qimage


def drawn(pyramid, side):
    canvas = QImage(side, side, QImage.Format.Format_RGB32)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    pyramid.draw(painter, QRectF(0, 0, side, side))
    painter.end()
    return np.array(
        [[canvas.pixelColor(x, y).red() for x in range(side)] for y in range(side)], float
    )


def test_fine_stripes_become_grey(qapp):
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(drawn(Pyramid.of(stripes), 48) - 127.5).max() < 16


def test_halves_stay_in_place(qapp):
    half = np.zeros((640, 640, 3), np.uint8)
    half[:, 320:] = 200
    small = drawn(Pyramid.of(half), 40)
    assert small[:, :19].max() < 10 and small[:, 21:].min() > 190


def test_pixels_arrive_unchanged(qapp):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 4), np.uint8)
    image = to_qimage(pixels)
    got = [[image.pixelColor(x, y).getRgb() for x in range(7)] for y in range(5)]
    np.testing.assert_array_equal(np.array(got), pixels)
