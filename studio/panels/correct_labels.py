"""The panel beside a label map of training data: what is wrong, labels and objects."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction

from studio.editors.scene.pane import LabelPane
from studio.panels.correct_side import PhotoPanel
from studio.panels.scene_objects import ObjectList
from studio.panels.scene_palette import LabelPalette
from studio.panels.section import Section
from studio.panels.sidecolumn import SideColumn
from studio.theme import Tokens

WIDTH = 300


class LabelSide(SideColumn):
    """What is said of a photo, labels and objects."""

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__(WIDTH)
        self.photo = PhotoPanel(finds=False)
        self.labels, self.objects = LabelPalette(), ObjectList()
        self.objects.offer(actions)
        self.sections = (
            Section(self.tr("Photo"), self.photo),
            Section(self.tr("Labels"), self.labels),
            Section(self.tr("Objects"), self.objects),
        )
        self._fill(self.sections, tall=self.sections[1])

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for part in (*self.sections, self.photo, self.labels, self.objects):
            part.dress(tokens)

    def follow(self, pane: LabelPane | None) -> None:
        """Work on what a pane shows; None = on nothing."""
        for part in (self.labels, self.objects):
            part.setEnabled(pane is not None)
        if pane is not None:
            self.labels.follow(pane.board)
            self.objects.follow(pane.board)
            pane.digit_pressed.connect(self.labels.take_key)

    def let_go(self) -> None:
        """Hear no more of what the documents of a window share."""
        self.labels.let_go()
