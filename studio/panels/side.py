"""The right panel: painter, pose and joints, in the order of use."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from engine import registry
from studio.document import Document
from studio.editors.pose.panel import JointList
from studio.panels.section import Section

_WIDTH = 264


class SidePanel(QWidget):
    """Sections that fold, in a column that scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setFixedWidth(_WIDTH)
        self.painter = QLabel(wordWrap=True)
        self.terms = QLabel(wordWrap=True)
        self.terms.setObjectName("caption")
        self.look = QLabel(wordWrap=True)
        self.joints = JointList()
        about = QWidget()
        column = QVBoxLayout(about)
        column.setContentsMargins(4, 0, 4, 0)
        column.addWidget(self.painter)
        column.addWidget(self.terms)
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addWidget(Section(self.tr("Painter"), about))
        layout.addWidget(Section(self.tr("Appearance"), self.look))
        layout.addWidget(Section(self.tr("Joints"), self.joints), 1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.look.setContentsMargins(4, 0, 4, 0)
        self.look.setText(self.tr("From the photo that is open."))
        self._show_model()

    def _show_model(self) -> None:
        cards = {m.card.id: m.card for m in registry.catalogue(())}
        card = cards.get(registry.PAINTER_MODEL)
        if card is None:
            self.painter.setText(self.tr("No painter is installed."))
            return
        self.painter.setText(f"<b>{card.title}</b><br>{card.summary}")
        commercial = self.tr("Free for commercial use.")
        private = self.tr("Not for commercial use.")
        self.terms.setText(f"{commercial if card.commercial else private} {card.terms}".strip())

    def follow(self, document: Document) -> None:
        """Show another document."""
        width, height = document.reading.photo.size
        text = self.tr("From the photo {0} ({1} × {2} px).")
        self.look.setText(text.format(document.origin.name, width, height))
        self.joints.follow(document)
