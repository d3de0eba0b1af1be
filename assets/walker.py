"""Draws the bundled sample's photo, mask and joints: `python -m assets.walker`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QRadialGradient,
)

from engine.shapes.pose import Pose
from engine.shapes.pose_files import to_openpose

SIZE = (640, 960)
FOLDER = Path(__file__).parent / "samples"
SKIN, HAIR = QColor("#C98F6B"), QColor("#3B2A22")
SWEATER, TROUSERS, SHOES, SOLES = (QColor(c) for c in ("#D9A441", "#2F4A6D", "#B4472F", "#EFE9DF"))
JOINTS: dict[str, tuple[float, float]] = {
    "nose": (322, 178),
    "neck": (322, 256),
    "right_shoulder": (268, 276),
    "right_elbow": (196, 366),
    "right_wrist": (164, 462),
    "left_shoulder": (376, 276),
    "left_elbow": (448, 366),
    "left_wrist": (480, 462),
    "right_hip": (284, 486),
    "right_knee": (272, 648),
    "right_ankle": (262, 806),
    "left_hip": (358, 486),
    "left_knee": (372, 648),
    "left_ankle": (386, 806),
    "right_eye": (304, 164),
    "left_eye": (340, 164),
    "right_ear": (280, 174),
    "left_ear": (364, 174),
}


def walker_pose() -> Pose:
    """Where the drawn person's joints are."""
    return Pose.of(SIZE, JOINTS)


def draw_scene(painter: QPainter) -> None:
    """A wall, a floor and the person's shadow."""
    wall = QLinearGradient(0, 0, 0, 780)
    wall.setColorAt(0, QColor("#B9C4C2"))
    wall.setColorAt(1, QColor("#DADFDB"))
    painter.fillRect(QRectF(0, 0, 640, 780), wall)
    floor = QLinearGradient(0, 780, 0, 960)
    floor.setColorAt(0, QColor("#A58D78"))
    floor.setColorAt(1, QColor("#C2AC96"))
    painter.fillRect(QRectF(0, 780, 640, 180), floor)
    painter.fillRect(QRectF(0, 766, 640, 14), QColor("#EDEFEA"))
    painter.setPen(QPen(QColor(90, 70, 55, 45), 2))
    for x in range(-200, 900, 110):
        painter.drawLine(QPointF(x, 960), QPointF(320 + (x - 320) * 0.62, 780))
    shade = QRadialGradient(QPointF(0, 0), 1)
    shade.setColorAt(0, QColor(40, 28, 20, 120))
    shade.setColorAt(1, QColor(40, 28, 20, 0))
    painter.save()
    painter.translate(330, 852)
    painter.scale(170, 30)
    painter.fillRect(QRectF(-1, -1, 2, 2), shade)
    painter.restore()


def draw_person(painter: QPainter) -> None:
    """The person, from the far parts to the near ones."""
    _oval(painter, HAIR, (322, 176), 53, 66)
    for side in ("right", "left"):
        _leg(painter, side)
    for side in ("right", "left"):
        _arm(painter, side)
    _limb(painter, SKIN, (322, 220), (322, 262), 21, 24)
    _torso(painter)
    _head(painter)


def _leg(painter: QPainter, side: str) -> None:
    hip, knee, ankle = (JOINTS[f"{side}_{n}"] for n in ("hip", "knee", "ankle"))
    toe = (ankle[0] + (-16 if side == "right" else 16), ankle[1] + 40)
    _limb(painter, SOLES, (ankle[0], ankle[1] + 44), (toe[0], toe[1] + 7), 22, 19)
    _limb(painter, SHOES, (ankle[0], ankle[1] + 26), toe, 22, 19)
    _limb(painter, SKIN, (ankle[0], ankle[1] - 20), (ankle[0], ankle[1] + 14), 14, 13)
    _limb(painter, TROUSERS, knee, (ankle[0], ankle[1] - 12), 31, 21)
    _limb(painter, TROUSERS, hip, knee, 39, 31)


def _arm(painter: QPainter, side: str) -> None:
    shoulder, elbow, wrist = (JOINTS[f"{side}_{n}"] for n in ("shoulder", "elbow", "wrist"))
    hand = (wrist[0] + (-8 if side == "right" else 8), wrist[1] + 26)
    _limb(painter, SKIN, wrist, hand, 13, 15)
    _limb(painter, SWEATER.darker(104), elbow, wrist, 21, 16)
    _limb(painter, SWEATER.darker(104), shoulder, elbow, 25, 20)
    _limb(painter, SWEATER.darker(118), (wrist[0], wrist[1] - 5), (wrist[0], wrist[1] + 5), 17, 17)


