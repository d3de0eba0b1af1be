"""The tool that drags joints, or holds them in a box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from engine.shapes.pose import JOINTS, Pose, Presence
from studio.canvas.box import STILL, BoxTransform, Part
from studio.canvas.readout import draw_readout
from studio.canvas.tool import MOUSE, Touch
from studio.canvas.transform import ViewTransform
from studio.editors.pose.body import BodyDocument
from studio.editors.pose.marks import (
    MarkStyle,
    bone_at,
    draw_axis,
    draw_ghost,
    draw_skeleton,
    joint_at,
    joints_in,
)
from studio.editors.pose.moves import (
    further_out,
    limb_joints,
    limb_of,
    limb_of_bone,
    shifted,
    there,
)
from studio.editors.pose.names import joint_names
from studio.editors.pose.options import PoseOptions
from studio.editors.pose.points import PosePoints


@dataclass
class _Grip:
    """A press on joints.

    Attributes:
        alone: the joint that letting go without a drag selects alone; None = the selection stays.
    """

    start: QPointF
    pose: Pose
    alone: int | None
    dragging: bool = False


class DragJoints:
    """Drag a joint, or all selected ones; drag on nothing to select with a rubber band.

    A double click selects a limb; with Ctrl the rest of the limb comes along. With the box on, the
    selection or the whole body is moved, scaled and turned by its handles. Locked joints stay.

    Args:
        changed: called when the marks must be drawn again.
        options: switches, shared by the documents of an editor; None = its own.
    """

    def __init__(
        self,
        document: BodyDocument,
        view: ViewTransform,
        accent: QColor,
        changed: Callable[[], None],
        options: PoseOptions | None = None,
    ) -> None:
        self.document, self.view, self._changed = document, view, changed
        self.options = options or PoseOptions()
        self.box = BoxTransform(PosePoints(document, self.options), view, accent, changed)
        signals = document.locks_changed, self.options.changed
        self._held = [signal.connect(changed) for signal in signals]
        self._hovered: int | None = None
        self._grip: _Grip | None = None
        self._band: QRectF | None = None
        self._in_box = False
        self._ghost: tuple[object, QPixmap] | None = None

    @property
    def accent(self) -> QColor:
        """The theme's accent, for what is selected."""
        return self.box.accent

    @accent.setter
    def accent(self, colour: QColor) -> None:
        self.box.accent = colour

    def let_go(self) -> None:
        """Hear no more of the document and of options that others share."""
        for held in self._held:
            QObject.disconnect(held)

    # Gestures

    def press(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        hit = self._joint_at(at)
        adding = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        limb = self._limb_at(at) if touch.twice else None
        if limb is not None:
            self._press_limb(limb, at, adding)
        elif self._box_takes(at) and not (adding and hit is not None):
            self._in_box = True
            self.box.press(at, keys, touch)
        elif hit is None:
            self._band = QRectF(at, at)
            if not adding:
                self.document.select(frozenset())
        else:
            self._press_joint(hit, at, adding)

    def _press_limb(self, limb: str, at: QPointF, adding: bool) -> None:
        joints = there(self.document.edited, limb_joints(limb))
        self.document.select(self.document.selected | joints if adding else joints)
        self._grip = _Grip(at, self.document.edited, None)

    def _press_joint(self, hit: int, at: QPointF, adding: bool) -> None:
        selected = self.document.selected
        if adding:
            self.document.select(selected ^ {hit})
        elif hit not in selected:
            self.document.select(frozenset({hit}))
        if hit in self.document.selected:
            self._grip = _Grip(at, self.document.edited, None if adding else hit)

    def move(self, at: QPointF, keys: Qt.KeyboardModifier, touch: Touch = MOUSE) -> None:
        if self._in_box:
            self.box.move(at, keys, touch)
        elif self._band is not None:
            self._band.setBottomRight(at)
            self._changed()
        elif self._grip is not None:
            self._drag(self._grip, at, bool(keys & Qt.KeyboardModifier.ControlModifier))

    def _drag(self, grip: _Grip, at: QPointF, whole_limb: bool) -> None:
        grip.dragging |= (at - grip.start).manhattanLength() >= STILL
        if not grip.dragging:
            return
        by = ((at - grip.start) / self.view.scale).toTuple()
        moving = self.document.selected
        if whole_limb:
            moving |= further_out(moving)
        moved = shifted(grip.pose, moving, by, self.options, self.document.locked)
        self.document.preview(moved)

    def hover(self, at: QPointF) -> None:
        if self.options.boxing:
            self.box.hover(at)
        hit = self._joint_at(at)
        if hit != self._hovered:
            self._hovered = hit
            self._changed()

    def release(self, at: QPointF) -> None:
        if self._in_box:
            self._release_box(at)
            return
        if self._band is not None:
            inside = joints_in(self.document.edited, self.view, self._band.normalized())
            self.document.select(self.document.selected | inside)
            self._band = None
            self._changed()
        grip, self._grip = self._grip, None
        if grip is not None and grip.alone is not None and not grip.dragging:
            self.document.select(frozenset({grip.alone}))
        self.document.commit(QCoreApplication.translate("DragJoints", "Move joints"))

    def _release_box(self, at: QPointF) -> None:
        clicked, self._in_box = not self.box.dragging, False
        grabbed = self.box.part_at(at)[0]
        self.box.release(at)
        if clicked and grabbed is Part.inside:
            hit = self._joint_at(at)
            self.document.select(frozenset() if hit is None else frozenset({hit}))

    def cancel(self) -> bool:
        busy = self._grip is not None or self._band is not None or self._in_box
        self._grip = self._band = None
        self._in_box = False
        aborted = self.box.cancel() or self.document.abort()
        self._changed()
        return aborted or busy

    # What lies under the pointer

    def _joint_at(self, at: QPointF) -> int | None:
        return joint_at(self.document.edited, self.view, at, self.document.selected)

    def _limb_at(self, at: QPointF) -> str | None:
        joint = self._joint_at(at)
        if joint is not None:
            return limb_of(joint)
        bone = bone_at(self.document.edited, self.view, at)
        return limb_of_bone(bone) if bone is not None else None

    def _box_takes(self, at: QPointF) -> bool:
        return self.options.boxing and self.box.part_at(at)[0] is not Part.outside

    def cursor(self) -> Qt.CursorShape:
        if self.options.boxing and (self._in_box or self.box.hovered is not Part.outside):
            return self.box.cursor()
        if self._grip is not None:
            return Qt.CursorShape.ClosedHandCursor
        if self._hovered is None:
            return Qt.CursorShape.ArrowCursor
        held = self._hovered in self.document.locked
        return Qt.CursorShape.ForbiddenCursor if held else Qt.CursorShape.OpenHandCursor

    # Looks

    def _draw_ghost(self, painter: QPainter, pose: Pose) -> None:
        """Kept as pixels: it stays as it is while a joint is dragged."""
        view = self.view
        ratio, room = painter.device().devicePixelRatio(), painter.viewport().size()
        looks = (pose, view.scale, view.offset.toTuple(), room.toTuple(), ratio)
        if self._ghost is None or self._ghost[0] != looks:
            pixels = QPixmap(room * ratio)
            pixels.setDevicePixelRatio(ratio)
            pixels.fill(Qt.GlobalColor.transparent)
            with QPainter(pixels) as inner:
                inner.setRenderHint(QPainter.RenderHint.Antialiasing)
                draw_ghost(inner, pose, view)
            self._ghost = (looks, pixels)
        painter.drawPixmap(0, 0, self._ghost[1])

    def draw(self, painter: QPainter) -> None:
        document, options = self.document, self.options
        ghost = document.ghost if options.ghost else None
        if ghost is not None:
            self._draw_ghost(painter, ghost)
        if options.symmetric:
            draw_axis(painter, document.edited, self.view)
        chosen, locked = document.selected, document.locked
        style = MarkStyle(self.accent, chosen, self._hovered, locked, options.limbs)
        draw_skeleton(painter, document.edited, self.view, style)
        if options.boxing:
            self.box.draw(painter)
        if self._band is not None:
            self._draw_band(painter, self._band)
        elif self._hovered is not None and self._grip is None and not self._in_box:
            self._draw_name(painter, self._hovered)

    def _draw_band(self, painter: QPainter, band: QRectF) -> None:
        fill = QColor(self.accent)
        fill.setAlpha(30)
        painter.setPen(QPen(self.accent, 1))
        painter.setBrush(fill)
        painter.drawRect(band)

    def _draw_name(self, painter: QPainter, joint: int) -> None:
        """The hovered joint's name, and what is special about it."""
        document, tr = self.document, QCoreApplication.translate
        words = [joint_names()[JOINTS[joint]]]
        if document.edited.presence[joint] == Presence.hidden:
            words.append(tr("Joint", "hidden"))
        if joint in document.locked:
            words.append(tr("Joint", "locked"))
        draw_readout(painter, self.view.to_pane(*document.edited.xy[joint]), ", ".join(words))
