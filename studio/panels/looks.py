"""Where the look comes from: the photo, another one, dice, a mix, or region by region."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from engine.appearance import Appearance, FromPhoto, Mix, Parts, Sampled
from engine.card import Card
from engine.perception.base import Reading
from studio.dialogs import dropped_file
from studio.editors.pose.document import PoseDocument
from studio.panels.look_pages import (
    REGION_WORDS,
    WIDE_NAME,
    DicePage,
    MixPage,
    PartsPage,
    SourceCard,
    column,
    show_name,
    thrown_seed,
    translated,
)
from studio.theme import ICON_SIDE, Tokens, icon

Taken = Callable[[Appearance | None], None]
"""Called with a look that was chosen; None = the photo's own."""


KINDS: dict[str, tuple[str, str, str, frozenset[str]]] = {
    "own": ("Photo", "mdi6.account", "The look of this photo", frozenset()),
    "other": ("Other", "mdi6.account-switch", "The look of another photo", frozenset()),
    "dice": ("Invent", "mdi6.dice-5-outline", "An invented look", frozenset({"Sampled"})),
    "mix": ("Mix", "mdi6.tune-variant", "Between two looks", frozenset({"Mix"})),
    "parts": ("Regions", "mdi6.human-handsdown", "Each region its own", frozenset({"Parts"})),
}
"""Word, icon and tooltip of each page, and what the painter must take for it."""


def kind_of(look: Appearance | None) -> str:
    """The page that shows a look."""
    match look:
        case None:
            return "own"
        case FromPhoto():
            return "other"
        case Sampled():
            return "dice"
        case Mix():
            return "mix"
        case Parts():
            return "parts"
        case _:
            return "own"


