"""How a skeleton looks and what lies under the pointer: free functions over a pose."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.shapes.pose import INDEX, JOINTS, LIMBS, Pose, Presence
from studio.canvas.transform import ViewTransform

HIT_RADIUS = 14.0
"""Pane points around a joint that still grab it."""
BONE_REACH = 9.0
"""Pane points beside a bone that still hit it."""
_TIE = 1.0
"""Pane points by which a selected joint counts as nearer."""
_HALO = QColor(0, 0, 0, 150)
_LOWER = ("wrist", "ankle")
_TRUNK = ("neck", "nose", "eye", "ear", "hip")


@dataclass(frozen=True)
class LimbColours:
    """Hex colours that tell the person's right from the left, inner from outer bones."""

    right_upper: str
    right_lower: str
    left_upper: str
    left_lower: str
    middle: str


LIMB_COLOURS: dict[str, LimbColours] = {
    "sides": LimbColours("#E69F00", "#D55E00", "#56B4E9", "#0072B2", "#F0E442"),
    "red": LimbColours("#FF6B5E", "#C62828", "#4DD8DE", "#00838F", "#F2F2F2"),
    "tones": LimbColours("#FFFFFF", "#DADADA", "#6E6E6E", "#3C3C3C", "#A6A6A6"),
}
"""By the names of the setting "limbs"; the first one is Okabe and Ito's."""


@dataclass(frozen=True)
class MarkStyle:
    """What is special about some joints, and a name in LIMB_COLOURS."""

    accent: QColor
    selected: Collection[int] = ()
    hovered: int | None = None
    locked: Collection[int] = ()
    limbs: str = "sides"


def joint_colour(name: str, limbs: str = "sides") -> QColor:
    """The colour of a joint and of the bone that ends in it."""
    colours = LIMB_COLOURS[limbs]
    if "_" not in name:
        return QColor(colours.middle)
    lower = name.endswith(_LOWER)
    if name.startswith("right"):
        return QColor(colours.right_lower if lower else colours.right_upper)
    return QColor(colours.left_lower if lower else colours.left_upper)


def joint_at(
    pose: Pose, view: ViewTransform, at: QPointF, selected: Collection[int] = ()
) -> int | None:
    """The nearest joint within reach of a pane position, or None; selected ones win ties."""
    there = view.to_photo(at)
    distance = np.hypot(pose.xy[:, 0] - there.x(), pose.xy[:, 1] - there.y()) * view.scale
    distance[pose.presence == Presence.missing] = np.inf
    distance[list(selected)] -= _TIE
    nearest = int(distance.argmin())
    return nearest if distance[nearest] <= HIT_RADIUS else None


def bone_at(pose: Pose, view: ViewTransform, at: QPointF) -> tuple[str, str] | None:
    """The nearest bone of LIMBS within reach of a pane position, or None."""
    away = {
        (a, b): _from_line(_pane(view, pose, a), _pane(view, pose, b), at)
        for a, b in LIMBS
        if pose.has(a, b)
    }
    nearest = min(away, key=lambda bone: away[bone], default=None)
    return nearest if nearest is not None and away[nearest] <= BONE_REACH else None


def _from_line(a: QPointF, b: QPointF, at: QPointF) -> float:
    """Distance from a stretch between two places."""
    along, square = b - a, QPointF.dotProduct(b - a, b - a)
    share = min(max(QPointF.dotProduct(at - a, along) / square, 0.0), 1.0) if square else 0.0
    return float(np.hypot(*(at - a - along * share).toTuple()))


def joints_in(pose: Pose, view: ViewTransform, box: QRectF) -> frozenset[int]:
    """The joints inside a pane rectangle."""
    return frozenset(
        i
        for i, (x, y) in enumerate(pose.xy)
        if pose.presence[i] != Presence.missing and box.contains(view.to_pane(x, y))
    )


