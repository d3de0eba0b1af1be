"""What the label tools share: the document, the sheet that is ahead of it, colours and rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QColor

from engine.appearance import Appearance
from engine.shapes.label_paint import Ink, Rules
from engine.shapes.labels import LabelMap
from studio.canvas.transform import ViewTransform
from studio.editors.canvas_board import CanvasBoard
from studio.editors.scene.choice import LabelChoice
from studio.editors.scene.colouring import Colouring
from studio.editors.scene.document import SceneDocument
from studio.editors.scene.looks import SeenLook, copied
from studio.editors.scene.options import SceneOptions
from studio.editors.scene.sheet import LabelSheet

_DOT = 1.0
"""Pane points to a dot of a pattern."""


class SceneBoard(CanvasBoard):
    """One scene to paint labels on.

    Signals:
        said: a sentence that helps.

    Attributes:
        sheet: the map as it is shown, ahead of the document while a gesture lasts.
        choice: what is painted, and which labels may not be touched.
        seen_look: what an object of a label is painted with; whoever knows the painter's looks
            puts it here.
    """

    document: SceneDocument
    options: SceneOptions

    said = Signal(str)

    def __init__(
        self,
        document: SceneDocument,
        view: ViewTransform,
        options: SceneOptions,
        accent: QColor,
        touched: Callable[[QRectF | None], None],
    ) -> None:
        super().__init__(document, view, options, accent, touched)
        self.choice = LabelChoice(document.scene.label_set)
        self._style = self._styled()
        self.sheet = LabelSheet(document.scene, Colouring(document.scene.label_set, *self._style))
        self._ahead = False
        self.seen_look: SeenLook = lambda _label, _thing: None
        self._lending: Callable[[int], None] | None = None

    @property
    def scene(self) -> LabelMap:
        """The map as it is now, a gesture in progress included."""
        return self.sheet.scene

    @property
    def busy(self) -> bool:
        """Whether a gesture has changed the map."""
        return self._ahead

    @property
    def rules(self) -> Rules:
        """What may be painted over."""
        return self.choice.rules(self.options.new_wins)

    def ink(self, erasing: bool) -> Ink:
        """What a gesture that begins now paints."""
        return Ink(self.scene.label_set.void) if erasing else self.choice.ink(self.scene)

    def rules_for(self, ink: Ink) -> Rules:
        """What an ink may cover; where nothing is wanted, old objects do not stay in front."""
        erasing = ink.label == self.scene.label_set.void
        return self.choice.rules(erasing or self.options.new_wins)

    # Lending

    @property
    def lending(self) -> bool:
        """Whether the next click picks an object for somebody else."""
        return self._lending is not None

    def lend_to(self, taken: Callable[[int], None] | None) -> None:
        """The object that is clicked next goes to a function; None = it does not any more."""
        self._lending = taken
        self.changed()

    def lend(self, at: QPointF) -> None:
        """Hand over the object at a place in the pane, if there is one."""
        taken, self._lending = self._lending, None
        found = self.scene.at(self.point(at))
        if taken is not None and found is not None and found[1]:
            taken(found[1])

    # Gestures

    def show(self, scene: LabelMap) -> None:
        """What the gesture has made so far: seen at once, told to the document soon."""
        self._ahead = True
        self._show(scene)
        self.tell_later()

    def commit(self, text: str) -> None:
        """End the gesture: one step of the history, if it changed anything."""
        self._soon.stop()
        if self._ahead:
            self._ahead = False
            self.document.preview(self.scene)
            self.document.commit(text)

    def finish(self, text: str, ink: Ink) -> None:
        """End a gesture that painted: an object that it began is picked, to be painted on."""
        painted = self._ahead
        self.commit(text)
        if painted and ink.object:
            self.choice.choose(ink.label, ink.object)
            self.document.select(ink.object)

    def abort(self) -> bool:
        """Take the gesture back; False if it changed nothing."""
        ahead = self._ahead
        self._settle()
        aborted = self.document.abort()
        self._show(self.document.scene)
        return ahead or aborted

    def change(self, scene: LabelMap, text: str, merge: str = "") -> None:
        """One complete edit."""
        self._settle()
        self.document.change(scene, text, merge)
        self._show(self.document.scene)

    def change_all(self, scene: LabelMap, look: Appearance | None, text: str) -> None:
        """One complete edit, with the looks that go along."""
        self._settle()
        self.document.change_all(scene, look, text)
        self._show(self.document.scene)

    def look_with_copies(self, old: int, new: Iterable[int]) -> Appearance | None:
        """The scene's look, in which further objects look like one that is there."""
        label = self.document.scene.instances[old].label
        return copied(self.document.look, label, old, new, self.seen_look)

    def _settle(self) -> None:
        self._soon.stop()
        self._ahead = False

    def _tell(self) -> None:
        self.document.preview(self.scene)

    def follow_document(self) -> None:
        """Show the document's map, unless the hand is ahead of it."""
        if not self._ahead:
            self._show(self.document.scene)

    def _show(self, scene: LabelMap) -> None:
        place = self.sheet.show(scene)
        if not place.isEmpty():
            self.touched(self.pane(place))

    # Colours

    def restyle(self) -> None:
        """Other labels are hidden, or options say how the map looks; nothing if it looks alike."""
        style = self._styled()
        if style != self._style:
            self._style = style
            self.sheet.dress(Colouring(self.scene.label_set, *style))
            self.changed()

    def _styled(self) -> tuple[frozenset[int], int, bool]:
        """What the colours depend on: hidden labels, dots of patterns, edges of objects."""
        options = self.options
        dot = max(1, round(_DOT / self.view.scale)) if options.patterns else 0
        return self.choice.hidden, dot, options.outlines
