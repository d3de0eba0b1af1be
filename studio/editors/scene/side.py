"""The right panel of the scene editor: painter, labels, looks and objects."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction

from studio.editors.scene.document import SceneDocument
from studio.editors.scene.pane import LabelPane
from studio.panels.painter import PainterCard
from studio.panels.scene_look import SceneLook
from studio.panels.scene_objects import ObjectList
from studio.panels.scene_palette import LabelPalette
from studio.panels.section import Section
from studio.panels.sidecolumn import SideColumn
from studio.theme import Tokens
from studio.worker import Bridge

_WIDTH = 300


class SceneSide(SideColumn):
    """What paints a scene, with which labels, which objects it has and how they look."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(_WIDTH)
        self.painter, self.look = PainterCard("LabelMap"), SceneLook(bridge)
        self.labels, self.objects = LabelPalette(), ObjectList()
        self._sections = (
            Section(self.tr("Painter"), self.painter),
            Section(self.tr("Labels"), self.labels),
            Section(self.tr("Look"), self.look),
            Section(self.tr("Objects"), self.objects),
        )
        self._fill(self._sections, tall=self._sections[1])

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for part in (*self._sections, self.labels, self.look, self.objects):
            part.dress(tokens)

    def follow(
        self,
        document: SceneDocument,
        pane: LabelPane,
        actions: Mapping[str, QAction],
    ) -> None:
        """Show a document, as it is on a pane; the window's actions do what buttons say."""
        self.painter.follow(document)
        self.labels.follow(pane.board)
        self.look.follow(pane.board)
        self.objects.follow(pane.board)
        self.objects.offer(actions)
        self.labels.offer(actions)
        pane.digit_pressed.connect(self.labels.take_key)

    def let_go(self) -> None:
        """Ask for nothing more, and hear no more of what the documents of a window share."""
        for part in (self.labels, self.look):
            part.let_go()

    def models_changed(self) -> None:
        """Model files came or went."""
        self.painter.refill()
