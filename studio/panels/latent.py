"""Everything about the look of a drawing's picture: dice, colours, variations, sliders, a pad."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.card import Card
from studio import dialogs
from studio.editors.sketch.document import SketchDocument
from studio.panels.latent_asking import LookAsking
from studio.panels.latent_commands import COMMANDS
from studio.panels.latent_morph import Morph
from studio.panels.latent_numbers import LookNumbers
from studio.panels.latent_pad import LookPad
from studio.panels.latent_sliders import Sliders
from studio.panels.latent_source import LookSource
from studio.panels.look_pages import column
from studio.panels.section import Section
from studio.panels.variations import CELL, Variations
from studio.panels.variations_painting import SmallPictures
from studio.services import Services
from studio.theme import Tokens


class LatentPanel(QWidget):
    """Three sections that fold; every change is one undo step and is painted while it lasts.

    Attributes:
        COMMANDS: commands whose methods are the panel's.

    Signals:
        failed: a sentence for the person.
        busy: what is going on, or "".
    """

    COMMANDS = COMMANDS

    failed = Signal(str)
    busy = Signal(str)

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._settings = services.settings
        self.numbers = LookNumbers()
        self.asking = LookAsking(services.bridge, self.numbers)
        self.pictures = SmallPictures(services.bridge)
        self.source = LookSource(self.numbers)
        self.variations = Variations(self.numbers, self.pictures)
        self.morph = Morph(self.numbers, self.pictures)
        self.sliders, self.pad = Sliders(self.numbers), LookPad(self.numbers)
        self.sections = (
            Section(self.tr("Look"), self.source),
            Section(self.tr("Variations"), _stacked(self.variations, self.morph)),
            Section(self.tr("Sliders"), _stacked(self.sliders, self.pad)),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for section in self.sections:
            layout.addWidget(section)
        self.source.setContentsMargins(6, 0, 0, 0)
        for part in (self.variations, self.sliders):
            part.installEventFilter(self)
        self._connect()

    def _connect(self) -> None:
        self.source.photo_wanted.connect(self.look_from_photo)
        self.source.photo_dropped.connect(self.take_photo)
        self.source.failed.connect(self.failed)
        self.source.chips.chosen.connect(self.asking.find_colour)
        self.asking.failed.connect(self.failed)
        self.asking.busy.connect(self.busy)
        self.pictures.painted.connect(self.asking.wait)

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for part in (*self.sections, self.source, self.variations, self.morph):
            part.dress(tokens)
        for part in (self.sliders, self.pad):
            part.dress(tokens)

    def follow(self, document: SketchDocument) -> None:
        """Show another drawing's look."""
        self.numbers.follow(document)
        self.asking.follow(document)
        self.pictures.follow(document)

    def offer(self, card: Card | None) -> None:
        """Show what a painter can do."""
        self.numbers.offer(card)

    def let_go(self) -> None:
        """Ask the engine for nothing more."""
        self.pictures.let_go()
        self.asking.let_go()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Small pictures are painted only while they are seen; so are the sliders' colours."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            seen = event.type() == QEvent.Type.Show
            if watched is self.variations:
                self.pictures.longest = round(2 * CELL.width() * self.devicePixelRatioF())
                self.pictures.activate(seen)
            elif watched is self.sliders:
                self.asking.watch(seen)
        return super().eventFilter(watched, event)

    # Commands

    def throw_dice(self) -> None:
        """Invent another look; what is locked stays."""
        self.numbers.throw()

    def next_look(self) -> None:
        """The throw after this one."""
        self.source.next_look()

    def previous_look(self) -> None:
        """The throw before this one."""
        self.source.previous_look()

    def pick_colour(self) -> None:
        """Ask for a colour and give it to the item."""
        if self.numbers.count:
            self.source.chips.pick()

    def look_from_photo(self) -> None:
        """Ask for a photo and take its look."""
        if self.numbers.can_lend:
            path = dialogs.photo_to_open(self, self._settings.folder)
            if path is not None:
                self.take_photo(path)

    def take_photo(self, path: Path) -> None:
        """Take the look of a photo file."""
        self.asking.read_photo(path)

    def more_variations(self) -> None:
        """Fill the grid anew."""
        self.sections[1].unfold()
        self.variations.invent()

    def more_like_this(self) -> None:
        """Fill the grid with looks near the present one."""
        self.sections[1].unfold()
        self.variations.more_like_this()

    def set_look_a(self) -> None:
        """Keep the look as one end of the slider between two."""
        self.morph.set_end("A")

    def set_look_b(self) -> None:
        """Keep the look as the other end."""
        self.morph.set_end("B")

    def unlock_sliders(self) -> None:
        """Hold no number any more."""
        self.numbers.lock(frozenset())

    def reset_look(self) -> None:
        """All numbers that are not locked to zero."""
        self.numbers.reset()

    def copy_look(self) -> None:
        """Put the look on the clipboard."""
        self.source.copy_look()

    def paste_look(self) -> None:
        """Take a look from the clipboard."""
        self.source.paste_look()


def _stacked(*parts: QWidget) -> QWidget:
    whole = QWidget()
    column(whole, *parts).setContentsMargins(6, 0, 0, 0)
    return whole
