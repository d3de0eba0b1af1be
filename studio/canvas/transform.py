"""Where the photo lies in the pane: zoom at the cursor, pan, fit."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal
from PySide6.QtGui import QTransform

MIN_SCALE, MAX_SCALE = 0.02, 32.0
_MARGIN = 24.0


class ViewTransform(QObject):
    """Photo pixels to pane points, shared by the panes so that they move together.

    Signals:
        changed: scale or offset is another one.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.scale = 1.0
        self.offset = QPointF()
        self.fitted = True
        self._photo = QSizeF(1, 1)
        self._pane = QSizeF(1, 1)

    def set_photo(self, width: int, height: int) -> None:
        """A photo of another size; it is fitted."""
        self._photo = QSizeF(width, height)
        self.fit()

    def set_pane(self, width: float, height: float) -> None:
        """The pane has another size; a fitted photo stays fitted, else the middle stays."""
        before, self._pane = self._pane, QSizeF(width, height)
        if self.fitted:
            self.fit()
        else:
            shift = QPointF(width - before.width(), height - before.height()) / 2
            self._set(self.scale, self.offset + shift)

    def fit(self) -> None:
        """The whole photo, as large as the pane allows."""
        room_x = max(self._pane.width() - 2 * _MARGIN, 16)
        room_y = max(self._pane.height() - 2 * _MARGIN, 16)
        scale = min(room_x / self._photo.width(), room_y / self._photo.height())
        self._centre(scale)
        self.fitted = True

    def actual_size(self, ratio: float) -> None:
        """One photo pixel on one device pixel."""
        self._centre(1 / ratio)

    def zoom(self, factor: float, at: QPointF) -> None:
        """Zoom so that the photo point under `at` stays there."""
        scale = min(max(self.scale * factor, MIN_SCALE), MAX_SCALE)
        self._set(scale, at - (at - self.offset) * (scale / self.scale))

    def pan(self, by: QPointF) -> None:
        """Move the photo by pane points."""
        self._set(self.scale, self.offset + by)

    @property
    def middle(self) -> QPointF:
        """The photo position in the middle of the pane."""
        return self.to_photo(QPointF(self._pane.width(), self._pane.height()) / 2)

    def look_at(self, scale: float, middle: QPointF) -> None:
        """This scale, with a photo position in the middle of the pane."""
        scale = min(max(scale, MIN_SCALE), MAX_SCALE)
        self._set(scale, QPointF(self._pane.width(), self._pane.height()) / 2 - middle * scale)

    def to_pane(self, x: float, y: float) -> QPointF:
        """A photo position in the pane."""
        return QPointF(x, y) * self.scale + self.offset

    def to_photo(self, at: QPointF) -> QPointF:
        """A pane position on the photo."""
        return (at - self.offset) / self.scale

    def rect(self) -> QRectF:
        """The photo's place in the pane."""
        return QRectF(self.offset, self._photo * self.scale)

    def matrix(self) -> QTransform:
        """Photo to pane, for a painter."""
        return QTransform(self.scale, 0, 0, self.scale, self.offset.x(), self.offset.y())

    def _centre(self, scale: float) -> None:
        size = self._photo * scale
        offset = QPointF(
            (self._pane.width() - size.width()) / 2, (self._pane.height() - size.height()) / 2
        )
        self._set(scale, offset)

    def _set(self, scale: float, offset: QPointF) -> None:
        self.scale, self.offset, self.fitted = scale, offset, False
        self.changed.emit()
