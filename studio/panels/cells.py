"""Rows and grids of small pictures to choose from, by mouse and by keyboard."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.theme import DARK, Tokens, icon

_RADIUS = 6.0
_STAR = 28
"""Side of the corner that a click on the star may hit."""
_GAP = 4
"""Around a cell, so that its ring has room."""
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Draws rounded cells; subclasses say what is in them."""

    def __init__(self, parent: QWidget | None, cell: QSize) -> None:
        super().__init__(parent)
        self.cell = cell
        self.tokens: Tokens = DARK

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self.cell + QSize(2 * _GAP, 2 * _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        flags = option.state  # type: ignore[attr-defined]
        box = QRect(option.rect.topLeft() + QPoint(_GAP, _GAP), self.cell)  # type: ignore[attr-defined]
        hot = bool(flags & QStyle.StateFlag.State_MouseOver)
        focused = bool(flags & QStyle.StateFlag.State_HasFocus)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(QRectF(box), _RADIUS, _RADIUS)
        painter.setClipPath(path)
        painter.fillPath(path, QColor(self.tokens.raised))
        self.draw(painter, box, index)
        painter.setClipping(False)
        self._ring(painter, box, self.shown(index), hot or focused, focused)
        starred = self.starred(index)
        if starred or (hot and starred is not None):
            self._star(painter, box, bool(starred))
        painter.restore()

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        """Fill a cell; the painter is clipped to its round corners."""

    def shown(self, index: _Index) -> bool:
        """Whether the document shows this one now."""
        return False

    def starred(self, index: _Index) -> bool | None:
        """Whether a cell has a star; None = it cannot have one."""
        return None

    def _ring(self, painter: QPainter, box: QRect, shown: bool, hot: bool, focused: bool) -> None:
        if not (shown or hot):
            return
        colour = self.tokens.accent if shown or focused else self.tokens.muted
        width = 2.0 if shown else 1.0
        painter.setPen(QPen(QColor(colour), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        out = (width + 1) / 2
        ring = QRectF(box).adjusted(-out, -out, out, out)
        painter.drawRoundedRect(ring, _RADIUS + out, _RADIUS + out)

    def _star(self, painter: QPainter, box: QRect, starred: bool) -> None:
        name = "mdi6.star" if starred else "mdi6.star-outline"
        at = QRect(box.right() - 18, box.top() + 3, 16, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 140))  # legible on any picture
        painter.drawEllipse(QRectF(at).adjusted(-1, -1, 1, 1))
        icon(name, self.tokens, "#F0E442" if starred else "#FFFFFF").paint(
            painter, at.adjusted(1, 1, -1, -1)
        )


class Cells(QListView):
    """Cells in a row or in a grid that wraps.

    Signals:
        chosen: row that was clicked, or on which Enter was pressed.
        star_toggled: row whose star was clicked, or on which S was pressed.
        delete_wanted: row on which Delete was pressed.
    """

    chosen = Signal(int)
    star_toggled = Signal(int)
    delete_wanted = Signal(int)

    def __init__(self, cell: QSize, wrapping: bool = False) -> None:
        super().__init__()
        self._cell, self._stars = cell, False
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(wrapping)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        never, as_needed = (
            Qt.ScrollBarPolicy.ScrollBarAlwaysOff,
            Qt.ScrollBarPolicy.ScrollBarAsNeeded,
        )
        self.setVerticalScrollBarPolicy(as_needed if wrapping else never)
        self.setHorizontalScrollBarPolicy(never if wrapping else as_needed)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        delegate = self.itemDelegate()
        if isinstance(delegate, CellDelegate):
            delegate.tokens = tokens
        self.setStyleSheet(
            "QListView { background: transparent; border: none; outline: none; }"
            "QScrollBar:horizontal { background: transparent; height: 6px; margin: 0; }"
            f"QScrollBar::handle:horizontal {{ background: {tokens.border}; border-radius: 3px;"
            " min-width: 24px; }"
            "QScrollBar::add-line, QScrollBar::sub-line { width: 0; }"
        )
        self.viewport().update()

    def offer_stars(self) -> None:
        """Let clicks on a cell's corner and the key S toggle its star."""
        self._stars = True

    @property
    def row_height(self) -> int:
        """Height of one row of cells with room for a thin scroll bar."""
        return self._cell.height() + 2 * _GAP + 8

    def event(self, event: QEvent) -> bool:
        """Our keys win over the window's commands while a cell has the focus."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._signal_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        signal = self._signal_of(event)
        if signal is not None:
            signal.emit(self.currentIndex().row())
            event.accept()
        elif event.modifiers() in _PLAIN and event.text().isalnum():
            event.ignore()  # other letters belong to the window's commands
        else:
            super().keyPressEvent(event)

    def _signal_of(self, event: QKeyEvent) -> SignalInstance | None:
        """What a key does to the cell that has the focus."""
        if not self.currentIndex().isValid() or event.modifiers() not in _PLAIN:
            return None
        if event.key() == Qt.Key.Key_S:
            return self.star_toggled if self._stars else None
        if event.key() == Qt.Key.Key_Delete:
            return self.delete_wanted
        return self.chosen if event.key() in _CHOOSING else None

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        at = e.position().toPoint()
        index = self.indexAt(at)
        pressed = self.currentIndex() == index
        super().mouseReleaseEvent(e)
        if e.button() != Qt.MouseButton.LeftButton or not index.isValid() or not pressed:
            return
        if self._stars and self._star_corner(index).contains(at):
            self.star_toggled.emit(index.row())
        else:
            self.chosen.emit(index.row())

    def _star_corner(self, index: QModelIndex) -> QRect:
        box = self.visualRect(index)
        return QRect(box.left() + _GAP + self._cell.width() - _STAR, box.top(), _STAR, _STAR)
