"""Cards of what can be learned; one of them is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from studio.languages import spoken
from studio.panels.train_words import duration
from studio.theme import DARK, ICON_SIDE, Tokens, icon
from studio.training.answers import Fit
from studio.training.recipes import Choice

_NARROWEST, _TALL, _GAP = 232, 104, 8
_EDGE = 12


class ChoiceCard(QAbstractButton):
    """What one gets, of what, and why not if it does not fit."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice, self.tokens, self.reason = choice, DARK, ""
        self.setText(choice.title)
        self.setAccessibleName(choice.title)
        self.setAccessibleDescription(choice.about)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def fit(self, reason: str) -> None:
        """Say why it cannot be chosen; an empty reason lets it."""
        self.reason = reason
        self.setEnabled(not reason)
        self.setToolTip(reason)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_NARROWEST, _TALL)

    def paintEvent(self, e: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, on, able = self.tokens, self.isChecked(), self.isEnabled()
        edge = tokens.accent if on or (able and self.underMouse()) else tokens.border
        width = 2.0 if on or self.hasFocus() else 1.0
        painter.setPen(QPen(QColor(tokens.accent if self.hasFocus() else edge), width))
        painter.setBrush(QColor(tokens.raised if able else tokens.panel))
        box = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.drawRoundedRect(box, 6, 6)
        self._draw_words(painter, able)

    def _draw_words(self, painter: QPainter, able: bool) -> None:
        tokens = self.tokens
        inner = self.rect().adjusted(_EDGE, _EDGE - 2, -_EDGE, -6)
        ink = tokens.accent if self.isChecked() else tokens.muted
        place = QRect(inner.left(), inner.top() + 1, ICON_SIDE, ICON_SIDE)
        icon(self.choice.icon, tokens, ink).paint(painter, place)
        title = inner.adjusted(ICON_SIDE + 8, 0, 0, 0)
        title.setHeight(20)
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text if able else tokens.muted))
        right = Qt.TextElideMode.ElideRight
        words = painter.fontMetrics().elidedText(self.text(), right, title.width())
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, words)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted))
        flags = Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(inner.adjusted(0, 26, 0, 0), flags, self.reason or self.choice.about)
        if able:
            font.setPixelSize(11)
            painter.setFont(font)
            low = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
            painter.drawText(inner, low, duration(60 * self.choice.minutes))


class Cards(QWidget):
    """The cards that fit first; the others behind a button.

    Signals:
        chosen: another card is chosen.
    """

    chosen = Signal()

    def __init__(self, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.cards = [ChoiceCard(choice) for choice in choices]
        self._group = QButtonGroup(self)
        self._place = _Place()
        for card in self.cards:
            self._group.addButton(card)
            card.setParent(self._place)
        self.more = QPushButton(self.tr("Show all"))
        self.more.setObjectName("link")
        self.more.setCheckable(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._place)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self._group.buttonClicked.connect(lambda _: self.chosen.emit())
        self.more.toggled.connect(self._show)
        self.offer({})

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for card in self.cards:
            card.tokens = tokens
            card.update()

    @property
    def choice(self) -> Choice | None:
        """What is chosen."""
        button = self._group.checkedButton()
        return button.choice if isinstance(button, ChoiceCard) else None

    def offer(self, fits: Mapping[str, Fit]) -> None:
        """Let those be chosen whose recipe can learn from the photos; the first of them is."""
        self._group.setExclusive(False)
        for card in self.cards:
            fit = fits.get(card.choice.recipe)
            card.fit("" if fit is None or fit.fits else spoken(fit.reason))
            card.setEnabled(fit is not None and fit.fits)
            card.setChecked(False)
        self._group.setExclusive(True)
        self._show()
        usable = [card for card in self._place.shown if card.isEnabled()]
        if usable:
            usable[0].setChecked(True)
        self.chosen.emit()

    def _show(self, *_: object) -> None:
        every = self.more.isChecked()
        self.more.setText(self.tr("Show fewer") if every else self.tr("Show all"))
        some = any(card.isEnabled() for card in self.cards)
        shown = [card for card in self.cards if every or self._at_once(card, some)]
        self._place.show_cards(sorted(shown, key=lambda card: not card.isEnabled()))

    def _at_once(self, card: ChoiceCard, some: bool) -> bool:
        """Those that fit, without the large ones; before photos are there, the small ones."""
        return card.isChecked() or (card.choice.first and (card.isEnabled() or not some))


class _Place(QWidget):
    """Cards in rows, all equally wide."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[ChoiceCard] = []

    def show_cards(self, cards: list[ChoiceCard]) -> None:
        for child in self.findChildren(ChoiceCard):
            child.setVisible(child in cards)
        self.shown = cards
        for before, after in pairwise(cards):
            QWidget.setTabOrder(before, after)
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        columns = max(1, (self.width() + _GAP) // (_NARROWEST + _GAP))
        width = (self.width() + _GAP) // columns - _GAP
        for place, card in enumerate(self.shown):
            row, column = divmod(place, columns)
            card.setGeometry(column * (width + _GAP), row * (_TALL + _GAP), width, _TALL)
            card.show()
        rows = -(-len(self.shown) // columns)
        self.setFixedHeight(max(rows * (_TALL + _GAP) - _GAP, 0))