def draw_skeleton(painter: QPainter, pose: Pose, view: ViewTransform, style: MarkStyle) -> None:
    """Limbs, then joints, each with a dark halo so that they show on any photo."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for a, b in LIMBS:
        if pose.has(a, b):
            _draw_limb(painter, view, pose, (a, b), style.limbs)
    for i, name in enumerate(JOINTS):
        if pose.presence[i] != Presence.missing:
            _draw_joint(painter, view.to_pane(*pose.xy[i]), name, i, pose, style)


def draw_ghost(painter: QPainter, pose: Pose, view: ViewTransform) -> None:
    """The source pose, faint."""
    bones = [QLineF(_pane(view, pose, a), _pane(view, pose, b)) for a, b in LIMBS if pose.has(a, b)]
    for ink, width in ((QColor(0, 0, 0, 90), 5.0), (QColor(255, 255, 255, 90), 2.0)):
        painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLines(bones)


def _pane(view: ViewTransform, pose: Pose, name: str) -> QPointF:
    x, y = pose.xy[INDEX[name]]
    return view.to_pane(x, y)


def _draw_limb(
    painter: QPainter, view: ViewTransform, pose: Pose, bone: tuple[str, str], limbs: str
) -> None:
    a, b = bone
    ends = _pane(view, pose, a), _pane(view, pose, b)
    trunk = a in ("neck", "nose") or b.endswith(_TRUNK)
    colour = QColor(LIMB_COLOURS[limbs].middle) if trunk else joint_colour(b, limbs)
    width = 2.0 if trunk else 3.0
    for ink, size in ((_HALO, width + 3.0), (colour, width)):
        painter.setPen(QPen(ink, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(*ends)


def _draw_joint(
    painter: QPainter, at: QPointF, name: str, index: int, pose: Pose, style: MarkStyle
) -> None:
    small = name.endswith(("eye", "ear"))
    radius = 7.0 if index == style.hovered else (3.5 if small else 5.0)
    locked = index in style.locked
    if index in style.selected:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((_HALO, 5.0), (style.accent, 2.0)):
            painter.setPen(QPen(ink, width))
            painter.drawEllipse(at, radius + 4.5 + 2 * locked, radius + 4.5 + 2 * locked)
    colour = joint_colour(name, style.limbs)
    hollow = pose.presence[index] == Presence.hidden
    painter.setPen(QPen(_HALO, 3.0 + (2.5 if hollow else 0)))
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
    _draw_shape(painter, at, radius, locked)
    painter.setPen(QPen(colour if hollow else QColor("white"), 2.0 if hollow else 1.0))
    _draw_shape(painter, at, radius, locked)
    if locked:
        _draw_padlock(painter, at + QPointF(radius + 3, -radius - 3))


def _draw_shape(painter: QPainter, at: QPointF, radius: float, square: bool) -> None:
    if square:
        painter.drawRect(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius))
    else:
        painter.drawEllipse(at, radius, radius)


def _draw_padlock(painter: QPainter, at: QPointF) -> None:
    """A padlock of 8 by 10 points that stands on a place."""
    body = QRectF(at.x() - 4, at.y() - 4, 8, 6)
    shackle = QRectF(at.x() - 2.5, at.y() - 8, 5, 7)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in ((QColor(0, 0, 0, 200), 4.0), (QColor("white"), 1.5)):
        painter.setPen(QPen(ink, width))
        painter.drawArc(shackle, 0, 180 * 16)
        painter.drawRect(body)
    painter.fillRect(body, QColor("white"))


def draw_axis(painter: QPainter, pose: Pose, view: ViewTransform) -> None:
    """The line about which a symmetric edit mirrors, from the hips through the neck."""
    if not pose.has("neck", "right_hip", "left_hip"):
        return
    hips = (_pane(view, pose, "right_hip") + _pane(view, pose, "left_hip")) / 2
    along = _pane(view, pose, "neck") - hips
    line = QLineF(hips - along * 0.35, hips + along * 1.7)
    for ink, width in ((QColor(0, 0, 0, 110), 3.0), (QColor(255, 255, 255, 200), 1.0)):
        pen = QPen(ink, width)
        pen.setDashPattern([6 / width, 5 / width])
        painter.setPen(pen)
        painter.drawLine(line)
