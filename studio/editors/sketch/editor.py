"""The sketch editor: what its menu and its keys do to the document."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from engine.errors import GuiseError
from engine.shapes.sketch import Sketch, Stroke
from studio.canvas.box_frame import Matrix, box_of
from studio.editors.sketch import clipboard
from studio.editors.sketch.commands import TOOL_COMMANDS
from studio.editors.sketch.document import SketchDocument
from studio.editors.sketch.options import SketchOptions
from studio.editors.sketch.picking import carried, drawn_strokes, mirror_about
from studio.editors.sketch.tools import SketchTools

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_FAR = 10
"""Pixels of a nudge with Shift."""
_BESIDE = np.array([[1.0, 0, 12], [0, 1.0, 12]])
"""Where a duplicate lies."""


class SketchEditor(QObject):
    """Commands on the drawing of one document; each one ends the gesture in progress first.

    Signals:
        reference_wanted: the person wants to choose a photo to draw after.
        examples_wanted: the person wants to see the example sketches.
        failed: a sentence for the person.
    """

    reference_wanted = Signal()
    examples_wanted = Signal()
    failed = Signal(str)

    def __init__(self, document: SketchDocument, tools: SketchTools) -> None:
        super().__init__()
        self._document, self._tools = document, tools

    @property
    def _options(self) -> SketchOptions:
        return self._tools.board.options

    def _at_rest(self) -> SketchDocument:
        """The document, with no gesture in progress."""
        self._tools.settle()
        return self._document

    def checked(self) -> dict[str, bool]:
        """Which switches and tools are on, by the names of their commands."""
        options = self._options
        tools = {name: tool == options.tool for tool, name in TOOL_COMMANDS.items()}
        return {
            **tools,
            "symmetric_strokes": options.symmetric,
            "show_reference_photo": options.reference,
        }

    def enabled(self) -> dict[str, bool]:
        """Which commands mean something now."""
        document = self._document
        drawn = bool(document.sketch.strokes) or document.sketch.raster is not None
        return {
            "duplicate_strokes": bool(self._picked()),
            "copy_strokes": bool(self._picked()),
            "cut_strokes": bool(self._picked()),
            "delete_strokes": bool(self._picked()) or self._tools.curve.busy,
            "select_all_strokes": bool(drawn_strokes(document.sketch)),
            "mirror_strokes": drawn,
            "clear_drawing": drawn,
            "centre_axis": self._options.symmetric,
            "show_reference_photo": document.reference is not None,
            "remove_reference": document.reference is not None,
        }

    # History

    def undo(self) -> None:
        """One gesture back; a gesture in progress is taken back instead."""
        if not self._tools.cancel():
            self._document.undo.undo()

    def redo(self) -> None:
        """One gesture forward."""
        self._at_rest().undo.redo()

    # Tools and switches

    def draw_select(self) -> None:
        """Select, move, scale and turn strokes."""
        self._options.set("tool", "select")

    def draw_pencil(self) -> None:
        """Draw freely."""
        self._options.set("tool", "pencil")

    def draw_line(self) -> None:
        """Draw straight lines."""
        self._options.set("tool", "line")

    def draw_curve(self) -> None:
        """Draw smooth lines through clicked points."""
        self._options.set("tool", "curve")

    def draw_rectangle(self) -> None:
        """Draw rectangles."""
        self._options.set("tool", "rectangle")

    def draw_ellipse(self) -> None:
        """Draw ellipses."""
        self._options.set("tool", "ellipse")

    def draw_eraser(self) -> None:
        """Erase."""
        self._options.set("tool", "eraser")

    def draw_hand(self) -> None:
        """Move the view by dragging."""
        self._options.set("tool", "hand")

    def symmetric_strokes(self, on: bool) -> None:
        """Strokes are drawn on the other side of the axis too."""
        if on != self._options.symmetric:
            self._at_rest()
            self._options.set("symmetric", on)

    def centre_axis(self) -> None:
        """The axis of symmetry in the middle of the paper."""
        board = self._tools.board
        board.axis = self._at_rest().sketch.size[0] / 2
        board.changed()

    def stroke_thinner(self) -> None:
        """A notch less."""
        self._options.resize(-1)

    def stroke_thicker(self) -> None:
        """A notch more."""
        self._options.resize(1)

    def show_reference_photo(self, on: bool) -> None:
        """The reference photo under the drawing, or the paper alone."""
        self._options.set("reference", on)

    def choose_reference(self) -> None:
        """Ask for a photo to draw after."""
        self._at_rest()
        self.reference_wanted.emit()

    def remove_reference(self) -> None:
        """Draw without a photo."""
        self._at_rest().put_reference(None)

    def example_sketches(self) -> None:
        """Ask for the example sketches."""
        self._at_rest()
        self.examples_wanted.emit()

    # Strokes

    def _picked(self) -> frozenset[int]:
        return frozenset(self._tools.select.points.picked)

    def select_all_strokes(self) -> None:
        """Select every stroke."""
        document = self._at_rest()
        self._options.set("tool", "select")
        document.select(drawn_strokes(document.sketch))

    def delete_strokes(self) -> None:
        """Delete the selected strokes; while a curve is drawn, its last point."""
        if self._tools.curve.take_back():
            return
        document, picked = self._at_rest(), self._picked()
        if picked:
            left = document.sketch.without(carried(document.sketch, picked))
            document.select(frozenset())
            document.change(left, self.tr("Delete strokes"))

    def duplicate_strokes(self) -> None:
        """Copies of the selected strokes beside them; the copies are selected."""
        document, picked = self._at_rest(), self._picked()
        if picked:
            strokes = document.sketch.strokes
            along = sorted(carried(document.sketch, picked))
            copies = [strokes[n].mapped(_BESIDE) for n in along]
            self._add(copies, self.tr("Duplicate strokes"))

    def _add(self, strokes: Sequence[Stroke], text: str) -> None:
        """More strokes in one step; those that draw are selected."""
        document = self._document
        first = len(document.sketch.strokes)
        document.change(document.sketch.drawn(*strokes), text)
        drawing = (n for n, stroke in enumerate(strokes, first) if not stroke.erase)
        self._options.set("tool", "select")
        document.select(frozenset(drawing))

    def copy_strokes(self) -> None:
        """The selected strokes, for this and other programs."""
        document, picked = self._at_rest(), self._picked()
        if picked:
            sketch = document.sketch
            along = sorted(carried(sketch, picked))
            copied = Sketch(sketch.size, tuple(sketch.strokes[n] for n in along))
            QGuiApplication.clipboard().setMimeData(clipboard.told(copied))

    def cut_strokes(self) -> None:
        """The selected strokes to the clipboard."""
        if self._picked():
            self.copy_strokes()
            self.delete_strokes()

    def paste_strokes(self) -> None:
        """The strokes of the clipboard, selected; beside those that they were copied from."""
        document, data = self._at_rest(), QGuiApplication.clipboard().mimeData()
        if not clipboard.has_strokes(data):
            return
        try:
            pasted = fitted(clipboard.strokes_from(data), document.sketch.size).strokes
        except GuiseError as error:
            self.failed.emit(str(error))
            return
        while set(pasted) & set(document.sketch.strokes):
            pasted = tuple(stroke.mapped(_BESIDE) for stroke in pasted)
        self._add(pasted, self.tr("Paste strokes"))

    def mirror_strokes(self) -> None:
        """Exchange left and right of the selected strokes, or of the whole drawing."""
        document, picked = self._at_rest(), self._picked()
        sketch = document.sketch
        if not picked:
            document.change(sketch.mirrored(), self.tr("Mirror drawing"))
            return
        middle = box_of(self._tools.select.points.points()).center().x()
        self._map(picked, mirror_about(middle), self.tr("Mirror strokes"))

    def _map(self, picked: frozenset[int], matrix: Matrix, text: str, merge: str = "") -> None:
        sketch = self._document.sketch
        self._document.change(sketch.moved(carried(sketch, picked), matrix), text, merge)

    def clear_drawing(self) -> None:
        """An empty sheet of the same size."""
        document = self._at_rest()
        document.select(frozenset())
        document.change(Sketch(document.sketch.size), self.tr("Clear drawing"))

    def take(self, sketch: Sketch, text: str) -> None:
        """Draw another sketch instead, as one step; it is fitted into the canvas."""
        document = self._at_rest()
        document.select(frozenset())
        document.change(fitted(sketch, document.sketch.size), text)

    # Keys that are no commands

    def key(self, key: int, far: bool) -> bool:
        """Arrows nudge, Enter ends a curve, Esc aborts, then deselects; False for other keys."""
        if key == Qt.Key.Key_Escape:
            if not self._tools.cancel():
                self._document.select(frozenset())
            return True
        if key in _ENDS:
            return self._tools.curve.finish()
        if key not in _ARROWS:
            return False
        size = _FAR if far else 1
        dx, dy = _ARROWS[Qt.Key(key)]
        self._at_rest()
        self.nudge(dx * size, dy * size)
        return True

    def nudge(self, dx: float, dy: float) -> None:
        """Move the selected strokes by pixels of the canvas."""
        picked = self._picked()
        if picked:
            shift = np.array([[1.0, 0, dx], [0, 1.0, dy]])
            self._map(picked, shift, self.tr("Nudge"), f"nudge {sorted(picked)}")


def fitted(sketch: Sketch, size: tuple[int, int]) -> Sketch:
    """The strokes of a sketch, as large as they can be, in the middle of another canvas."""
    width, height = sketch.size
    scale = min(size[0] / width, size[1] / height)
    left, top = (size[0] - width * scale) / 2, (size[1] - height * scale) / 2
    matrix = np.array([[scale, 0, left], [0, scale, top]])
    return Sketch(size, tuple(stroke.mapped(matrix) for stroke in sketch.strokes))
