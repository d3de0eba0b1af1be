"""The history strip: small pictures of what was painted; a click brings all its inputs back."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPixmap, QPixmapCache
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine import registry
from engine.appearance import Appearance, FromPhoto, Mix, Parts, Sampled
from studio.actions import Command
from studio.document import Document
from studio.entries import Entry
from studio.panels.cells import CellDelegate, Cells
from studio.panels.history_list import ENTRY, SHOWN, History
from studio.panels.painter import painters_of
from studio.panels.thumbs import THUMB
from studio.theme import ICON_SIDE, Tokens, icon

COMMANDS: tuple[Command, ...] = (
    Command("toggle_history", "History strip", "View", ("Ctrl+H",), toggle=True),
    Command("star_shown", "Keep picture in history", "Edit", ("Ctrl+B",), "mdi6.star-outline"),
)
_Index = QModelIndex | QPersistentModelIndex


class _Thumbnails(CellDelegate):
    """Draws the entries of a history."""

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        entry: Entry = index.data(ENTRY)
        painter.drawPixmap(box, _pixmap(entry.thumbnail))

    def shown(self, index: _Index) -> bool:
        return bool(index.data(SHOWN))

    def starred(self, index: _Index) -> bool | None:
        return index.data(ENTRY).starred


def _pixmap(png: bytes) -> QPixmap:
    key = f"history-{hash(png)}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = QPixmap.fromImage(QImage.fromData(png))
        QPixmapCache.insert(key, pixmap)
    return pixmap


class HistoryStrip(QWidget):
    """A heading that folds, and the pictures beside it, newest first."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.history: History | None = None
        self._tokens: Tokens | None = None
        cards = (card for shape in registry.DEFAULTS for card in painters_of(shape))
        self._titles = {card.id: card.title for card in cards}
        self.heading = QToolButton()
        self.heading.setText(self.tr("History"))
        self.heading.setCheckable(True)
        self.heading.setChecked(True)
        self.heading.setObjectName("section")
        self.heading.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.toggled.connect(self._fold)
        self.cells = Cells(THUMB)
        self.cells.offer_stars()
        self.cells.setAccessibleName(self.tr("History"))
        self.cells.setItemDelegate(_Thumbnails(self.cells, THUMB))
        self.cells.setFixedHeight(self.cells.row_height)
        self.cells.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.empty = QLabel(self.tr("Every finished picture is kept here."))
        self.empty.setObjectName("muted")
        self.empty.setFixedHeight(self.cells.row_height)  # the first picture moves nothing
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self.heading)
        left.addStretch()
        self.heading.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 2)
        row.setSpacing(8)
        row.addLayout(left)
        row.addWidget(self.empty, 1)
        row.addWidget(self.cells, 1)
        row.addStretch()

    def _connect(self) -> None:
        self.cells.chosen.connect(self.restore)
        self.cells.star_toggled.connect(self.toggle_star)
        self.cells.delete_wanted.connect(self.delete)
        self.cells.customContextMenuRequested.connect(self._show_menu)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.cells.dress(tokens)
        self._fold(self.heading.isChecked())

    def follow(self, document: Document | None) -> None:
        """Show another document's history."""
        if self.history is not None:
            self.history.rowsInserted.disconnect(self._refresh)
            self.history.rowsRemoved.disconnect(self._refresh)
            self.history.modelReset.disconnect(self._refresh)
        self.history = History.of(document) if document is not None else None
        self.cells.setModel(self.history)
        if self.history is not None:
            self.history.describe = self.described
            self.history.rowsInserted.connect(self._refresh)
            self.history.rowsRemoved.connect(self._refresh)
            self.history.modelReset.connect(self._refresh)
        self._refresh()

    def toggle_history(self, shown: bool) -> None:
        """Fold the strip or open it."""
        self.heading.setChecked(shown)

    def star_shown(self) -> None:
        """Star the picture that is shown, or take its star away."""
        history = self.history
        rows = range(history.rowCount()) if history is not None else ()
        for row in rows:
            if history is not None and history.index(row).data(SHOWN):
                history.toggle_star(row)

    # What is done with an entry

    def restore(self, row: int) -> None:
        """All inputs of an entry, as one step."""
        if self.history is not None:
            self.history.restore(row)

    def toggle_star(self, row: int) -> None:
        """Keep an entry for ever, or no longer."""
        if self.history is not None:
            self.history.toggle_star(row)

    def delete(self, row: int) -> None:
        """Forget an entry."""
        if self.history is not None:
            self.history.delete(row)

    def copy(self, row: int) -> None:
        """Put an entry's shape on the clipboard, as JSON and as a picture."""
        if self.history is None:
            return
        entry = self.history.entry(row)
        data = QMimeData()
        data.setText(self.history.shape_text(row))
        data.setImageData(QImage.fromData(entry.thumbnail))
        QGuiApplication.clipboard().setMimeData(data)

    def _show_menu(self, at: QPoint) -> None:
        row = self.cells.indexAt(at).row()
        if row >= 0:
            self.menu_of(row).popup(self.cells.viewport().mapToGlobal(at))

    def menu_of(self, row: int) -> QMenu:
        """What can be done with an entry."""
        assert self.history is not None
        starred = self.history.entry(row).starred
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        star = self.tr("Take star away") if starred else self.tr("Keep with a star")
        for text, key, act in (
            (self.tr("Restore"), Qt.Key.Key_Return, self.restore),
            (star, Qt.Key.Key_S, self.toggle_star),
            (self.tr("Copy pose"), None, self.copy),
            (self.tr("Delete"), Qt.Key.Key_Delete, self.delete),
        ):
            action = menu.addAction(text)
            if key is not None:
                action.setShortcut(key)
            action.triggered.connect(lambda _=False, act=act: act(row))
        return menu

    # What is shown

    def described(self, entry: Entry) -> str:
        """Painter, seconds and where the look came from, for the tooltip."""
        wanted = entry.wanted
        model = str(wanted.model)
        lines = [self._titles.get(model, model)]
        look = self._look_words(entry)
        if look:
            lines.append(look)
        if entry.seconds:
            lines.append(self.tr("Painted in {0} ms").format(round(entry.seconds * 1000)))
        lines.append(entry.when.astimezone().strftime("%H:%M"))
        return "\n".join(lines)

    def _look_words(self, entry: Entry) -> str:
        look: Appearance | None = entry.wanted.look
        match look:
            case Sampled(seed, _):
                return self.tr("Invented look, throw {0}").format(seed)
            case FromPhoto():
                return self.tr("Look of another photo")
            case Mix(_, _, t):
                return self.tr("{0} % of the second look").format(round(t * 100))
            case Parts(_, regions):
                return self.tr("{0} regions of other looks").format(len(regions))
            case _:
                return ""

    def _fold(self, opened: bool) -> None:
        if self._tokens is not None:
            name = "mdi6.chevron-down" if opened else "mdi6.chevron-right"
            self.heading.setIcon(icon(name, self._tokens, self._tokens.muted))
        self._refresh()

    def _refresh(self) -> None:
        """Pictures, or an invitation where there are none yet."""
        opened = self.heading.isChecked()
        some = self.history is not None and self.history.rowCount() > 0
        self.cells.setVisible(opened and some)
        self.empty.setVisible(opened and not some)
        self.updateGeometry()  # parts that hide do not always tell
