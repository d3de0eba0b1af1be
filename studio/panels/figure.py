"""A pose as a small plain figure, to be told apart at a glance."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from engine.errors import InputError
from engine.shapes.body import body_height
from engine.shapes.pose import CORE, INDEX, Pose, Presence
from studio.theme import Tokens

_HEAD = 0.062
"""Radius of the head, as a share of the standing height."""
_LIMB, _TRUNK = 0.052, 0.06
"""Widths of limbs and of the trunk's rounded edge, as shares of the standing height."""
_FACE = ("nose", "right_eye", "left_eye", "right_ear", "left_ear")
_ARM, _LEG = ("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")
_GAP = 1.0
"""Points of the ground that are left around an arm."""
_TRUNK_CORNERS = ("right_shoulder", "left_shoulder", "left_hip", "right_hip")


def draw_figure(painter: QPainter, pose: Pose, box: QRectF, tokens: Tokens) -> None:
    """Fill a box with a pose: the person's left side is fainter than the right one.

    Hidden arms go behind the trunk. A pose without joints draws nothing.
    """
    joints = {name: pose.xy[i] for name, i in INDEX.items() if pose.presence[i]}
    if not joints:
        return
    tall = _height(pose)
    low, high = _extent(pose, tall)
    scale = float(min(box.width() / (high[0] - low[0]), box.height() / (high[1] - low[1])))
    middle = (low + high) / 2
    centre = np.array([box.center().x(), box.center().y()])
    at = {name: QPointF(*((xy - middle) * scale + centre)) for name, xy in joints.items()}
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inks = {"left": QColor(tokens.muted), "right": QColor(tokens.text)}
    ground, width = QColor(tokens.raised), max(1.5, tall * scale * _LIMB)
    for side, ink in inks.items():
        _limb(painter, at, side, _LEG, _pen(ink, width))
    front = [s for s in inks if pose.presence[INDEX[f"{s}_wrist"]] == Presence.seen]
    for side in inks.keys() - set(front):
        _limb(painter, at, side, _ARM, _pen(inks[side], width))
    _trunk(painter, at, inks["right"], tall * scale * _TRUNK)
    for side in front:  # set off from the trunk before which it lies
        _limb(painter, at, side, _ARM, _pen(ground, width + 2 * _GAP))
        _limb(painter, at, side, _ARM, _pen(inks[side], width))
    _head(painter, at, tall * scale, inks["right"])
    painter.restore()


def _height(pose: Pose) -> float:
    """Standing height in pixels; without a trunk, what the joints' spread says."""
    spread = float(np.ptp(pose.xy[pose.presence > 0], axis=0).max())
    if pose.has(*CORE):
        try:
            return max(body_height(pose), spread / 4, 1.0)
        except InputError:
            pass
    return max(spread, 1.0)


def _extent(pose: Pose, tall: float) -> tuple[np.ndarray, np.ndarray]:
    """Corners of what is drawn, in pixels of the pose's canvas."""
    points = pose.xy[pose.presence > 0]
    low, high = points.min(0) - tall * _LIMB, points.max(0) + tall * _LIMB
    face = [pose.xy[INDEX[n]] for n in _FACE if pose.has(n)]
    if face:
        head = np.mean(face, axis=0)
        low = np.minimum(low, head - tall * _HEAD * 1.1)
        high = np.maximum(high, head + tall * _HEAD * 1.1)
    return low, high


def _pen(colour: QColor, width: float) -> QPen:
    return QPen(
        colour,
        width,
        Qt.PenStyle.SolidLine,
        Qt.PenCapStyle.RoundCap,
        Qt.PenJoinStyle.RoundJoin,
    )


def _limb(
    painter: QPainter, at: dict[str, QPointF], side: str, parts: tuple[str, ...], pen: QPen
) -> None:
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    names = [f"{side}_{part}" for part in parts]
    painter.drawPolyline(QPolygonF([at[name] for name in names if name in at]))


def _trunk(painter: QPainter, at: dict[str, QPointF], colour: QColor, width: float) -> None:
    corners = [at[name] for name in _TRUNK_CORNERS if name in at]
    painter.setPen(_pen(colour, width))
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF(corners))


def _head(
    painter: QPainter,
    at: dict[str, QPointF],
    tall: float,
    colour: QColor,
) -> None:
    face = [at[name] for name in _FACE if name in at]
    if not face:
        return
    middle = QPointF(sum(p.x() for p in face) / len(face), sum(p.y() for p in face) / len(face))
    if "neck" in at:
        painter.setPen(_pen(colour, tall * _LIMB * 0.8))
        painter.drawLine(at["neck"], middle)
    radius = tall * _HEAD
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(middle, radius, radius * 1.1)
    if "nose" in at and len(face) > 1:  # seen from the side it stands out
        painter.drawEllipse(at["nose"] + (at["nose"] - middle) * 0.5, radius * 0.3, radius * 0.3)
