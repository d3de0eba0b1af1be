"""The panel beside a training photo: what is wrong with it, its joints, and the brush."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.canvas.brush import BrushOptions
from studio.editors.pose.joints import JointTree
from studio.languages import spoken
from studio.panels.brush_rows import BrushRows
from studio.panels.findings import Finding, add_to, emptied
from studio.panels.section import Section
from studio.panels.sidecolumn import SideColumn
from studio.theme import DARK, Tokens, icon
from studio.training.annotations import Annotations, Item

MENU = (
    "toggle_hidden",
    "toggle_locked",
    "reset_joints",
    "place_joints",
    "remove_joints",
    "swap_sides",
    "select_limb",
)


class PhotoPanel(QWidget):
    """Name of a photo, the sentences about it, and what can be done about all of it.

    Args:
        finds: whether something reads such photos.
    """

    def __init__(self, finds: bool = True) -> None:
        super().__init__()
        self._item: Item | None = None
        self._failure = ""
        self._tokens = DARK
        self.name, self.split = QLabel(wordWrap=True), QLabel()
        self.name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.split.setObjectName("muted")
        self.search, self.revert = (
            QPushButton(self.tr("Find again")),
            QPushButton(self.tr("Revert")),
        )
        self.search.setToolTip(self.tr("Joints and outline as the person reader finds them"))
        self.revert.setToolTip(self.tr("This photo as the folder has it"))
        self._sentences, buttons = QVBoxLayout(), QHBoxLayout()
        self._sentences.setSpacing(6)
        buttons.setSpacing(8)
        for button in (self.search, self.revert):
            buttons.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.name)
        column.addWidget(self.split)
        column.addLayout(self._sentences)
        column.addLayout(buttons)
        self.search.setVisible(finds)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._tokens = tokens
        self.search.setIcon(icon("mdi6.account-search-outline", tokens))
        self.revert.setIcon(icon("mdi6.restore", tokens))
        self._show()

    def show_item(self, item: Item, failure: str = "") -> None:
        """Another photo; `failure` = why it cannot be opened."""
        self._item, self._failure = item, failure
        self._show()

    def _show(self) -> None:
        emptied(self._sentences)
        item = self._item
        if item is None:
            return
        self.name.setText(item.name)
        width, height = item.size
        self.split.setText(f"{item.split} · {width} × {height} px")
        told = [(text, "warning") for text in item.problems]
        for text, kind in [*told, *([(self._failure, "error")] if self._failure else [])]:
            add_to(self._sentences, Finding(spoken(text), "", kind, self._tokens))


class MaskPanel(QWidget):
    """The brush on the mask, and how to come back from it."""

    def __init__(self, options: BrushOptions, writes: bool) -> None:
        super().__init__()
        self.paint, self.reset = QPushButton(), QPushButton(self.tr("Reset mask"))
        self.brushes, none = BrushRows(options), QLabel(wordWrap=True)
        none.setObjectName("muted")
        none.setText(self.tr("This layout keeps no masks, so there is none to paint."))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.paint, 1)
        row.addWidget(self.reset, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(none)
        column.addLayout(row)
        column.addWidget(self.brushes)
        none.setVisible(not writes)
        self.paint.setVisible(writes)
        self.reset.setVisible(writes)
        self.show_brushing(False)

    def offer(self, actions: Mapping[str, QAction]) -> None:
        """Take the window's actions."""
        self.paint.clicked.connect(actions["refine_mask"].trigger)
        self.reset.clicked.connect(actions["reset_mask"].trigger)

    def show_brushing(self, on: bool) -> None:
        """Whether the brush is in hand."""
        self.brushes.setVisible(on)
        self.paint.setText(self.tr("Done") if on else self.tr("Refine mask"))


class PeopleSide(SideColumn):
    """Photo, joints, mask: in the order of use."""

    def __init__(
        self, answer: Annotations, brush: BrushOptions, actions: Mapping[str, QAction]
    ) -> None:
        super().__init__()
        self.photo, self.masking = PhotoPanel(), MaskPanel(brush, "mask" in answer.writes)
        self.joints = JointTree(menu=MENU)
        self.joints.offer(actions)
        self.masking.offer(actions)
        self.sections = (
            Section(self.tr("Photo"), self.photo),
            Section(self.tr("Mask"), self.masking),
            Section(self.tr("Joints"), self.joints),
        )
        self._fill(self.sections, tall=self.sections[-1])

    def section_of(self, content: QWidget) -> Section:
        """The section that holds a part of the panel."""
        return next(section for section in self.sections if section.content is content)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for part in (*self.sections, self.photo, self.masking.brushes, self.joints):
            part.dress(tokens)
