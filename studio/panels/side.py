"""The right panel: painter, appearance and joints, in the order of use."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine import registry
from engine.perception.base import Reading
from studio.document import Document
from studio.editors.pose.panel import JointList
from studio.images import to_qimage
from studio.panels.section import Section
from studio.theme import Tokens

_WIDTH = 264
_THUMB = QSize(56, 72)
_RATIO = 3
"""Thumbnails are made for the densest screens."""


class SidePanel(QWidget):
    """Sections that fold, in a column that scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(_WIDTH)
        self.painter, self.look, self.joints = PainterCard(), LookCard(), JointList()
        self.sections = (
            Section(self.tr("Painter"), self.painter),
            Section(self.tr("Appearance"), self.look),
            Section(self.tr("Joints"), self.joints),
        )
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(12)
        for section in self.sections:
            layout.addWidget(section, 1 if section.content is self.joints else 0)
        layout.addStretch()
        scroll = QScrollArea(widgetResizable=True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self._show_parts(False)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for section in self.sections:
            section.dress(tokens)

    def follow(self, document: Document) -> None:
        """Show another document."""
        self._show_parts(True)
        self.look.show_reading(document.origin.name, document.reading)
        self.joints.follow(document)

    def _show_parts(self, opened: bool) -> None:
        """Without a photo there is no look and no joint."""
        for section in self.sections[1:]:
            section.setVisible(opened)


class PainterCard(QWidget):
    """What paints, and on which terms."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.summary, self.terms = (QLabel(wordWrap=True) for _ in range(3))
        self.summary.setObjectName("muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(4)
        for label in (self.title, self.summary, self.terms):
            column.addWidget(label)
        self._show_model()

    def _show_model(self) -> None:
        cards = {m.card.id: m.card for m in registry.catalogue(())}
        card = cards.get(registry.PAINTER_MODEL)
        if card is None:
            self.title.setText(self.tr("No painter is installed."))
            return
        self.title.setText(card.title)
        self.summary.setText(card.summary)
        self.terms.setToolTip(card.terms)
        self.terms.setObjectName("caption" if card.commercial else "warning")
        free, not_free = self.tr("Free for commercial use"), self.tr("Not for commercial use")
        self.terms.setText(free if card.commercial else not_free)


class LookCard(QWidget):
    """Where the look comes from: the person of the photo."""

    def __init__(self) -> None:
        super().__init__()
        self.thumb, self.source, self.detail = QLabel(), QLabel(wordWrap=True), QLabel()
        self.thumb.setFixedSize(_THUMB)
        self.detail.setObjectName("muted")
        grid = QGridLayout(self)
        grid.setContentsMargins(6, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.thumb, 0, 0, 4, 1)
        grid.addWidget(self.source, 1, 1)
        grid.addWidget(self.detail, 2, 1)
        grid.setRowStretch(0, 1)
        grid.setRowStretch(3, 1)
        grid.setColumnStretch(1, 1)

    def show_reading(self, name: str, reading: Reading) -> None:
        """The person of another photo."""
        width, height = reading.photo.size
        self.source.setText(name)
        self.detail.setText(self.tr("{0} × {1} px").format(width, height))
        image = to_qimage(reading.photo.pixels).copy(_around(reading))
        self.thumb.setPixmap(_filled(image))


def _around(reading: Reading) -> QRect:
    """The person's box, widened to the thumbnail's shape; the whole photo if nobody is there."""
    rows = np.flatnonzero(reading.mask.pixels.any(1))
    columns = np.flatnonzero(reading.mask.pixels.any(0))
    if not len(rows):
        return QRect(0, 0, *reading.photo.size)
    box = QRect(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    width = max(box.width(), round(box.height() * _THUMB.width() / _THUMB.height()))
    left = max(0, min(box.center().x() - width // 2, reading.photo.size[0] - width))
    return QRect(left, box.top(), min(width, reading.photo.size[0]), box.height())


def _filled(image: QImage) -> QPixmap:
    """The image cropped to the thumbnail's size, the top kept: heads matter."""
    size = _THUMB * _RATIO
    filling = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    scaled = image.scaled(size, filling, Qt.TransformationMode.SmoothTransformation)
    left = (scaled.width() - size.width()) // 2
    pixmap = QPixmap.fromImage(scaled.copy(left, 0, size.width(), size.height()))
    pixmap.setDevicePixelRatio(_RATIO)
    return pixmap
