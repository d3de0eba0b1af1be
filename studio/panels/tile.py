"""A picture with words under it that can be chosen by hand or by key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolButton, QWidget

from studio.images import Pyramid
from studio.theme import DARK, Tokens, icon

PICTURE = QSize(160, 120)
_EDGE, _LINE, _GAP = 6, 18, 4


class Tile(QAbstractButton):
    """Thumbnail, title and up to two lines of caption.

    Args:
        image: fills the picture's place, cut at the sides or the bottom; null = a symbol.
        symbol: qtawesome name shown without an image.
        faded: shown as something that is not there.
        removable: whether Delete, or the cross at its corner, asks to take it away.

    Signals:
        remove_wanted: the person wants it off the list.
    """

    remove_wanted = Signal()

    def __init__(
        self,
        title: str,
        caption: list[str],
        image: QImage,
        symbol: str = "mdi6.image-outline",
        removable: bool = False,
        faded: bool = False,
    ) -> None:
        super().__init__()
        self.setText(title)
        self.caption, self.tokens, self.faded = caption, DARK, faded
        self._symbol, self._removable = symbol, removable
        self._image = None if image.isNull() else Pyramid(_cut(image))
        self.setAccessibleName(", ".join([title, *caption]))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.cross = QToolButton(self)
        self.cross.setObjectName("small")
        self.cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cross.setToolTip(self.tr("Remove from the list  (Del)"))
        self.cross.setAccessibleName(self.tr("Remove from the list"))
        self.cross.clicked.connect(self.remove_wanted)
        self.cross.move(_EDGE + PICTURE.width() - 30, _EDGE + 4)
        self.cross.setVisible(False)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.tokens = tokens
        self.cross.setIcon(icon("mdi6.close", tokens))
        self.cross.setStyleSheet(f"background: {tokens.panel};")
        self.update()

    def sizeHint(self) -> QSize:
        lines = 1 + len(self.caption)
        return PICTURE + QSize(2 * _EDGE, 2 * _EDGE + 4 + lines * _LINE)

    def keyPressEvent(self, e: QKeyEvent) -> None:
        if e.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif e.key() == Qt.Key.Key_Delete and self._removable:
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(e)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.cross.setVisible(self._removable)

    def leaveEvent(self, event: QEvent) -> None:
        self.cross.hide()

    def paintEvent(self, e: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.tokens.raised))
            painter.drawRoundedRect(self.rect(), 8, 8)
        place = QRectF(_EDGE, _EDGE, PICTURE.width(), PICTURE.height())
        self._draw_picture(painter, place)
        self._draw_words(painter, place)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.tokens.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)

    def _draw_picture(self, painter: QPainter, place: QRectF) -> None:
        path = QPainterPath()
        path.addRoundedRect(place, 6, 6)
        painter.fillPath(path, QColor(self.tokens.raised))
        painter.save()
        painter.setClipPath(path)
        painter.setOpacity(0.35 if self.faded else 1.0)
        if self._image is not None:
            self._image.draw(painter, place)
        else:
            box = QRectF(0, 0, 40, 40)
            box.moveCenter(place.center())
            icon(self._symbol, self.tokens, self.tokens.muted).paint(painter, box.toRect())
        painter.restore()

    def _draw_words(self, painter: QPainter, place: QRectF) -> None:
        line = QRectF(place.left() + 2, place.bottom() + 4, place.width() - 4, _LINE)
        painter.setPen(QColor(self.tokens.muted if self.faded else self.tokens.text))
        self._line(painter, line, self.text())
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(self.tokens.muted))
        for words in self.caption:
            line.translate(0, _LINE)
            self._line(painter, line, words)

    def _line(self, painter: QPainter, place: QRectF, words: str) -> None:
        middle = Qt.TextElideMode.ElideMiddle
        shown = painter.fontMetrics().elidedText(words, middle, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)


class TileGrid(QWidget):
    """Tiles in rows as wide as there is room."""

    def __init__(self) -> None:
        super().__init__()
        self.tiles: list[Tile] = []

    def show_tiles(self, tiles: list[Tile]) -> None:
        """Show these instead of those before."""
        for tile in self.tiles:
            tile.hide()
            tile.deleteLater()
        self.tiles = tiles
        for tile in tiles:
            tile.setParent(self)
            tile.show()
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        left = top = tall = 0
        for tile in self.tiles:
            size = tile.sizeHint()
            if left and left + size.width() > self.width():
                left, top, tall = 0, top + tall + _GAP, 0
            tile.setGeometry(QRect(QPoint(left, top), size))
            left, tall = left + size.width() + _GAP, max(tall, size.height())
        self.setFixedHeight(top + tall)


def _cut(image: QImage) -> QImage:
    """The part of an image that has the picture's shape, from the top: heads matter."""
    width = min(image.width(), image.height() * PICTURE.width() // PICTURE.height())
    height = min(image.height(), image.width() * PICTURE.height() // PICTURE.width())
    return image.copy((image.width() - width) // 2, 0, width, height)
