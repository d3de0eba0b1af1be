"""Which model paints, and on which terms."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine import registry
from engine.appearance import Appearance, within
from engine.card import Card
from engine.errors import ModelError
from studio.document import Document


def painters_of(shape: str) -> list[Card]:
    """The cards of the models at hand that paint shapes of a kind, the bundled default first."""
    cards = [model.card for model in registry.catalogue() if _paints(model.card, shape)]
    return sorted(cards, key=lambda card: card.id != registry.DEFAULTS[shape])


def pose_painters() -> list[Card]:
    """The cards of the models at hand that paint people."""
    return painters_of("Pose")


def _paints(card: Card, shape: str) -> bool:
    try:
        return card.shape == shape and registry.architecture(card).kind == "painter"
    except ModelError:
        return False


def can_take(card: Card, look: Appearance) -> bool:
    """Whether a model takes a look and everything inside it."""
    return all(type(inner).__name__ in card.takes for inner in within(look))


class Menu(QComboBox):
    """A combo box as wide as there is room, with a plain arrow."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, e: QPaintEvent) -> None:
        super().paintEvent(e)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().buttonText().color(), 1.5))
        tip = QPointF(self.width() - 14, self.height() / 2 + 2)
        painter.drawPolyline([tip + QPointF(-4, -4), tip, tip + QPointF(4, -4)])


class PainterCard(QWidget):
    """A menu of painters, what the chosen one is good for, and its terms.

    Args:
        shape: the kind of shape that they paint.

    Signals:
        fell_back: a sentence: the new painter cannot take the look and begins with its own.
    """

    fell_back = Signal(str)

    def __init__(self, shape: str = "Pose") -> None:
        super().__init__()
        self._shape = shape
        self.document: Document | None = None
        self.menu = Menu()
        self.menu.setAccessibleName(self.tr("Painter"))
        self.summary, self.terms = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self.summary.setObjectName("muted")
        self.compare = QPushButton(self.tr("Compare painters…"))
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(6)
        for widget in (self.menu, self.summary, self.terms, self.compare):
            column.addWidget(widget)
        self.cards: dict[str, Card] = {}
        self.menu.activated.connect(self._chosen)
        self.refill()

    def refill(self) -> None:
        """Offer the models that are at hand now."""
        self.cards = {card.id: card for card in painters_of(self._shape)}
        self.menu.clear()
        for card in self.cards.values():
            self.menu.addItem(card.title, card.id)
        self.compare.setVisible(self.document is not None and self._comparable)
        self._show(self._model)

    @property
    def _model(self) -> str:
        return self.document.model if self.document else registry.DEFAULTS[self._shape]

    @property
    def _comparable(self) -> bool:
        """Whether one picture by several painters tells anything: those of drawings paint each a
        thing of its own."""
        return self._shape == "Pose" and len(self.cards) > 1

    @property
    def card(self) -> Card | None:
        """The card of the document's painter; None if that model is gone."""
        return self.cards.get(self._model)

    def follow(self, document: Document) -> None:
        """Show another document's painter."""
        self.document = document
        document.look_changed.connect(self._refresh)
        self.compare.setVisible(self._comparable)
        self._refresh()

    def _refresh(self) -> None:
        if self.document is not None:
            self._show(self.document.model)

    def choose(self, model: str) -> None:
        """Paint with another model; a look that it cannot take gives way to the photo's own."""
        document, card = self.document, self.cards.get(model)
        if document is None or card is None or model == document.model:
            return
        look = document.look
        lost = look is not None and not can_take(card, look)
        text = self.tr("Paint with {0}").format(card.title)
        document.change_painter(model, None if lost else look, text)
        if lost:
            person = self.tr("{0} cannot take that look; the photo's own is back.")
            other = self.tr("{0} cannot take that look; it begins with one of its own.")
            self.fell_back.emit((person if self._shape == "Pose" else other).format(card.title))

    def _chosen(self, index: int) -> None:
        self.choose(self.menu.itemData(index))

    def _show(self, model: str) -> None:
        card = self.cards.get(model)
        self.menu.setVisible(bool(self.cards))
        if card is None:
            self.summary.setText(self.tr("This painter is not installed."))
            self.terms.setText("")
            return
        self.menu.setCurrentIndex(self.menu.findData(model))
        self.summary.setText(card.summary)
        self.terms.setToolTip(card.terms)
        self.terms.setObjectName("caption" if card.commercial else "warning")
        free, not_free = self.tr("Free for commercial use"), self.tr("Not for commercial use")
        self.terms.setText(free if card.commercial else not_free)
