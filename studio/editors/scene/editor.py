"""The scene editor: what its menus and its keys do to the document."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from engine.errors import GuiseError
from engine.shapes import label_objects
from engine.shapes.labels import LabelMap
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.commands import TOOL_COMMANDS
from studio.editors.scene.document import SceneDocument
from studio.editors.scene.options import SceneOptions
from studio.editors.scene.tools import SceneTools

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FAR = 10
"""Pixels of a nudge with Shift; notches of a much larger brush."""


class SceneEditor(QObject):
    """Commands on the labels of one document; each one ends the gesture in progress first.

    Signals:
        said: a sentence that helps.
        templates_wanted, import_wanted, export_wanted, photo_wanted, sets_wanted: the person wants
            to choose.
    """

    said = Signal(str)
    templates_wanted = Signal()
    import_wanted = Signal()
    export_wanted = Signal()
    photo_wanted = Signal()
    sets_wanted = Signal()

    def __init__(self, document: SceneDocument, tools: SceneTools) -> None:
        super().__init__()
        self._document, self._tools = document, tools
        tools.board.said.connect(self.said)

    @property
    def _board(self) -> SceneBoard:
        return self._tools.board

    @property
    def _options(self) -> SceneOptions:
        return self._board.options

    def _at_rest(self) -> SceneDocument:
        """The document, with no gesture in progress."""
        self._tools.settle()
        return self._document

    def checked(self) -> dict[str, bool]:
        """Which switches and tools are on, by the names of their commands."""
        options = self._options
        tools = {name: tool == options.tool for tool, name in TOOL_COMMANDS.items()}
        return {
            **tools,
            "new_wins": options.new_wins,
            "erase_behind": options.behind,
            "show_patterns": options.patterns,
            "show_outlines": options.outlines,
            "show_names": options.names,
        }

    def enabled(self) -> dict[str, bool]:
        """Which commands mean something now."""
        chosen = self._selected is not None
        names = ("duplicate_object", "split_object", "label_object")
        return {
            **dict.fromkeys(names, chosen),
            "delete_object": chosen or self._tools.polygon.busy,
            "merge_objects": len(self._picked()) > 1,
            "new_object": self._thing_chosen,
            "next_object": bool(self._document.scene.instances),
            "previous_object": bool(self._document.scene.instances),
            "remove_scene_photo": self._document.reference is not None,
        }

    @property
    def _thing_chosen(self) -> bool:
        choice = self._board.choice
        return choice.label_set[choice.label].things

    # History

    def undo(self) -> None:
        """One gesture back; a gesture in progress is taken back instead."""
        if not self._tools.cancel():
            self._document.undo.undo()

    def redo(self) -> None:
        """One gesture forward."""
        self._at_rest().undo.redo()

    # Tools and switches

    def label_select(self) -> None:
        """Select, move, scale and turn objects."""
        self._options.set("tool", "select")

    def label_brush(self) -> None:
        """Paint freely."""
        self._options.set("tool", "brush")

    def label_eraser(self) -> None:
        """Erase."""
        self._options.set("tool", "eraser")

    def label_line(self) -> None:
        """Paint straight lines."""
        self._options.set("tool", "line")

    def label_rectangle(self) -> None:
        """Paint rectangles."""
        self._options.set("tool", "rectangle")

    def label_polygon(self) -> None:
        """Paint between clicked corners."""
        self._options.set("tool", "polygon")

    def label_lasso(self) -> None:
        """Paint what the hand goes around."""
        self._options.set("tool", "lasso")

    def label_fill(self) -> None:
        """Fill what hangs together."""
        self._options.set("tool", "fill")

    def label_picker(self) -> None:
        """Choose the label under the pointer."""
        self._options.set("tool", "picker")

    def label_cut(self) -> None:
        """Cut an object along a line."""
        self._options.set("tool", "cut")

    def label_hand(self) -> None:
        """Move the view by dragging."""
        self._options.set("tool", "hand")

    def label_smaller(self) -> None:
        """A notch less."""
        self._options.resize(-1)

    def label_larger(self) -> None:
        """A notch more."""
        self._options.resize(1)

    def much_smaller(self) -> None:
        """Ten notches less."""
        self._options.resize(-_FAR)

    def much_larger(self) -> None:
        """Ten notches more."""
        self._options.resize(_FAR)

    def new_wins(self, on: bool) -> None:
        """What is painted covers what is there, or old objects stay in front."""
        self._options.set("new_wins", on)

    def erase_behind(self, on: bool) -> None:
        """The eraser shows the surface behind an object, or leaves nothing."""
        self._options.set("behind", on)

    def show_patterns(self, on: bool) -> None:
        """Labels differ by pattern too."""
        self._options.set("patterns", on)

    def show_outlines(self, on: bool) -> None:
        """Objects have an edge."""
        self._options.set("outlines", on)

    def show_names(self, on: bool) -> None:
        """The name of what lies under the pointer."""
        self._options.set("names", on)

    # Files

    def scene_templates(self) -> None:
        """Ask for a template."""
        self._at_rest()
        self.templates_wanted.emit()

    def import_labels(self) -> None:
        """Ask for a label file."""
        self._at_rest()
        self.import_wanted.emit()

    def export_labels(self) -> None:
        """Ask where to write a label file."""
        self._at_rest()
        self.export_wanted.emit()

    def label_sets(self) -> None:
        """Ask for a label set."""
        self._at_rest()
        self.sets_wanted.emit()

    def choose_scene_photo(self) -> None:
        """Ask for a photo to lie under the labels."""
        self._at_rest()
        self.photo_wanted.emit()

    def remove_scene_photo(self) -> None:
        """Labels without a photo."""
        self._at_rest().put_reference(None)

    # Labels

    def clear_labels(self) -> None:
        """Nothing is labelled any more."""
        document = self._at_rest()
        document.select(None)
        blank = LabelMap.blank(document.scene.size, document.scene.label_set)
        self._board.change(blank, self.tr("Clear all labels"))

    # Objects

    @property
    def _selected(self) -> int | None:
        selected = self._document.selected
        return selected if selected in self._document.scene.instances else None

    def _picked(self) -> frozenset[int]:
        """The selected object, and those that were picked together with it."""
        selected, group = self._selected, self._board.choice.group
        if selected is None:
            return frozenset()
        together = group if selected in group else {selected}
        return frozenset(together & set(self._document.scene.instances))

    def new_object(self) -> None:
        """The next stroke begins another object."""
        self._at_rest()
        self._board.choice.begin_object()
        self._document.select(None)

    def next_object(self) -> None:
        """Select the next object."""
        self._step(1)

    def previous_object(self) -> None:
        """Select the object before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        document = self._at_rest()
        numbers = list(document.scene.instances)
        if not numbers:
            return
        now = self._selected
        place = numbers.index(now) + step if now is not None else (0 if step > 0 else -1)
        self._board.choice.gather(frozenset())
        document.select(numbers[place % len(numbers)])

    def duplicate_object(self) -> None:
        """A copy beside the selected object, which looks like it and is selected."""
        document, number = self._at_rest(), self._selected
        if number is None:
            return
        box = document.scene.instances[number].box
        width = box[2] - box[0]
        by = (width + 4 if box[2] + width + 4 <= document.scene.size[0] else -width - 4, 0)
        scene, new = label_objects.duplicated(document.scene, number, by, self._board.rules)
        if new not in scene.instances:  # no room at either side, or all of it is protected
            scene, new = label_objects.duplicated(document.scene, number, (8, 8), self._board.rules)
        if new in scene.instances:
            look = self._board.look_with_copies(number, (new,))
            self._board.change_all(scene, look, self.tr("Duplicate object"))
            document.select(new)

    def merge_objects(self) -> None:
        """One object out of all that are picked; it looks like the largest."""
        document, picked = self._at_rest(), self._picked()
        try:
            scene, kept = label_objects.merged(document.scene, picked)
        except GuiseError as error:
            self.said.emit(str(error))
            return
        self._board.change(scene, self.tr("Merge objects"))
        self._board.choice.gather(frozenset())
        document.select(kept)

    def split_object(self) -> None:
        """Every piece of the selected object that lies apart becomes one of its own."""
        document, number = self._at_rest(), self._selected
        if number is None:
            return
        scene, new = label_objects.pieces(document.scene, number)
        if not new:
            text = self.tr("This object is in one piece; cut it with the cutting tool instead.")
            self.said.emit(text)
            return
        look = self._board.look_with_copies(number, new)
        self._board.change_all(scene, look, self.tr("Split object"))

    def label_object(self) -> None:
        """The selected object becomes what is chosen in the palette."""
        document, number = self._at_rest(), self._selected
        if number is not None:
            scene = label_objects.relabelled(document.scene, number, self._board.choice.label)
            self._board.change(scene, self.tr("Change label"))

    def delete_object(self) -> None:
        """Delete what is picked; what is around closes the gap. Takes back a polygon's corner."""
        if self._tools.polygon.take_back():
            return
        document, picked = self._at_rest(), self._picked()
        scene = document.scene
        for number in sorted(picked):
            scene = label_objects.without(scene, number)
        if picked:
            self._board.choice.gather(frozenset())
            self._board.choice.begin_object()
            document.select(None)
            self._board.change(scene, self.tr("Delete object"))

    def number_things(self) -> None:
        """Every loose piece of a thing becomes an object."""
        scene = label_objects.numbered(self._at_rest().scene)
        self._board.change(scene, self.tr("Make objects"))

    def take(self, scene: LabelMap, text: str) -> None:
        """Another map of this size and label set instead, as one step."""
        document = self._at_rest()
        document.select(None)
        self._board.change(scene, text)

    # Keys that are no commands

    def key(self, key: int, far: bool) -> bool:
        """Arrows nudge, Enter closes a polygon, Esc aborts, then deselects; False for others."""
        if key == Qt.Key.Key_Escape:
            if not self._tools.cancel():
                self._board.choice.gather(frozenset())
                self._document.select(None)
            return True
        if key in _ENDS:
            return self._tools.polygon.finish()
        if key not in _ARROWS:
            return False
        size = _FAR if far else 1
        dx, dy = _ARROWS[Qt.Key(key)]
        self._at_rest()
        self.nudge(dx * size, dy * size)
        return True

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selected object by pixels of the map."""
        number = self._selected
        if number is not None:
            shift = np.array([[1.0, 0, dx], [0, 1.0, dy]])
            scene = label_objects.moved(self._document.scene, number, shift, self._board.rules)
            self._board.change(scene, self.tr("Nudge"), f"nudge {number}")
