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
_HALO = QColor(0, 0, 0, 150)
_RIGHT_UPPER, _RIGHT_LOWER = QColor("#E69F00"), QColor("#D55E00")
_LEFT_UPPER, _LEFT_LOWER = QColor("#56B4E9"), QColor("#0072B2")
_NEUTRAL = QColor("#F0E442")
_LOWER = ("wrist", "ankle")
_TRUNK = ("neck", "nose", "eye", "ear", "hip")


@dataclass(frozen=True)
class MarkStyle:
    """What is special about some joints."""

    accent: QColor
    selected: Collection[int] = ()
    hovered: int | None = None


def joint_colour(name: str) -> QColor:
    """Warm for the person's right, cool for the left, neutral in the middle."""
    if "_" not in name:
        return _NEUTRAL
    lower = name.endswith(_LOWER)
    if name.startswith("right"):
        return _RIGHT_LOWER if lower else _RIGHT_UPPER
    return _LEFT_LOWER if lower else _LEFT_UPPER


def joint_at(pose: Pose, view: ViewTransform, at: QPointF) -> int | None:
    """The nearest joint within reach of a pane position, or None."""
    there = view.to_photo(at)
    distance = np.hypot(pose.xy[:, 0] - there.x(), pose.xy[:, 1] - there.y()) * view.scale
    distance[pose.presence == Presence.missing] = np.inf
    nearest = int(distance.argmin())
    return nearest if distance[nearest] <= HIT_RADIUS else None


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
            _draw_limb(painter, view, pose, a, b)
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


def _draw_limb(painter: QPainter, view: ViewTransform, pose: Pose, a: str, b: str) -> None:
    ends = _pane(view, pose, a), _pane(view, pose, b)
    trunk = a in ("neck", "nose") or b.endswith(_TRUNK)
    colour = _NEUTRAL if trunk else joint_colour(b)
    width = 2.0 if trunk else 3.0
    for ink, size in ((_HALO, width + 3.0), (colour, width)):
        painter.setPen(QPen(ink, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(*ends)


def _draw_joint(
    painter: QPainter, at: QPointF, name: str, index: int, pose: Pose, style: MarkStyle
) -> None:
    small = name.endswith(("eye", "ear"))
    radius = 7.0 if index == style.hovered else (3.5 if small else 5.0)
    if index in style.selected:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ink, width in ((_HALO, 5.0), (style.accent, 2.0)):
            painter.setPen(QPen(ink, width))
            painter.drawEllipse(at, radius + 3.5, radius + 3.5)
    colour = joint_colour(name)
    hollow = pose.presence[index] == Presence.hidden
    painter.setPen(QPen(_HALO, 3.0 + (2.5 if hollow else 0)))
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
    painter.drawEllipse(at, radius, radius)
    painter.setPen(QPen(colour if hollow else QColor("white"), 2.0 if hollow else 1.0))
    painter.drawEllipse(at, radius, radius)
