"""The look of an object, of a label or of the scene: pictures, dice, dropper, sliders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engine import registry
from engine.appearance import Appearance, FromPhoto, Sampled, Vector
from engine.errors import GuiseError
from engine.scene_looks import class_looks
from engine.shapes.label_sets import cityscapes
from studio.actions import Command
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.names import label_name, object_name
from studio.editors.scene.targets import Scope, Target, own_look, seen_look, with_own
from studio.panels.latent_sliders import CentredSlider
from studio.panels.look_pages import thrown_seed
from studio.panels.scene_look_grid import LookGrid
from studio.panels.variations_painting import SmallPictures
from studio.theme import ICON_SIDE, Tokens, icon
from studio.worker import Bridge

COMMANDS: tuple[Command, ...] = (
    Command("throw_dice", "Invent a look", "Look", ("D",), "mdi6.dice-5-outline", rule=True),
    Command("look_from_photo", "Take look from photo…", "Look", ("Ctrl+L",)),
    Command(
        "look_from_object",
        "Take look of another object",
        "Look",
        ("K",),
    ),
    Command("reset_look", "Reset look", "Look", ("Ctrl+Alt+R",)),
)
MENU = "Look"
_ICONS = ("mdi6.dice-5-outline", "mdi6.image-outline", "mdi6.eyedropper-variant", "mdi6.restore")
_SEEDS = 9
_LONGEST = 512
_AROUND = 0.2
"""Of an object's size: what is seen around it in its small pictures."""
_SCALE = 100
"""Slider steps in 1; the numbers of these looks lie within -1..1."""


