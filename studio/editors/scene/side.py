"""The right panel of the scene editor: painter, labels, objects and their looks."""

from __future__ import annotations

from studio.editors.scene.document import SceneDocument
from studio.editors.scene.pane import LabelPane
from studio.panels.painter import PainterCard
from studio.panels.scene_objects import ObjectList
from studio.panels.scene_palette import LabelPalette
from studio.panels.section import Section
from studio.panels.sidecolumn import SideColumn
from studio.theme import Tokens

_WIDTH = 300


class SceneSide(SideColumn):
    """What paints a scene, with which labels, and which objects it has."""

    def __init__(self) -> None:
        super().__init__(_WIDTH)
        self.painter, self.labels = PainterCard("LabelMap"), LabelPalette()
        self.objects = ObjectList()
        self._sections = (
            Section(self.tr("Painter"), self.painter),
            Section(self.tr("Labels"), self.labels),
            Section(self.tr("Objects"), self.objects),
        )
        self._fill(self._sections, tall=self._sections[1])

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for part in (*self._sections, self.labels, self.objects):
            part.dress(tokens)

    def follow(self, document: SceneDocument, pane: LabelPane) -> None:
        """Show a document, as it is on a pane."""
        self.painter.follow(document)
        self.labels.follow(pane.board)
        self.objects.follow(pane.board)
        pane.digit_pressed.connect(self.labels.take_key)

    def let_go(self) -> None:
        """Hear no more of the options, which the documents of a window share."""
        self.labels.let_go()

    def models_changed(self) -> None:
        """Model files came or went."""
        self.painter.refill()
