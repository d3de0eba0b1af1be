"""The photos of a folder in a row: which one is seen, which have problems, which are corrected."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.panels.cells import CellDelegate, Cells
from studio.panels.correct_photos import CORRECTED, ITEM, PICTURE, SEEN, OnlyProblems, PhotoList
from studio.theme import Tokens, icon
from studio.training.annotations import Item

CELL = QSize(84, 92)
_CAPTION = 20
_BADGE = 18
_Index = QModelIndex | QPersistentModelIndex


class PhotoDelegate(CellDelegate):
    """A small picture, its name, and marks for problems and corrections."""

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        item: Item = index.data(ITEM)
        picture: QImage | None = index.data(PICTURE)
        if picture is not None and not picture.isNull():
            painter.drawImage(box.adjusted(0, 0, 0, -_CAPTION), picture)
        line = box.adjusted(6, box.height() - _CAPTION, -6, 0)
        font = QFont(painter.font())
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(self.tokens.text if self.shown(index) else self.tokens.muted))
        middle = Qt.TextElideMode.ElideMiddle
        name = painter.fontMetrics().elidedText(item.name, middle, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, name)
        if item.problems:
            self._badge(painter, box.left() + 4, box.top() + 4, "mdi6.alert", self.tokens.warning)
        if index.data(CORRECTED):
            right = box.right() - _BADGE - 3
            self._badge(painter, right, box.top() + 4, "mdi6.pencil", self.tokens.accent)

    def _badge(self, painter: QPainter, x: int, y: int, name: str, colour: str) -> None:
        """A symbol that is legible on any picture."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.tokens.panel))
        painter.drawEllipse(QRectF(x, y, _BADGE, _BADGE))
        icon(name, self.tokens, colour).paint(painter, QRect(x + 3, y + 3, 12, 12))

    def shown(self, index: _Index) -> bool:
        return bool(index.data(SEEN))


class PhotoStrip(QWidget):
    """How far one is, the photos, and what is to be saved.

    Signals:
        chosen: id of the item that was clicked.
        save_wanted: the corrections are to be written.
    """

    chosen = Signal(str)
    save_wanted = Signal()

    def __init__(self, photos: PhotoList) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._photos, self.rows = photos, OnlyProblems(photos)
        self.progress, self.told = QLabel(), QLabel()
        self.told.setObjectName("muted")
        self.only = QCheckBox(self.tr("Only with problems"))
        self.only.toggled.connect(self._filter)
        self.cells = Cells(CELL)
        self.cells.setAccessibleName(self.tr("Photos"))
        self.cells.setItemDelegate(PhotoDelegate(self.cells, CELL))
        self.cells.setFixedHeight(self.cells.row_height)
        self.cells.setModel(self.rows)
        self.cells.chosen.connect(self._choose)
        self.save = QPushButton()
        self.save.setObjectName("primary")
        self.save.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.save.clicked.connect(self.save_wanted)
        self._lay_out()
        wrong = sum(bool(item.problems) for item in photos.items)
        self.only.setEnabled(wrong > 0)
        self.show_corrected(frozenset(), saving=False)

    def _lay_out(self) -> None:
        left, row = QVBoxLayout(), QHBoxLayout(self)
        left.setSpacing(4)
        for part in (self.progress, self.told, self.only):
            left.addWidget(part)
        left.addStretch()
        left.addWidget(self.save)
        row.setContentsMargins(12, 6, 12, 4)
        row.setSpacing(12)
        row.addLayout(left)
        row.addWidget(self.cells, 1)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.cells.dress(tokens)

    # What is seen

    def show_item(self, item: Item) -> None:
        """This is the photo that is worked on."""
        self._photos.show_seen(item.id)
        if self.rows.wanted:
            self.rows.invalidate()
        index = self.rows.mapFromSource(self._photos.index(self._photos.row_of(item.id)))
        self.cells.setCurrentIndex(index)
        self.cells.scrollTo(index)
        self._show_progress()

    def show_corrected(self, corrected: frozenset[str], saving: bool) -> None:
        """These are corrected, and not saved."""
        self._photos.mark(corrected)
        text = self.tr("Save {0} photos") if len(corrected) > 1 else self.tr("Save corrections")
        self.save.setText(self.tr("Saving…") if saving else text.format(len(corrected)))
        self.save.setEnabled(bool(corrected) and not saving)

    def refresh(self, items: tuple[Item, ...]) -> None:
        """The same items as they are now."""
        self._photos.refresh(items)
        self.only.setEnabled(self.only.isChecked() or any(item.problems for item in items))
        self._show_progress()

    def _show_progress(self) -> None:
        row = self.cells.currentIndex().row()
        count = self.rows.rowCount()
        self.progress.setText(self.tr("{0} of {1}").format(row + 1, count))
        wrong = sum(bool(item.problems) for item in self._photos.items)
        words = self.tr("{0} with problems") if wrong else self.tr("no problems")
        self.told.setText(words.format(wrong))

    def _filter(self, only: bool) -> None:
        self.rows.want(only)
        self.cells.scrollTo(self.cells.currentIndex())
        self._show_progress()

    # Choosing

    def _choose(self, row: int) -> None:
        self.chosen.emit(self.rows.index(row, 0).data(ITEM).id)

    def neighbours(self) -> tuple[Item | None, Item | None]:
        """The items before and after the one that is seen, of those in the row."""
        row, last = self.cells.currentIndex().row(), self.rows.rowCount() - 1
        before = self.rows.index(row - 1, 0).data(ITEM) if row > 0 else None
        return before, (self.rows.index(row + 1, 0).data(ITEM) if 0 <= row < last else None)
