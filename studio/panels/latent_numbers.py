"""The look of a drawing's picture as numbers: what sliders, dice and pads change together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from PySide6.QtCore import QObject, Signal

from engine.appearance import Appearance, Mix, Sampled, Vector
from engine.card import Card
from engine.vectors import (
    FARTHEST,
    Directions,
    along,
    around,
    between,
    holding,
    numbers_of,
    plain,
    resolved,
    thrown,
    told_directions,
)
from studio.document import Document
from studio.editors.sketch.document import FIRST_LOOK
from studio.panels.look_pages import SEEDS, thrown_seed

SPREAD = 0.6
"""How far looks like this one lie around it."""


class LookNumbers(QObject):
    """The numbers of a document's look; every change of them is one undo step.

    Numbers that are locked stay as they are, whatever else is asked for, until a look is adopted
    as a whole or a step is undone.

    Attributes:
        count: how many numbers the painter's looks have; 0 = it knows no numbers.
        directions: what they do; None = not known yet.
        tracks: the item's colours along each number, from one end to the other, where known.
        locked: those that are held.
        seed: the last throw of the dice.

    Signals:
        changed: the look, what is known of it, or what is locked is another one.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.document: Document | None = None
        self.card: Card | None = None
        self.count = 0
        self.directions: Directions | None = None
        self.tracks: Mapping[int, Sequence[tuple[int, int, int]]] = {}
        self.locked: frozenset[int] = frozenset()
        self.seed = 1
        self._gestures = count()

    def follow(self, document: Document) -> None:
        """Change another document's look."""
        self.document = document
        document.look_changed.connect(self._look_changed)
        self._look_changed()

    def offer(self, card: Card | None) -> None:
        """Work for another painter."""
        if card == self.card:
            return
        self.card, self.count = card, numbers_of(card)
        self.locked, self.tracks = frozenset(), {}
        self.directions = told_directions(card) if card else None
        self.changed.emit()

    def learn(self, directions: Directions) -> None:
        """What the numbers do was found out."""
        self.directions = directions
        self.changed.emit()

    def show_tracks(self, tracks: Mapping[int, Sequence[tuple[int, int, int]]]) -> None:
        """The item's colours along the numbers were found out."""
        self.tracks = tracks
        self.changed.emit()

    def _look_changed(self) -> None:
        look = self.document.look if self.document else None
        if isinstance(look, Sampled):
            self.seed = look.seed
        self.changed.emit()

    # What is known

    @property
    def look(self) -> Appearance:
        """The look as it is asked for."""
        return (self.document.look if self.document else None) or FIRST_LOOK

    @property
    def now(self) -> Vector:
        """The look as numbers; the plain one where only the painter knows them."""
        return resolved(self.look, self.count) or plain(self.count)

    @property
    def shown(self) -> tuple[int, ...]:
        """The numbers that do something, as far as is known."""
        idle = self.directions.idle if self.directions else frozenset()
        return tuple(n for n in range(self.count) if n not in idle)

    def takes(self, kind: str) -> bool:
        """Whether the painter takes a kind of look."""
        return self.card is not None and kind in self.card.takes

    @property
    def can_throw(self) -> bool:
        """Whether looks can be invented."""
        return bool(self.count) or self.takes("Sampled")

    @property
    def can_lend(self) -> bool:
        """Whether a photo can lend its look."""
        return bool(self.count) or self.takes("FromPhoto")

    @property
    def can_mix(self) -> bool:
        """Whether there are looks between two others."""
        return bool(self.count) or self.takes("Mix")

    def gesture(self) -> str:
        """A name under which the changes of one gesture become one step."""
        return f"look {next(self._gestures)}"

    # What is changed

    def put(self, look: Appearance, text: str, merge: str = "") -> None:
        """Another look, as it is: nothing is held."""
        if self.document is not None:
            self.document.change_look(look, text, merge)

    def move(self, look: Vector, text: str, merge: str = "") -> None:
        """Another look, but for what is locked."""
        if self.document is not None and self.count:
            self.put(holding(look, self.now, self.locked), text, merge)

    def set_number(self, number: int, value: float, merge: str = "") -> None:
        """Another value for one number."""
        values = list(self.now.values)
        values[number] = min(max(value, -FARTHEST), FARTHEST)
        text = self.tr("Slider {0}").format(number + 1)
        self.move(Vector(tuple(values)), text, merge)

    def throw_number(self, number: int) -> None:
        """The dice for one number alone."""
        self.set_number(number, thrown(thrown_seed(), 1).values[0])

    def move_along(self, steps: Sequence[tuple[Sequence[float], float]], merge: str) -> None:
        """The look moved along directions by so much each."""
        look = self.now
        for axis, distance in steps:
            look = along(look, axis, distance)
        self.move(look, self.tr("Move on the pad"), merge)

    def invented(self, seed: int) -> Appearance:
        """The look of a throw of the dice, but for what is locked."""
        if self.takes("Sampled") and not self.locked:
            return Sampled(seed)
        return holding(thrown(seed, self.count), self.now, self.locked)

    def alike(self, seed: int) -> Vector:
        """A look like the present one."""
        return holding(around(self.now, seed, SPREAD), self.now, self.locked)

    def mixed(self, a: Appearance, b: Appearance, share: float) -> Appearance:
        """The look at a share of the way between two, in a form that the painter takes."""
        one, two = (resolved(look, self.count) if self.count else None for look in (a, b))
        if not (one and two) or (self.takes("Mix") and not self.locked):
            return Mix(a, b, share)
        return holding(between(one, two, share), self.now, self.locked)

    def mix(self, a: Appearance, b: Appearance, share: float, merge: str) -> None:
        """Go to a share of the way between two looks."""
        self.put(self.mixed(a, b, share), self.tr("Mix looks"), merge)

    def throw(self) -> None:
        """Invent another look."""
        self.throw_seed(thrown_seed())

    def throw_seed(self, seed: int, merge: str = "") -> None:
        """The look of a throw."""
        if self.can_throw:
            self.seed = seed % SEEDS
            self.put(self.invented(self.seed), self.tr("Invent a look"), merge)
            self.changed.emit()

    def reset(self) -> None:
        """All numbers that are not locked to zero."""
        if self.count:
            self.move(plain(self.count), self.tr("Reset look"))
        else:
            self.put(FIRST_LOOK, self.tr("Reset look"))

    def lock(self, numbers: frozenset[int]) -> None:
        """Hold these numbers, and no others."""
        if numbers != self.locked:
            self.locked = numbers
            self.changed.emit()

    def toggle_lock(self, number: int) -> None:
        """Hold a number, or let it go."""
        self.lock(self.locked ^ {number})
