"""The command palette: a search field over the window that finds and runs every command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QStandardItem,
    QStandardItemModel,
    QTextCharFormat,
    QTextLayout,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.palette_match import matched
from studio.settings import Settings
from studio.theme import DARK, ICON_SIDE, Tokens

_WIDTH, _ROW, _ROWS, _TOP = 560, 34, 10, 56
_RECENT = 8
_HIT = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Hit:
    """A command that fits what was typed.

    Attributes:
        name: of the command.
        letters: positions in the text that were typed.
    """

    name: str
    action: QAction
    letters: tuple[int, ...]


def shown_text(action: QAction) -> str:
    """An action's text without mnemonics."""
    return action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")


def menu_path(action: QAction) -> str:
    """The menus that lead to an action, e.g. "View" or "File › Recent"; empty if in none."""
    for owner in action.associatedObjects():
        if isinstance(owner, QMenu) and owner.title():
            above = menu_path(owner.menuAction())
            title = owner.title().replace("&", "")
            return f"{above} › {title}" if above else title
    return ""


def spelled_keys(action: QAction) -> str:
    """The first shortcut as the desktop spells it; empty if there is none."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def find(typed: str, actions: Mapping[str, QAction], recent: list[str]) -> list[Hit]:
    """The visible commands that fit, best first; recent ones first while nothing is typed."""
    scored = []
    for name, action in actions.items():
        ranked = _rank(typed, name, action) if action.isVisible() else None
        if ranked is not None:
            freshness = recent.index(name) if name in recent else len(recent)
            order = (-ranked[0], freshness) if typed.strip() else (freshness, 0)
            scored.append((order, not action.isEnabled(), Hit(name, action, ranked[1])))
    return [hit for *_, hit in sorted(scored, key=lambda each: each[:2])]


def _rank(typed: str, name: str, action: QAction) -> tuple[float, tuple[int, ...]] | None:
    """By its text, else by its English name, else by menu and text together."""
    direct = matched(typed, shown_text(action))
    if direct is not None:
        return direct
    for other in (name.replace("_", " "), f"{menu_path(action)} {shown_text(action)}"):
        around = matched(typed, other)
        if around is not None:
            return around[0] - 100, ()
    return None


class CommandPalette(QFrame):
    """Search field and list; lies over its parent and goes away on Esc or when left.

    Up and Down choose, Enter runs. A command that cannot run now stands there greyed.

    Args:
        parent: the window.
        actions: every command by name; what is added to the mapping later is found too.
        settings: remembers which commands ran last.
    """

    def __init__(self, parent: QWidget, actions: Mapping[str, QAction], settings: Settings) -> None:
        super().__init__(parent)
        self.setObjectName("popup")
        self._window, self._actions, self._settings = parent, actions, settings
        self._back: QWidget | None = None
        self.search = QLineEdit(placeholderText=self.tr("Find a command"), maxLength=60)
        self.search.setObjectName("palette")
        self.search.setAccessibleName(self.tr("Find a command"))
        self.list = QListView()
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self._rows = QStandardItemModel(self)
        self._painter = _Row(self.list)
        self.list.setModel(self._rows)
        self.list.setItemDelegate(self._painter)
        self.nothing = QLabel(self.tr("No command fits."), alignment=Qt.AlignmentFlag.AlignCenter)
        self.nothing.setObjectName("muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        for part in (self.search, self.nothing, self.list):
            layout.addWidget(part)
        self.search.textEdited.connect(self._fill)
        self.search.installEventFilter(self)
        self.list.clicked.connect(self._run)
        self.list.entered.connect(self.list.setCurrentIndex)
        parent.installEventFilter(self)
        self.hide()

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._painter.tokens = tokens

    def open(self) -> None:
        """Show it, empty, with what ran last on top."""
        if not self.isVisible():
            self._back = QApplication.focusWidget()
        self.search.clear()
        self._fill("")
        self.show()
        self.raise_()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def hits(self) -> list[Hit]:
        """What is listed, from the top."""
        return [self._rows.item(n).data(_HIT) for n in range(self._rows.rowCount())]

    def _fill(self, typed: str) -> None:
        self._rows.clear()
        for hit in find(typed, self._actions, self._recent()):
            asleep = "" if hit.action.isEnabled() else self.tr("not available now")
            action = hit.action
            words = (shown_text(action), menu_path(action), spelled_keys(action), asleep)
            item = QStandardItem(hit.action.text())
            item.setData(hit, _HIT)
            item.setData(", ".join(filter(None, words)), Qt.ItemDataRole.AccessibleTextRole)
            self._rows.appendRow(item)
        found = self._rows.rowCount()
        self.list.setVisible(found > 0)
        self.nothing.setVisible(not found)
        self.list.setCurrentIndex(self._rows.index(0, 0))
        self.list.setFixedHeight(_ROW * min(found, _ROWS))
        self._place()

    def _recent(self) -> list[str]:
        return self._settings.table("palette").get("recent", [])

    def _run(self, index: QModelIndex) -> None:
        hit = index.data(_HIT)
        if hit is None or not hit.action.isEnabled():
            return
        ran = [hit.name, *(name for name in self._recent() if name != hit.name)]
        self._settings.set_table("palette", {"recent": ran[:_RECENT]})
        self._leave()
        hit.action.trigger()

    def _leave(self) -> None:
        self.hide()
        if self._back is not None:
            self._back.setFocus()
        self._back = None

    def _place(self) -> None:
        self.adjustSize()
        width = min(_WIDTH, self._window.width() - 32)
        height = self.sizeHint().height()
        self.setGeometry((self._window.width() - width) // 2, _TOP, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search:
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._key(event)
            if event.type() == QEvent.Type.FocusOut and self.isVisible():
                self._back = None  # the person went elsewhere
                self._leave()
        elif event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _ROWS,
            Qt.Key.Key_PageUp: -_ROWS,
        }
        key = Qt.Key(event.key())
        if key in steps:
            self._step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self._leave()
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        count = self._rows.rowCount()
        if count:
            row = self.list.currentIndex().row() + by
            row = row % count if abs(by) == 1 else min(max(row, 0), count - 1)
            self.list.setCurrentIndex(self._rows.index(row, 0))


class _Row(QStyledItemDelegate):
    """Icon, text with the typed letters marked, its menu, and its key at the right."""

    tokens: Tokens = DARK

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, _ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        hit: Hit = index.data(_HIT)
        rect = QRectF(option.rect)
        state = option.state
        usable = hit.action.isEnabled()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.tokens.border))
            painter.drawRoundedRect(rect, 6, 6)
        painter.setPen(QColor(self.tokens.text if usable else self.tokens.muted))
        self._icon(painter, rect, hit.action)
        right = self._keys(painter, rect, hit.action)
        self._words(painter, rect.adjusted(36, 0, -right, 0), hit)
        painter.restore()

    def _icon(self, painter: QPainter, rect: QRectF, action: QAction) -> None:
        place = QRectF(rect.left() + 9, rect.center().y() - ICON_SIDE / 2, ICON_SIDE, ICON_SIDE)
        action.icon().paint(painter, place.toRect())
        if action.isCheckable() and action.isChecked() and action.icon().isNull():
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "✓")

    def _keys(self, painter: QPainter, rect: QRectF, action: QAction) -> float:
        """Draws them; returns the room that they take."""
        keys, aside = spelled_keys(action), rect.adjusted(0, 0, -10, 0)
        painter.save()
        painter.setPen(QColor(self.tokens.muted))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(aside, flags, keys)
        painter.restore()
        return painter.fontMetrics().horizontalAdvance(keys) + 24

    def _words(self, painter: QPainter, rect: QRectF, hit: Hit) -> None:
        text, path = shown_text(hit.action), menu_path(hit.action)
        layout = QTextLayout(f"{text}    {path}" if path else text, painter.font())
        layout.setFormats([*self._marks(hit), self._aside(len(text), len(path) + 4)])
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(rect.width())
        layout.endLayout()
        painter.setClipRect(rect)
        layout.draw(painter, rect.topLeft() + _middle(rect, line.height()))

    def _marks(self, hit: Hit) -> list[QTextLayout.FormatRange]:
        marked = QTextCharFormat()
        marked.setForeground(QColor(self.tokens.accent))
        marked.setFontWeight(QFont.Weight.Bold)
        return [_span(n, 1, marked) for n in hit.letters]

    def _aside(self, start: int, length: int) -> QTextLayout.FormatRange:
        faint = QTextCharFormat()
        faint.setForeground(QColor(self.tokens.muted))
        return _span(start, length, faint)


def _span(start: int, length: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, form
    return made


def _middle(rect: QRectF, height: float) -> QPointF:
    return QPointF(0, (rect.height() - height) / 2)
