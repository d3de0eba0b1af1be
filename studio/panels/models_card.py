"""The page of one model: what it is, how good, made from what, on which terms, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.card import Card
from studio.panels.models_shelf import Shelved
from studio.theme import ICON_SIDE, Tokens, icon

_COMMAND_LINES = 4


class ModelPage(QWidget):
    """Shows one model; everything can be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.summary, self.badge = QLabel(), _text(), QLabel()
        self.title.setObjectName("heading")
        self.title.setWordWrap(True)
        self.problem = _text("warning")
        self.facts = QGridLayout()
        self.command = QPlainTextEdit(readOnly=True)
        self.command.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.command.setFrameShape(QFrame.Shape.NoFrame)
        self.command.setAccessibleName(self.tr("Training command"))
        lines = self.command.fontMetrics().lineSpacing() * _COMMAND_LINES
        self.command.setFixedHeight(lines + 16)
        self.copy = QPushButton(self.tr("Copy command"))
        self.copy.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.copy.clicked.connect(self.copy_command)
        self._lay_out()

    def _lay_out(self) -> None:
        self.facts.setHorizontalSpacing(16)
        self.facts.setVerticalSpacing(8)
        self.facts.setColumnStretch(1, 1)
        self.command_title = QLabel(self.tr("Training command"))
        self.command_title.setObjectName("muted")
        head = QHBoxLayout()
        head.addWidget(self.command_title)
        head.addStretch()
        head.addWidget(self.copy)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 12, 0)
        column.setSpacing(12)
        for widget in (self.title, self.badge, self.summary, self.problem):
            column.addWidget(widget)
        column.addLayout(self.facts)
        column.addLayout(head)
        column.addWidget(self.command)
        column.addStretch()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.copy.setIcon(icon("mdi6.content-copy", tokens))
        self.command.setStyleSheet(
            f"QPlainTextEdit {{ background: {tokens.raised}; border-radius: 6px; padding: 4px; }}"
        )

    def show_model(self, model: Shelved, memory: int | None) -> None:
        """Show a model and the bytes that it holds in memory; None = it is not loaded."""
        card = model.card
        self.title.setText(model.title)
        _put(self.summary, card.summary if card else "")
        _put(self.problem, model.problem)
        self._show_badge(card)
        self._show_facts(self._facts_of(model, memory))
        command = card.command if card else ""
        self.command.setPlainText(command)
        for widget in (self.command, self.command_title, self.copy):
            widget.setVisible(bool(command))

    def copy_command(self) -> None:
        """Put the training command on the clipboard."""
        QGuiApplication.clipboard().setText(self.command.toPlainText())

    def _show_badge(self, card: Card | None) -> None:
        self.badge.setVisible(card is not None)
        if card is None:
            return
        free, not_free = self.tr("Free for commercial use"), self.tr("Not for commercial use")
        self.badge.setText(free if card.commercial else not_free)
        colour = self._tokens.ok if card.commercial else self._tokens.warning
        self.badge.setStyleSheet(
            f"color: {colour}; border: 1px solid {colour}; border-radius: 6px;"
            " padding: 2px 8px; font-size: 11px;"
        )
        self.badge.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def _facts_of(self, model: Shelved, memory: int | None) -> dict[str, str]:
        card = model.card
        loaded = megabytes(memory) if memory is not None else self.tr("Not loaded")
        size = megabytes(model.nbytes) if model.nbytes else ""
        facts = {self.tr("File"): str(model.path), self.tr("Size"): size}
        if card is not None:
            facts[self.tr("Memory")] = loaded if model.kind else ""
            facts[self.tr("Kind")] = kind_words(model)
            facts[self.tr("Looks")] = ", ".join(look_words(name) for name in card.takes)
            facts[self.tr("Trained on")] = card.data
            facts[self.tr("Terms")] = card.terms
            facts[self.tr("Figures")] = figures(card.metrics)
        return facts

    def _show_facts(self, facts: Mapping[str, str]) -> None:
        while self.facts.count():
            item = self.facts.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        shown = [(name, text) for name, text in facts.items() if text]
        for row, (name, text) in enumerate(shown):
            title, value = QLabel(name), _text()
            title.setObjectName("muted")
            value.setText(text)
            self.facts.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            self.facts.addWidget(value, row, 1)
            title.show()
            value.show()


def _text(name: str = "") -> QLabel:
    label = QLabel(wordWrap=True)
    label.setObjectName(name)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label


def _put(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Models", text)


def megabytes(nbytes: int) -> str:
    """A size for people."""
    return f"{nbytes / 1e6:.1f} MB" if nbytes < 1e9 else f"{nbytes / 1e9:.2f} GB"


def kind_words(model: Shelved) -> str:
    """What a model does, in a few words."""
    if model.kind == "perception":
        return _tr("Reads photos")
    if model.kind == "painter":
        shapes = {"Pose": _tr("Paints people"), "Sketch": _tr("Paints sketches")}
        shape = model.card.shape if model.card else ""
        return shapes.get(shape, _tr("Paints scenes"))
    return _tr("Cannot be used")


def look_words(name: str) -> str:
    """A kind of look that a painter takes, as the appearance panel calls it."""
    words = {
        "FromPhoto": _tr("from photos"),
        "Sampled": _tr("invented"),
        "Mix": _tr("mixed"),
        "Parts": _tr("by region"),
    }
    return words.get(name, name)


def figures(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """The figures of a card, a line each, those measured in the same way together."""
    by_protocol: dict[str, list[str]] = {}
    for name, figure in metrics.items():
        value = figure.get("value")
        number = f"{value:.3g}" if isinstance(value, int | float) else str(value)
        plain = name.replace("_", " ").replace(".", " ")
        by_protocol.setdefault(str(figure.get("protocol", "")), []).append(f"{plain} {number}")
    blocks = [
        "\n".join((", ".join(values), protocol)).strip() for protocol, values in by_protocol.items()
    ]
    return "\n\n".join(blocks)
