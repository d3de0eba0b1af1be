"""The right panel: painter, appearance, poses and joints, in the order of use."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.editors.pose.document import PoseDocument
from studio.editors.pose.joints import JointTree
from studio.panels.favourites import FavouritesPanel
from studio.panels.library import LibraryPanel
from studio.panels.looks import LookPanel
from studio.panels.painter import PainterCard
from studio.panels.refine import RefinePanel
from studio.panels.section import Section
from studio.panels.sidecolumn import SideColumn
from studio.services import Services
from studio.theme import Tokens


class SidePanel(SideColumn):
    """Everything about a reposed person but the joints on the photo."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.painter, self.look, self.joints = PainterCard(), LookPanel(), JointTree()
        self.library = LibraryPanel(services.poses)
        self.favourites = FavouritesPanel(services.favourites)
        self.refine = RefinePanel(services.brush_options)
        self.joints.offer(services.actions)
        self.sections = (
            Section(self.tr("Painter"), self.painter),
            Section(self.tr("Appearance"), self.look),
            Section(self.tr("Favourite looks"), self.favourites, opened=False),
            Section(self.tr("Poses"), self.library),
            Section(self.tr("Back into the photo"), self.refine, opened=False),
            Section(self.tr("Joints"), self.joints, opened=False),
        )
        self._fill(self.sections, tall=self.sections[-1])

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for section in self.sections:
            section.dress(tokens)
        self.look.dress(tokens)
        self.library.dress(tokens)
        self.favourites.dress(tokens)
        self.refine.dress(tokens)
        self.joints.dress(tokens)

    def follow(self, document: PoseDocument) -> None:
        """Show another document."""
        self.painter.follow(document)
        self.look.follow(document)
        self._offer_looks()
        document.look_changed.connect(self._offer_looks)
        self.joints.follow(document)
        self.library.follow(document)
        self.favourites.follow(document)
        self.refine.follow(document)

    def section_of(self, content: QWidget) -> Section:
        """The section that holds a part of the panel."""
        return next(section for section in self.sections if section.content is content)

    def models_changed(self) -> None:
        """Model files came or went."""
        self.painter.refill()
        self._offer_looks()

    def _offer_looks(self) -> None:
        """Looks that the painter cannot take are hidden."""
        self.look.offer(self.painter.card)
