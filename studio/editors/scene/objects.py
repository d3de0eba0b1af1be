"""Tools for objects: pick, move, scale and turn them in a box, and cut them in two."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QColor, QPainter

from engine.shapes.label_objects import cut, mapped, outline, placed, stamp, without
from engine.shapes.label_paint import Ink, Stamp
from engine.shapes.labels import LabelMap
from studio.canvas.box import STILL, BoxTransform, Part
from studio.canvas.box_frame import Matrix
from studio.canvas.tool import MOUSE, Touch
from studio.editors.scene.board import SceneBoard
from studio.editors.scene.marks import draw_outline, draw_path

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_FAINT = 150
_Lines = NDArray[np.float64]


@dataclass
class _Grip:
    """An object that is being moved.

    Attributes:
        rest: the map without it.
        shape, ink: what it was.
        matrix: where it is now.
    """

    rest: LabelMap
    shape: Stamp
    ink: Ink
    matrix: Matrix


class ObjectForm:
    """The selected object as the corners that a box holds."""

    def __init__(self, board: SceneBoard) -> None:
        self._board = board
        self._grip: _Grip | None = None

    @property
    def number(self) -> int | None:
        """The selected object, if it is on the map."""
        selected = self._board.document.selected
        if self._grip is not None:
            return selected
        return selected if selected in self._board.scene.instances else None

    def points(self) -> _Lines:
        grip, number = self._grip, self.number
        if number is None:
            return np.zeros((0, 2))
        box = self._board.scene.instances[number].box if grip is None else grip.shape.box
        left, top, right, bottom = box
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
        return corners if grip is None else corners @ grip.matrix[:, :2].T + grip.matrix[:, 2]

    def identity(self) -> Hashable:
        return self.number

    def pivot(self) -> tuple[float, float] | None:
        """Where it stands on the ground."""
        points = self.points()
        if not len(points):
            return None
        low, high = points.min(0), points.max(0)
        return float(low[0] + high[0]) / 2, float(high[1])

    def preview(self, matrix: Matrix) -> None:
        board = self._board
        if self._grip is None:
            number = self.number
            assert number is not None
            scene = board.scene
            ink = Ink(scene.instances[number].label, number)
            self._grip = _Grip(without(scene, number), stamp(scene, number), ink, matrix)
        grip = self._grip
        grip.matrix = matrix
        board.show(placed(grip.rest, grip.shape, grip.ink, matrix, board.rules))

    def commit(self, text: str) -> None:
        self._grip = None
        self._board.commit(text)

    def abort(self) -> bool:
        self._grip = None
        return self._board.abort()

    def outline(self) -> _Lines:
        """Its edges as they are now, (N, 4) straight lines; none while it is painted on."""
        grip = self._grip
        if grip is None and self._board.busy:  # it changes under the brush, which goes first
            return np.zeros((0, 4))
        number = self.number
        if number is None:
            return np.zeros((0, 4))
        if grip is None:
            return outline(stamp(self._board.scene, number))
        shape = mapped(grip.shape, grip.matrix, self._board.scene.size)
        return np.zeros((0, 4)) if shape is None else outline(shape)


class SelectObjects:
    """Click an object, with Shift more of them; drag it, or a handle of its box."""

    def __init__(self, board: SceneBoard) -> None:
        self._board = board
        self.form = ObjectForm(board)
        self.box = BoxTransform(self.form, board.view, board.accent, board.changed)
        self._in_box = False
        self._hovered = 0

    @property
    def busy(self) -> bool:
        """Whether the button is down."""
        return self._in_box

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        board, hit = self._board, self._object_at(at)
        if keys & _SHIFT:
            self._toggle(hit)
        elif self.box.part_at(at)[0] is not Part.outside:
            self._grab(at, keys, touch)
        elif hit:
            self._pick(hit)
            self._grab(at, keys, touch)
        else:
            board.choice.gather(frozenset())
            board.document.select(None)

    def _pick(self, number: int) -> None:
        self._board.choice.gather(frozenset({number}))
        self._board.document.select(number)

    def _toggle(self, hit: int) -> None:
        """Pick one more, or one less; the last one is the selected one."""
        if not hit:
            return
        choice, document = self._board.choice, self._board.document
        before = choice.group | ({document.selected} if document.selected else set())
        choice.gather(frozenset(before ^ {hit}))
        rest = sorted(choice.group)
        document.select(hit if hit in choice.group else (rest[-1] if rest else None))

    def _grab(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch) -> None:
        self._in_box = True
        self.box.press(at, keys, touch)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._in_box:
            self.box.move(at, keys, touch)

    def release(self, at: QPointF) -> None:
        if not self._in_box:
            return
        clicked, self._in_box = not self.box.dragging, False
        grabbed = self.box.part_at(at)[0]
        self.box.release(at)
        if clicked and grabbed is Part.inside:
            hit = self._object_at(at)
            if hit:
                self._pick(hit)
            else:
                self._board.document.select(None)
        self._board.changed()

    def cancel(self) -> bool:
        busy, self._in_box = self.busy, False
        aborted = self.box.cancel()
        if busy:
            self._board.changed()
        return aborted or busy

    def hover(self, at: QPointF) -> None:
        self.box.hover(at)
        hit = self._object_at(at)
        if hit != self._hovered:
            self._hovered = hit
            self._board.changed()

    def cursor(self) -> Qt.CursorShape:
        if self._in_box or self.box.hovered is not Part.outside:
            return self.box.cursor()
        return Qt.CursorShape.PointingHandCursor if self._hovered else Qt.CursorShape.ArrowCursor

    def _object_at(self, at: QPointF) -> int:
        found = self._board.scene.at(self._board.point(at))
        return found[1] if found is not None else 0

    # Looks

    def draw_selected(self, painter: QPainter) -> None:
        """The edges of the selected object, and of those picked with it."""
        board = self._board
        draw_outline(painter, self.form.outline(), board.view, board.accent)
        for number in board.choice.group - {board.document.selected}:
            self._draw_edges(painter, number, board.accent)

    def draw(self, painter: QPainter) -> None:
        """The box, and the edges of what lies under the pointer."""
        self.box.accent = self._board.accent
        if not self._in_box and self._hovered != self.form.number:
            faint = QColor(self._board.accent)
            faint.setAlpha(_FAINT)
            self._draw_edges(painter, self._hovered, faint)
        self.box.draw(painter)

    def _draw_edges(self, painter: QPainter, number: int, colour: QColor) -> None:
        board = self._board
        if not board.busy and number in board.scene.instances:
            draw_outline(painter, outline(stamp(board.scene, number)), board.view, colour)


class CutObject:
    """Cuts an object along a straight line: the selected one, or the one under the line."""

    def __init__(self, board: SceneBoard) -> None:
        self._board = board
        self._ends: list[QPointF] = []

    @property
    def busy(self) -> bool:
        """Whether the button is down."""
        return bool(self._ends)

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        self._ends = [at, at]

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._ends:
            self._ends[1] = at
            self._board.changed()

    def release(self, at: QPointF) -> None:
        ends, self._ends = self._ends, []
        self._board.changed()
        if ends and (ends[1] - ends[0]).manhattanLength() >= STILL:
            self._cut(*ends)

    def _cut(self, start: QPointF, end: QPointF) -> None:
        board = self._board
        under = board.scene.at(board.point((start + end) / 2))
        number = board.document.selected or (under[1] if under is not None else 0)
        scene, new = board.scene, ()
        if number in scene.instances:
            scene, new = cut(scene, number, board.point(start), board.point(end))
        if not new:
            tr = QCoreApplication.translate
            board.said.emit(tr("Scene", "Draw the line across an object to cut it in two."))
            return
        look = board.look_with_copies(number, new)
        board.change_all(scene, look, QCoreApplication.translate("Scene", "Cut object"))

    def cancel(self) -> bool:
        busy, self._ends = self.busy, []
        self._board.changed()
        return busy

    def hover(self, at: QPointF) -> None:
        """Nothing to show."""

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def draw(self, painter: QPainter) -> None:
        """The line."""
        if self._ends:
            draw_path(painter, self._ends, self._board.accent, dots=True)
