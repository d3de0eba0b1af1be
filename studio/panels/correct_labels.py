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


class PhotoSide(SideColumn):
    """What is said of a photo that is not there to be worked on."""

    def __init__(self, photo: PhotoPanel) -> None:
        super().__init__(WIDTH)
        self._section = Section(self.tr("Photo"), photo)
        self._fill([self._section])

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self._section.dress(tokens)


class LabelSide(SideColumn):
    """Labels and objects of one photo, for as long as it is worked on.

    Args:
        pane: where it is worked on.
        photo: what is said of it.
    """

    def __init__(self, pane: LabelPane, photo: PhotoPanel, actions: Mapping[str, QAction]) -> None:
        super().__init__(WIDTH)
        self.labels, self.objects = LabelPalette(), ObjectList()
        self.sections = (
            Section(self.tr("Photo"), photo),
            Section(self.tr("Labels"), self.labels),
            Section(self.tr("Objects"), self.objects),
        )
        self._fill(self.sections, tall=self.sections[1])
        self.labels.follow(pane.board)
        self.objects.follow(pane.board)
        self.objects.offer(actions)
        pane.digit_pressed.connect(self.labels.take_key)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for part in (*self.sections, self.labels, self.objects):
            part.dress(tokens)

    def let_go(self) -> None:
        """Hear no more of what the documents of a window share."""
        self.labels.let_go()
