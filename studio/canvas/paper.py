"""What lies in the canvas of a sketch: white paper, a photo to draw after, a picture, the ink."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter

from studio.canvas.ink import Ink
from studio.images import Pyramid

PAPER = QColor("#FFFFFF")
"""In every theme: painters know dark lines on white."""


class Paper:
    """Draws itself as an image does.

    Attributes:
        reference: a photo under the drawing, as large as the paper allows, `opacity` strong.
        picture: fills the paper, over the photo and under the lines.
        lines: opacity of the ink.
    """

    def __init__(self, ink: Ink) -> None:
        self.ink = ink
        self.reference: Pyramid | None = None
        self.opacity = 0.5
        self.picture: Pyramid | None = None
        self.lines = 1.0

    def draw(self, painter: QPainter, place: QRectF) -> None:
        """Fill `place`, in the painter's units."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipRect(place, Qt.ClipOperation.IntersectClip)
        painter.fillRect(place, PAPER)
        if self.reference is not None and self.opacity > 0:
            painter.setOpacity(self.opacity)
            self.reference.draw(painter, _inside(place, self.reference))
        painter.setOpacity(1.0)
        if self.picture is not None:
            self.picture.draw(painter, place)
        painter.setOpacity(self.lines)
        self.ink.draw(painter, place)
        painter.restore()


def _inside(place: QRectF, reference: Pyramid) -> QRectF:
    """The largest place of the photo's own shape in the middle of another."""
    size = QSizeF(reference.image.size()).scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
    there = QRectF(place.topLeft(), size)
    there.moveCenter(place.center())
    return there