class LookPanel(QWidget):
    """Pages for the kinds of looks that the painter takes; every choice is one undo step.

    Signals:
        photo_wanted: a photo has to be chosen; carries what is called with its Reading.
        photo_dropped: the path of a photo whose person's look is wanted.
        more_wanted: a choice of invented looks is asked for.
    """

    photo_wanted = Signal(object)
    photo_dropped = Signal(object)
    more_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.document: PoseDocument | None = None
        self._names: dict[str, str] = {}
        self._takes: frozenset[str] = frozenset()
        self.kinds = {name: self._kind_button(name) for name in KINDS}
        self.group = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(0)
        for button in self.kinds.values():
            self.group.addButton(button)
            row.addWidget(button, 1)
        self.own, self.other = SourceCard(), SourceCard()
        self.choose_other = QPushButton(self.tr("Take look from photo…"))
        self.dice, self.mix, self.parts = DicePage(), MixPage(), PartsPage()
        self.pages = QStackedWidget()
        other_page = QWidget()
        other_column = column(other_page, self.other, self.choose_other)
        other_column.addStretch()
        for page in (self.own, other_page, self.dice, self.mix, self.parts):
            self.pages.addWidget(page)
        column(self, row, self.pages).setContentsMargins(6, 0, 0, 0)
        self._connect()
        self.setAcceptDrops(True)

    def _kind_button(self, name: str) -> QToolButton:
        word, _, tip, _ = KINDS[name]
        button = QToolButton()
        button.setCheckable(True)
        button.setText(translated(word))
        button.setToolTip(translated(tip))
        button.setObjectName("kind")
        button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.choose_kind(name))
        return button

    def _connect(self) -> None:
        self.choose_other.clicked.connect(self.take_from_photo)
        self.dice.throw.clicked.connect(self.throw_dice)
        self.dice.here.clicked.connect(self.dice_here)
        self.dice.seed.valueChanged.connect(self._seed_typed)
        self.dice.more.clicked.connect(self.more_wanted)
        self.mix.share.valueChanged.connect(self._share_moved)
        self.mix.first.chosen.connect(lambda kind: self._pick(kind, self._mix_first))
        self.mix.second.chosen.connect(lambda kind: self._pick(kind, self._mix_second))
        for region, source in self.parts.sources.items():
            source.chosen.connect(
                lambda kind, region=region: self._pick(
                    kind, lambda look, region=region: self._set_region(region, look)
                )
            )

    # What is shown

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        for name, button in self.kinds.items():
            button.setIcon(icon(KINDS[name][1], tokens))
        self.dice.throw.setIcon(icon("mdi6.dice-5", tokens, tokens.on_accent))

    def follow(self, document: PoseDocument) -> None:
        """Show another document's look."""
        self.document = document
        self._names[document.reading.photo.digest] = document.origin.name
        document.look_changed.connect(self.refresh)
        document.shape_changed.connect(self._pose_changed)
        self.refresh()

    def offer(self, card: Card | None) -> None:
        """Show the kinds of looks that a painter takes."""
        self._takes = frozenset(card.takes if card else ())
        for name, button in self.kinds.items():
            button.setVisible(KINDS[name][3] <= self._takes)
        for source in (self.mix.first, self.mix.second, *self.parts.sources.values()):
            source.allow_invented("Sampled" in self._takes)
        self.refresh()

    def refresh(self) -> None:
        """Show the document's look."""
        if self.document is not None:
            self.show_kind(kind_of(self.document.look))

    def _pose_changed(self) -> None:
        look = self.document.look if self.document else None
        if self.document is not None and isinstance(look, Sampled):
            self.dice.show_look(look, look.shape == self.document.pose)

    def show_kind(self, kind: str) -> None:
        """Show the page of a kind, filled with the document's look if that is of this kind."""
        document = self.document
        if document is None:
            return
        look = document.look
        self.kinds[kind].setChecked(True)
        self.pages.setCurrentIndex(list(KINDS).index(kind))
        own = document.own
        for index in range(self.pages.count()):  # only the page that is seen takes room
            page = self.pages.widget(index)
            assert page is not None
            seen = page is self.pages.currentWidget()
            policy = QSizePolicy.Policy.Preferred if seen else QSizePolicy.Policy.Ignored
            page.setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        self.pages.updateGeometry()
        self.own.show_look(own, self._named(own))
        if isinstance(look, FromPhoto):
            self.other.show_look(look, self._named(look))
        if isinstance(look, Sampled):
            self.dice.show_look(look, look.shape == document.pose)
        mix = self._now_mixed()
        self.mix.show_look(mix, self._named(mix.a), self._named(mix.b))
        parts = self._now_parts()
        whole = self.tr("As a whole: {0}").format(self._named(parts.default))
        show_name(self.parts.whole, whole, WIDE_NAME)
        regions = dict(parts.regions)
        for region, source in self.parts.sources.items():
            inner = regions.get(region)
            source.show_look(inner, self._named(inner) if inner else self.tr("As a whole"))
        self.other.setVisible(isinstance(look, FromPhoto))

    def _named(self, look: Appearance) -> str:
        match look:
            case FromPhoto(photo, _, _):
                return self._names.get(photo.digest, self.tr("Photo"))
            case Sampled(seed, _):
                return self.tr("Invented {0}").format(seed)
            case _:
                return self.tr("Mixed")

    # What is chosen

    def choose_kind(self, kind: str) -> None:
        """A page was asked for; kinds that need nothing more take effect at once."""
        if self.document is None:
            return
        if kind == kind_of(self.document.look):
            self.show_kind(kind)
        elif kind == "own":
            self._set(None, self.tr("Look of this photo"))
        elif kind == "other":
            self.show_kind("other")
            self.take_from_photo()
        elif kind == "dice":
            self.throw_dice()
        else:
            self.show_kind(kind)

    def own_look(self) -> None:
        """Back to the look of the photo."""
        self.choose_kind("own")

    def take_from_photo(self) -> None:
        """Ask for a photo and take its person's look."""
        self.photo_wanted.emit(self.take_reading)
        self.refresh()

    def take_reading(self, reading: Reading, name: str) -> None:
        """Take the look of a photo's person."""
        self._set(self.look_of(reading, name), self.tr("Look of {0}").format(name))

    def look_of(self, reading: Reading, name: str) -> FromPhoto:
        """The look of a reading, remembered by its photo's name."""
        self._names[reading.photo.digest] = name
        return FromPhoto(reading.photo, reading.pose, reading.mask)

    def throw_dice(self) -> None:
        """Invent another look at this pose; it is held while joints move."""
        if self.document is not None and "Sampled" in self._takes:
            self._set(Sampled(thrown_seed(), self.document.pose), self.tr("Invent a look"))

    def dice_here(self) -> None:
        """The same dice throw, drawn for the pose as it is now."""
        document = self.document
        if document is not None and isinstance(document.look, Sampled):
            look = Sampled(document.look.seed, document.pose)
            self._set(look, self.tr("Invent again at this pose"))

    def _seed_typed(self, seed: int) -> None:
        document = self.document
        if document is not None and isinstance(document.look, Sampled):
            look = Sampled(seed, document.look.shape)
            self._set(look, self.tr("Invent a look"), "seed")

    def _share_moved(self, percent: int) -> None:
        if self.document is not None and isinstance(self.document.look, Mix):
            mix = self.document.look
            self._set(Mix(mix.a, mix.b, percent / 100), self.tr("Mix looks"), "share")

    def _mix_first(self, look: Appearance | None) -> None:
        now = self._now_mixed()
        self._set(Mix(look or self._own, now.b, now.t), self.tr("Mix looks"))

    def _mix_second(self, look: Appearance | None) -> None:
        now = self._now_mixed()
        self._set(Mix(now.a, look or self._own, now.t), self.tr("Mix looks"))

    @property
    def _own(self) -> FromPhoto:
        assert self.document is not None
        return self.document.own

    def _now_mixed(self) -> Mix:
        """The document's mix, or one of its look with itself."""
        look = self.document.look if self.document else None
        return look if isinstance(look, Mix) else Mix(self._single, self._single, 0.5)

    def _now_parts(self) -> Parts:
        """The document's regions, or its look without any."""
        look = self.document.look if self.document else None
        return look if isinstance(look, Parts) else Parts(self._single, ())

    @property
    def _single(self) -> Appearance:
        """What a mix or regions begin with: the look, unless that is put together itself."""
        look = self.document.look if self.document else None
        return look if isinstance(look, FromPhoto | Sampled) else self._own

    def _set_region(self, region: str, look: Appearance | None) -> None:
        document = self.document
        if document is None:
            return
        now = self._now_parts()
        regions = {name: inner for name, inner in now.regions if name != region}
        if look is not None:
            regions[region] = look
        whole = None if now.default == document.own else now.default
        text = self.tr("{0} of another look").format(translated(REGION_WORDS[region]))
        self._set(Parts(now.default, tuple(regions.items())) if regions else whole, text)

    def _pick(self, kind: str, taken: Taken) -> None:
        """One source out of a small menu: the photo's own, another photo's, or invented."""
        document = self.document
        if document is None:
            return
        if kind == "photo":
            self.photo_wanted.emit(lambda reading, name: taken(self.look_of(reading, name)))
        elif kind == "dice":
            taken(Sampled(thrown_seed(), document.pose))
        else:
            taken(None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.document is not None and dropped_file(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.photo_dropped.emit(path)

    def _set(self, look: Appearance | None, text: str, merge: str = "") -> None:
        if self.document is not None:
            self.document.change_look(look, text, merge)
