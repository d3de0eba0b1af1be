"""The right panel of the sketch editor: painter, look, drawing."""

from __future__ import annotations

from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.drawing import DrawingPanel
from studio.editors.sketch.editor import SketchEditor
from studio.panels.latent import LatentPanel
from studio.panels.painter import PainterCard
from studio.panels.section import Section
from studio.panels.sidecolumn import SideColumn
from studio.services import Services
from studio.theme import Tokens

_WIDTH = 300
"""Eight colours in a row, and room for a scroll bar."""


class SketchSide(SideColumn):
    """What paints a drawing, with which look, and how lines are drawn."""

    def __init__(self, services: Services) -> None:
        super().__init__(_WIDTH)
        self.painter, self.look = PainterCard("Sketch"), LatentPanel(services)
        self.drawing = DrawingPanel(services.sketch_options)
        self._sections = (
            Section(self.tr("Painter"), self.painter),
            Section(self.tr("Drawing"), self.drawing, opened=False),
        )
        self._fill((self._sections[0], self.look, self._sections[1]))

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for part in (*self._sections, self.look):
            part.dress(tokens)

    def follow(self, document: SketchDocument, editor: SketchEditor) -> None:
        """Show a document; its editor runs what the buttons say."""
        self.drawing.follow(document, editor)
        self.painter.follow(document)
        self.look.follow(document)
        document.look_changed.connect(self._offer)
        self._offer()

    def models_changed(self) -> None:
        """Model files came or went."""
        self.painter.refill()
        self._offer()

    def let_go(self) -> None:
        """Ask the engine for nothing more."""
        self.look.let_go()

    def _offer(self) -> None:
        """What the painter cannot do is hidden."""
        self.look.offer(self.painter.card)