def _torso(painter: QPainter) -> None:
    path = QPainterPath(QPointF(300, 240))
    path.cubicTo(258, 246, 240, 262, 240, 292)
    path.cubicTo(248, 380, 250, 440, 244, 520)
    path.cubicTo(290, 534, 352, 534, 400, 520)
    path.cubicTo(394, 440, 396, 380, 404, 292)
    path.cubicTo(404, 262, 386, 246, 344, 240)
    path.cubicTo(334, 262, 310, 262, 300, 240)
    light = QLinearGradient(240, 0, 404, 0)
    for at, ink in (
        (0, SWEATER.darker(112)),
        (0.35, SWEATER.lighter(108)),
        (1, SWEATER.darker(135)),
    ):
        light.setColorAt(at, ink)
    painter.fillPath(path, light)
    painter.setClipPath(path)
    for y in (330, 372, 414):
        painter.fillRect(QRectF(230, y, 190, 14), QColor(250, 240, 220, 150))
    painter.fillRect(QRectF(230, 506, 190, 30), QColor(90, 60, 10, 60))
    painter.setClipping(False)


def _head(painter: QPainter) -> None:
    for x in (JOINTS["right_ear"][0] + 2, JOINTS["left_ear"][0] - 2):
        _oval(painter, SKIN.darker(108), (x, 178), 9, 14)
    _oval(painter, SKIN, (322, 178), 42, 53)
    fringe = QPainterPath(QPointF(276, 166))
    fringe.cubicTo(276, 96, 368, 96, 368, 166)
    fringe.cubicTo(362, 138, 340, 130, 318, 136)
    fringe.cubicTo(298, 140, 284, 146, 276, 166)
    painter.fillPath(fringe, HAIR.lighter(112))
    for x, y in (JOINTS["right_eye"], JOINTS["left_eye"]):
        _oval(painter, QColor("#FBF7F2"), (x, y), 8, 5)
        _oval(painter, QColor("#2B1E18"), (x, y), 4.5, 4.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(HAIR, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(QRectF(x - 13, y - 17, 26, 18), 40 * 16, 100 * 16)
    painter.setPen(QPen(SKIN.darker(140), 3.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(314, 178, 14, 12), 190 * 16, 160 * 16)
    painter.setPen(QPen(QColor("#8E4438"), 4.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawArc(QRectF(304, 188, 36, 20), 205 * 16, 130 * 16)


def _oval(
    painter: QPainter, ink: QColor, at: tuple[float, float], width: float, height: float
) -> None:
    light = QRadialGradient(QPointF(at[0] - width * 0.3, at[1] - height * 0.3), height * 1.6)
    light.setColorAt(0, ink.lighter(108))
    light.setColorAt(1, ink.darker(122))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(light)
    painter.drawEllipse(QPointF(*at), width, height)


def _limb(
    painter: QPainter,
    ink: QColor,
    start: tuple[float, float],
    end: tuple[float, float],
    wide: float,
    narrow: float,
) -> None:
    """A tapered limb with round ends, lit from the upper left."""
    a, b = QPointF(*start), QPointF(*end)
    along = b - a
    across = QPointF(-along.y(), along.x()) / max(1e-6, (along.x() ** 2 + along.y() ** 2) ** 0.5)
    path = QPainterPath(a + across * wide)
    for corner in (b + across * narrow, b - across * narrow, a - across * wide):
        path.lineTo(corner)
    path.closeSubpath()
    for centre, radius in ((a, wide), (b, narrow)):
        ball = QPainterPath()
        ball.addEllipse(centre, radius, radius)
        path = path.united(ball)
    lit = across if across.x() < 0 else -across
    light = QLinearGradient(a + lit * wide, a - lit * wide)
    for at, tone in ((0, ink.darker(106)), (0.35, ink.lighter(109)), (1, ink.darker(138))):
        light.setColorAt(at, tone)
    painter.fillPath(path, light)


def _drawn(fill: QColor, *parts: Callable[[QPainter], None]) -> QImage:
    image = QImage(*SIZE, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(fill)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for part in parts:
        part(painter)
    painter.end()
    return image


def write(folder: Path = FOLDER) -> None:
    """The photo, its mask and its joints."""
    folder.mkdir(exist_ok=True)
    photo = _drawn(QColor("white"), draw_scene, draw_person)
    photo.convertToFormat(QImage.Format.Format_RGB888).save(str(folder / "walker.png"))
    person = _drawn(QColor(0, 0, 0, 0), draw_person)
    mask = person.convertToFormat(QImage.Format.Format_Alpha8)
    mask.reinterpretAsFormat(QImage.Format.Format_Grayscale8)
    mask.save(str(folder / "walker.mask.png"))
    (folder / "walker.source.json").write_text(json.dumps(to_openpose(walker_pose())))


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication([])
    write()