class SceneLook(QWidget):
    """Follows the selection: without one, it is about the whole scene. Every choice is one step.

    Attributes:
        COMMANDS: commands whose methods are the panel's.

    Signals:
        photo_wanted: a photo has to be chosen; :meth:`take_photo` takes it.
        said: a sentence that helps.
    """

    COMMANDS = COMMANDS

    photo_wanted = Signal()
    said = Signal(str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._board: SceneBoard | None = None
        self._looks: Mapping[int, tuple[Vector, ...]] = {}
        self._model = ""
        self._target = Target(Scope.scene)
        self._scope: Scope | None = None
        self._pictures: SmallPictures | None = None
        self._about = QLabel()
        self._kinds = QButtonGroup(self)
        self.grid = LookGrid()
        self.grid.chosen.connect(lambda look: self._choose(look, self.tr("Choose look")))
        self._actions = QHBoxLayout()
        self._actions.setSpacing(2)
        self.sliders: list[CentredSlider] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._note = QLabel(self.tr("This painter gives the whole scene one look."), wordWrap=True)
        self._note.setObjectName("caption")
        self._buttons: dict[Scope, QToolButton] = {}
        self._lay_out()

    def _lay_out(self) -> None:
        kinds = QHBoxLayout()
        kinds.setSpacing(4)
        words = {
            Scope.thing: self.tr("Object"),
            Scope.label: self.tr("All alike"),
            Scope.scene: self.tr("Scene"),
        }
        for scope, word in words.items():
            button = QToolButton()
            button.setText(word)
            button.setCheckable(True)
            button.setObjectName("view")
            button.clicked.connect(lambda _, scope=scope: self.aim(scope))
            self._kinds.addButton(button)
            self._buttons[scope] = button
            kinds.addWidget(button)
        kinds.addStretch()
        self._about.setObjectName("muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(kinds)
        layout.addWidget(self._about)
        layout.addWidget(self.grid)
        layout.addLayout(self._actions)
        layout.addLayout(self._column)
        layout.addWidget(self._note)
        for command in COMMANDS:
            button = QToolButton()
            button.setObjectName(command.name)
            button.clicked.connect(getattr(self, command.name))
            self._actions.addWidget(button)
        self._actions.addStretch()

    def follow(self, board: SceneBoard) -> None:
        """Show the looks of a board's scene, for its whole life."""
        self._board, board.seen_look = board, self._seen_look
        board.document.look_changed.connect(self._look_changed)
        board.document.selection_changed.connect(self._selection_changed)
        board.choice.changed.connect(self._retarget)
        self._look_changed()

    def let_go(self) -> None:
        """Ask the engine for nothing more."""
        if self._pictures is not None:
            self._pictures.let_go()
            self._pictures = None

    def dress(self, tokens: Tokens) -> None:
        """Colours of the theme."""
        self.grid.dress(tokens)
        words = (
            self.tr("Invent a look"),
            self.tr("Take look from photo…"),
            self.tr("Take look of another object"),
            self.tr("Reset look"),
        )
        for command, word, name in zip(COMMANDS, words, _ICONS, strict=True):
            button = self.findChild(QToolButton, command.name)
            assert isinstance(button, QToolButton)
            button.setIcon(icon(name, tokens))
            button.setToolTip(f"{word.rstrip('…')}  ({command.keys[0]})")
            button.setFixedSize(ICON_SIDE + 14, ICON_SIDE + 14)
        for slider in self.sliders:
            slider.tokens = tokens

    # What it is about

    @property
    def target(self) -> Target:
        """Whose look is shown."""
        return self._target

    @property
    def label(self) -> int | None:
        """The label whose looks are offered; None = the scene's."""
        assert self._board is not None
        match self._target:
            case Target(Scope.label, label):
                return label
            case Target(Scope.thing, number):
                one = self._board.document.scene.instances.get(number)
                return None if one is None else one.label
            case _:
                return None

    @property
    def about(self) -> str:
        """Whose look it is, in words."""
        return self._about.text()

    @property
    def knows_streets(self) -> bool:
        """Whether parts of photos of streets can lend their looks."""
        board = self._board
        assert board is not None
        return bool(self._looks) and board.scene.label_set.digest == cityscapes().digest

    def aim(self, scope: Scope) -> None:
        """Be about the selected object, its label, or the scene."""
        self._scope = scope
        self._retarget()

    def _selection_changed(self) -> None:
        self._scope = None
        self._retarget()

    def _retarget(self) -> None:
        target = self._meant()
        for scope, button in self._buttons.items():
            button.setChecked(scope is target.scope)
        if target != self._target:
            self._target = target
            self._renew()
        self._refresh()

    def _meant(self) -> Target:
        board = self._board
        assert board is not None
        selected = board.document.selected
        one = board.document.scene.instances.get(selected) if selected is not None else None
        self._buttons[Scope.thing].setEnabled(one is not None and bool(self._looks))
        self._buttons[Scope.label].setEnabled(bool(self._looks))
        scope = self._scope or (Scope.thing if one is not None else Scope.scene)
        if not self._looks or (scope is Scope.thing and one is None):
            scope = Scope.scene
        if scope is Scope.label:
            return Target(scope, board.choice.label if one is None else one.label)
        return Target(scope, one.id if scope is Scope.thing and one is not None else 0)

    # What is offered

    def _look_changed(self) -> None:
        assert self._board is not None
        if self._board.document.model != self._model:
            self._model = self._board.document.model
            self._looks = _looks_of(self._model)
            self._note.setVisible(not self._looks)
            self._build_sliders()
            self._renew()
        self._retarget()

    def _offered(self) -> Sequence[Appearance]:
        """The looks to choose from, always the same for a target."""
        label = self.label
        known = self._looks.get(label, ()) if label is not None else ()
        return known or tuple(Sampled(seed) for seed in range(1, _SEEDS + 1))

    def _renew(self) -> None:
        """Other looks to choose from; their pictures come when nothing else is painted."""
        self.let_go()
        board = self._board
        if board is None:
            return
        looks = self._offered()
        self.grid.offer(looks)
        self._pictures = SmallPictures(self._bridge)
        self._pictures.longest = _LONGEST
        self._pictures.follow(board.document)
        self._pictures.painted.connect(lambda row, image: self.grid.put(row, self._seen(image)))
        now = board.document.look
        self._pictures.want({n: with_own(now, self._target, one) for n, one in enumerate(looks)})
        self._pictures.activate(self.isVisible())

    def _seen(self, image: QImage) -> QImage:
        """The part of a painted scene that shows the target."""
        assert self._board is not None
        scene = self._board.document.scene
        one = scene.instances.get(self._target.number)
        if self._target.scope is not Scope.thing or one is None:
            return image
        step = image.width() / scene.size[0]
        left, top, right, bottom = (side * step for side in one.box)
        side = max(right - left, (bottom - top) * 4 / 3) * (1 + 2 * _AROUND)
        corner = (left + right - side) / 2, (top + bottom - side * 0.75) / 2
        place = QRect(int(corner[0]), int(corner[1]), max(int(side), 8), max(int(side * 0.75), 6))
        return image.copy(place.intersected(image.rect()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._pictures is not None:
            self._pictures.activate(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._pictures is not None:
            self._pictures.activate(False)

    # What is chosen

    def _seen_look(self, label: int, thing: int) -> Appearance | None:
        """What an object of a label is painted with; None = only the painter knows."""
        assert self._board is not None
        return seen_look(self._board.document.look, self._looks, label, thing)

    def _look_of_object(self, number: int) -> Appearance | None:
        assert self._board is not None
        one = self._board.document.scene.instances.get(number)
        return None if one is None else self._seen_look(one.label, number)

    def _own(self) -> Appearance | None:
        assert self._board is not None
        return own_look(self._board.document.look, self._target)

    def _choose(self, own: Appearance | None, text: str, merge: str = "") -> None:
        board = self._board
        assert board is not None
        board.document.change_look(with_own(board.document.look, self._target, own), text, merge)

    def _refresh(self) -> None:
        board = self._board
        assert board is not None
        scene, target = board.document.scene, self._target
        match target.scope:
            case Scope.thing:
                about = object_name(scene, target.number)
            case Scope.label:
                about = self.tr("Everything labelled {0}").format(
                    label_name(scene.label_set, target.number)
                )
            case _:
                about = self.tr("The whole scene")
        self._about.setText(about)
        seen = self._own()
        if target.scope is Scope.thing:
            seen = self._look_of_object(target.number)
        self.grid.show_own(seen)
        self._show_values(seen)

    def _build_sliders(self) -> None:
        for slider in self.sliders:
            self._column.removeWidget(slider)
            slider.deleteLater()
        count = len(next(iter(self._looks.values()))[0].values) if self._looks else 0
        self.sliders = [CentredSlider() for _ in range(count)]
        for n, slider in enumerate(self.sliders):
            slider.setRange(-_SCALE, _SCALE)
            slider.setAccessibleName(self.tr("Slider {0}").format(n + 1))
            slider.valueChanged.connect(self._slid)
            slider.reset_wanted.connect(lambda slider=slider: slider.setValue(0))
            self._column.addWidget(slider)

    def _show_values(self, own: Appearance | None) -> None:
        """The numbers of a look, where it has some."""
        single = self._target.scope is not Scope.scene
        values = own.values if isinstance(own, Vector) else ()
        for n, slider in enumerate(self.sliders):
            slider.setVisible(single)
            if n < len(values) and not slider.isSliderDown():
                slider.blockSignals(True)
                slider.setValue(round(values[n] * _SCALE))
                slider.blockSignals(False)

    def _slid(self) -> None:
        values = tuple(slider.value() / _SCALE for slider in self.sliders)
        self._choose(Vector(values), self.tr("Move slider"), f"sliders {self._target}")

    # Commands

    def throw_dice(self) -> None:
        """Another invented look."""
        self._choose(Sampled(thrown_seed()), self.tr("Invent a look"))

    def reset_look(self) -> None:
        """The look that it has by itself."""
        self._choose(None, self.tr("Reset look"))

    def look_from_photo(self) -> None:
        """Ask for a photo and take its look."""
        self.photo_wanted.emit()

    def take_photo(self, look: FromPhoto) -> None:
        """The look of a photo, with its label map or with what is marked in it."""
        self._choose(look, self.tr("Look of a photo"))

    def look_from_object(self) -> None:
        """The object that is clicked next lends its look."""
        board = self._board
        assert board is not None
        if self._target.scope is Scope.scene:
            self.said.emit(self.tr("Select an object first, then take the look of another one."))
            return
        board.lend_to(self._take_from)
        self.said.emit(self.tr("Click the object whose look is wanted; Esc ends."))

    def _take_from(self, number: int) -> None:
        assert self._board is not None
        lent = self._look_of_object(number)
        if lent is None:
            text = self.tr("This object has no look of its own yet; choose one for it first.")
            self.said.emit(text)
        else:
            self._choose(lent, self.tr("Look of another object"))


def model_path(model: str) -> Path | None:
    """The file of a model; None if there is none."""
    return next((one.path for one in registry.catalogue() if one.card.id == model), None)


def _looks_of(model: str) -> dict[int, tuple[Vector, ...]]:
    """The looks of labels that a model offers; none if its looks are for whole scenes."""
    path = model_path(model)
    try:
        return class_looks(path) if path is not None else {}
    except GuiseError:
        return {}
