"""Favourite looks to adopt: small pictures in a grid, and a star that keeps the look as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QPainter, QPixmap, QPixmapCache, QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget

from engine.appearance import Appearance, Sampled
from engine.card import Card
from engine.errors import GuiseError
from studio.actions import Command
from studio.editors.pose.document import PoseDocument
from studio.errand import Errands
from studio.favourites import (
    Favourite,
    Favourites,
    read_look,
    rename_favourite,
    write_favourite,
)
from studio.panels.cells import CellDelegate, Cells
from studio.panels.history_list import png_of
from studio.panels.library import NameLine
from studio.panels.look_pages import column
from studio.panels.painter import pose_painters
from studio.panels.thumbs import THUMB
from studio.theme import Tokens, icon

COMMANDS: tuple[Command, ...] = (
    Command("keep_look", "Keep look as a favourite", "Look", ("Ctrl+Shift+D",), rule=True),
)
_FAVOURITE = Qt.ItemDataRole.UserRole
_FAINT = 0.35
_Index = QModelIndex | QPersistentModelIndex


class _Looks(CellDelegate):
    """Draws the favourites; those that no painter at hand takes are faint."""

    painters: Sequence[Card] = ()

    def draw(self, painter: QPainter, box: QRect, index: _Index) -> None:
        favourite: Favourite = index.data(_FAVOURITE)
        painter.setOpacity(1.0 if painter_for(favourite, "", self.painters) else _FAINT)
        painter.drawPixmap(box, _pixmap(favourite.thumbnail))
        painter.setOpacity(1.0)


def _pixmap(png: bytes) -> QPixmap:
    key = f"favourite-{hash(png)}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = QPixmap.fromImage(QImage.fromData(png))
        QPixmapCache.insert(key, pixmap)
    return pixmap


def painter_for(favourite: Favourite, now: str, painters: Sequence[Card]) -> Card | None:
    """The painter to adopt a favourite with: the one in use if it can, else that of the favourite.

    An invented look is another one under another painter, so it brings its own.

    Args:
        now: id of the painter in use.
        painters: those at hand.
    """
    able = {card.id: card for card in painters if favourite.kinds <= set(card.takes)}
    stays = now in able and "Sampled" not in favourite.kinds
    return able.get(now if stays else favourite.model)


class _Row(QAbstractListModel):
    """The favourites as Qt sees them."""

    def __init__(self, favourites: Favourites) -> None:
        super().__init__()
        self._favourites = favourites
        favourites.changed.connect(self._reset)

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        return 0 if parent.isValid() else len(self._favourites.all)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        favourite = self._favourites.all[index.row()]
        shown: dict[int, Any] = {
            _FAVOURITE: favourite,
            Qt.ItemDataRole.ToolTipRole: favourite.name,
            Qt.ItemDataRole.AccessibleTextRole: favourite.name,
        }
        return shown.get(role)


class FavouritesPanel(QWidget):
    """Favourites, the newest first; adopting one is one undo step.

    Signals:
        failed: a sentence for the person.
        said: good news in a sentence.
    """

    failed = Signal(str)
    said = Signal(str)

    def __init__(self, favourites: Favourites) -> None:
        super().__init__()
        self.favourites = favourites
        self.document: PoseDocument | None = None
        self._renamed: Favourite | None = None
        self.errands = Errands(self)
        self.keep = QPushButton(self.tr("Keep this look"))
        self.keep.setToolTip(self.tr("Keep the look as a favourite, for every photo"))
        self.cells = Cells(THUMB, wrapping=True)
        self.cells.setAccessibleName(self.tr("Favourite looks"))
        self.looks = _Looks(self.cells, THUMB)
        self.looks.painters = pose_painters()
        self.cells.setItemDelegate(self.looks)
        self.row = _Row(favourites)
        self.cells.setModel(self.row)
        self.cells.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.empty = QLabel(self.tr("Keep looks that you like; they wait here for every photo."))
        self.empty.setWordWrap(True)
        self.empty.setObjectName("muted")
        self.name = NameLine()
        self.name.setPlaceholderText(self.tr("Name of the look"))
        self.name.hide()
        lines = column(self, self.keep, self.name, self.cells, self.empty)
        lines.setContentsMargins(6, 0, 0, 0)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        self.keep.clicked.connect(self.keep_look)
        self.cells.chosen.connect(lambda row: self.adopt(self.favourites.all[row]))
        self.cells.delete_wanted.connect(lambda row: self.delete(self.favourites.all[row]))
        self.cells.customContextMenuRequested.connect(self._show_menu)
        self.name.given.connect(self._named)
        self.name.left.connect(self.name.hide)
        self.errands.done.connect(lambda act: act())
        self.errands.failed.connect(self.failed)
        self.errands.failed.connect(lambda _: self.refresh())
        self.favourites.changed.connect(self.refresh)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.cells.dress(tokens)
        self.keep.setIcon(icon("mdi6.star-outline", tokens))

    def follow(self, document: PoseDocument | None) -> None:
        """Give looks to another document."""
        self.document = document
        self.keep.setEnabled(document is not None)
        self.cells.setEnabled(document is not None)

    def refresh(self) -> None:
        """Show what there is, in at most two rows and a scroll bar."""
        some = bool(self.favourites.all)
        self.keep.setEnabled(self.document is not None)
        across = max(1, (self.width() - 16) // (THUMB.width() + 8))
        rows = min(2, -(-len(self.favourites.all) // across))
        self.cells.setFixedHeight(max(1, rows) * (THUMB.height() + 8))
        self.cells.setVisible(some)
        self.empty.setVisible(not some)

    def keep_look(self) -> None:
        """Keep the document's look, beside the window: large photos take a moment."""
        document = self.document
        if document is None or document.picture is None:
            return
        look = document.look or document.own
        try:
            path = self.favourites.fresh()
        except GuiseError as error:
            self.failed.emit(str(error))
            return
        name, model, now = self._name_of(document), document.model, datetime.now(UTC)
        favourite = Favourite(path, name, model, frozenset(), now, png_of(document))
        self.keep.setEnabled(False)
        self._run(lambda: write_favourite(favourite, look))

    def _run(self, act: Callable[[], None]) -> None:
        """Change files beside the window, then look at them again."""

        def run() -> Callable[[], None]:
            act()
            return self.favourites.reload

        self.errands.run(run)

    def _name_of(self, document: PoseDocument) -> str:
        match document.look:
            case None:
                return document.origin.name
            case Sampled(seed, _):
                return self.tr("Invented {0}").format(seed)
            case _:
                return self.tr("Look on {0}").format(document.origin.name)

    def adopt(self, favourite: Favourite) -> None:
        """Give a favourite to the document, with a painter that takes it, as one step."""
        document = self.document
        if document is None:
            return
        self.looks.painters = pose_painters()
        card = painter_for(favourite, document.model, self.looks.painters)
        if card is None:
            text = self.tr("“{0}” needs the painter {1}, which is not at hand; import it first.")
            self.failed.emit(text.format(favourite.name, favourite.model))
            return
        self.errands.run(lambda: self._read(document, card.id, favourite))

    def _read(self, document: PoseDocument, model: str, favourite: Favourite) -> Callable[[], None]:
        look = read_look(favourite.path)
        text = self.tr("Favourite look “{0}”").format(favourite.name)
        return lambda: self._adopted(document, model, look, text)

    def _adopted(self, document: PoseDocument, model: str, look: Appearance, text: str) -> None:
        if document is self.document:
            document.change_painter(model, None if look == document.own else look, text)

    def delete(self, favourite: Favourite) -> None:
        """Move a favourite to the trash."""
        try:
            self.favourites.delete(favourite)
        except GuiseError as error:
            self.failed.emit(str(error))
        else:
            self.said.emit(self.tr("“{0}” was moved to the trash.").format(favourite.name))

    def rename(self, favourite: Favourite) -> None:
        """Ask for another name."""
        self._renamed = favourite
        self.name.setText(favourite.name)
        self.name.show()
        self.name.setFocus()
        self.name.selectAll()

    def _named(self, name: str) -> None:
        favourite = self._renamed
        if favourite is not None and name.strip():
            self.name.hide()
            self.cells.setFocus()
            self._run(lambda: rename_favourite(favourite, name))

    def _show_menu(self, at: QPoint) -> None:
        row = self.cells.indexAt(at).row()
        if row >= 0:
            menu = self.menu_of(self.favourites.all[row])
            menu.popup(self.cells.viewport().mapToGlobal(at))

    def menu_of(self, favourite: Favourite) -> QMenu:
        """What can be done with a favourite."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, act in (
            (self.tr("Use this look"), self.adopt),
            (self.tr("Rename…"), self.rename),
            (self.tr("Delete"), self.delete),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, act=act: act(favourite))
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()
