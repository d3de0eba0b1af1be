"""A grid of other looks of the same drawing; a click adopts one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHideEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from engine.appearance import Appearance
from studio.panels.cells import CellDelegate, Cells
from studio.panels.latent_numbers import LookNumbers
from studio.panels.look_pages import column, thrown_seed
from studio.panels.variations_painting import SmallPictures
from studio.theme import Tokens

MANY, ACROSS = 12, 3
CELL = QSize(80, 80)
"""Where there is room for it; smaller in a narrow panel."""
_IMAGE, _SHOWN = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_GAP, _SLACK = 8, 4
_Index = QModelIndex | QPersistentModelIndex


def fitted(painter: QPainter, box: QRect, image: QImage) -> None:
    """An image as large as fits into a box, in its middle, on white."""
    painter.fillRect(box, QColor("white"))
    size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(QPoint(), size)
    place.moveCenter(box.center())
    painter.drawImage(place, image)


class _Pictures(CellDelegate):
    """Draws the variations."""

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        image = index.data(_IMAGE)
        if image is not None:
            fitted(painter, box, image)

    def shown(self, index: _Index) -> bool:
        return bool(index.data(_SHOWN))


class _Grid(QAbstractListModel):
    """Looks and their pictures as Qt sees them."""

    def __init__(self, numbers: LookNumbers) -> None:
        super().__init__()
        self._numbers = numbers
        self.looks: tuple[Appearance, ...] = ()
        self.images: dict[int, QImage] = {}

    def show_looks(self, looks: Sequence[Appearance]) -> None:
        """Others, whose pictures are still to come."""
        self.beginResetModel()
        self.looks = tuple(looks)
        self.images.clear()
        self.endResetModel()

    def put(self, row: int, image: QImage) -> None:
        """The picture of one."""
        self.images[row] = image
        self.refresh()

    def refresh(self) -> None:
        """The look that is shown is another one."""
        if self.looks:
            self.dataChanged.emit(self.index(0), self.index(len(self.looks) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self.looks)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = index.row()
        if role == _IMAGE:
            return self.images.get(row)
        if role == _SHOWN:
            return self.looks[row] == self._numbers.look
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.tr("Variation {0}").format(row + 1)
        return None


class VariationCells(Cells):
    """Cells that tell over which one the pointer or the keyboard is.

    Signals:
        pointed: a row; -1 = none.
    """

    pointed = Signal(int)

    def mouseMoveEvent(self, e: QMouseEvent) -> None:
        super().mouseMoveEvent(e)
        self.pointed.emit(self.indexAt(e.position().toPoint()).row())

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)  # type: ignore[arg-type]
        if self.hasFocus():
            self.pointed.emit(current.row())

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(-1)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.pointed.emit(-1)
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.pointed.emit(-1)
        super().hideEvent(event)


class Magnifier(QLabel):
    """A picture at twice its size, beside the one that is pointed at."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self.setObjectName("choice")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(CELL * 2)

    def show_beside(self, cell: QRect, image: QImage) -> None:
        """Show an image left of a cell, which is in screen coordinates."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        fitted(painter, pixmap.rect(), image)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        self.setPixmap(pixmap)
        top = cell.center().y() - self.height() // 2
        self.move(cell.left() - self.width() - _GAP, top)
        self.show()


class Variations(QWidget):
    """The grid, and two buttons that fill it: near the look as it is, or anywhere."""

    def __init__(self, numbers: LookNumbers, pictures: SmallPictures) -> None:
        super().__init__()
        self.numbers, self._pictures = numbers, pictures
        self.grid = _Grid(numbers)
        self.cells = VariationCells(CELL, wrapping=True)
        self.cells.setAccessibleName(self.tr("Variations"))
        self.delegate = _Pictures(self.cells, CELL)
        self.cells.setItemDelegate(self.delegate)
        self.cells.setModel(self.grid)
        self.cells.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.magnifier = Magnifier(self)
        self.magnifier.hide()
        self.near = QPushButton(self.tr("More like this"))
        self.others = QPushButton(self.tr("Invent others"))
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.near, 1)
        buttons.addWidget(self.others, 1)
        column(self, self.cells, buttons)
        self.cells.chosen.connect(self.adopt)
        self.cells.pointed.connect(self._magnify)
        self.near.clicked.connect(self.more_like_this)
        self.others.clicked.connect(self.invent)
        pictures.painted.connect(self._painted)
        numbers.changed.connect(self.refresh)
        self._card = ""

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.cells.dress(tokens)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cells side by side at any width."""
        super().resizeEvent(event)
        side = min(CELL.width(), (self.width() - _SLACK) // ACROSS - _GAP)
        self.delegate.cell = QSize(side, side)
        self.cells.setFixedHeight(-(-MANY // ACROSS) * (side + _GAP) + _GAP)
        self.cells.scheduleDelayedItemsLayout()

    def refresh(self) -> None:
        """Mark the look that is shown; another painter invents its own."""
        card = self.numbers.card.id if self.numbers.card else ""
        self.near.setVisible(bool(self.numbers.count))
        if card != self._card:
            self._card = card
            self.grid.show_looks(())
            if self.numbers.can_throw:
                self.invent()
        self.grid.refresh()

    def invent(self) -> None:
        """Looks from anywhere, but for what is locked."""
        first = thrown_seed()
        self._show([self.numbers.invented(first + n) for n in range(MANY)])

    def more_like_this(self) -> None:
        """Looks around the one as it is, but for what is locked."""
        if self.numbers.count:
            first = thrown_seed()
            self._show([self.numbers.alike(first + n) for n in range(MANY)])

    def _show(self, looks: list[Appearance]) -> None:
        self.grid.show_looks(looks)
        self._pictures.want({("variation", row): look for row, look in enumerate(looks)})

    def _painted(self, name: tuple[str, int], image: QImage) -> None:
        if name[0] == "variation":
            self.grid.put(name[1], image)

    def adopt(self, row: int) -> None:
        """Take one, as it is shown."""
        self.numbers.put(self.grid.looks[row], self.tr("Adopt a variation"))

    def _magnify(self, row: int) -> None:
        image = self.grid.images.get(row)
        if image is None:
            self.magnifier.hide()
            return
        cell = self.cells.visualRect(self.grid.index(row))
        cell.moveTo(self.cells.viewport().mapToGlobal(cell.topLeft()))
        self.magnifier.show_beside(cell, image)
