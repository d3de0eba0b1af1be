"""A drawn person with known parts, for tests that need pixels and joints that agree."""

import cv2
import numpy as np

from engine.photo import Mask, Photo
from engine.shapes.body import default_pose
from engine.shapes.pose import INDEX, Pose

ASYMMETRIC = {
    "nose": (101, 42),
    "neck": (99, 66),
    "right_shoulder": (80, 70),
    "right_elbow": (60, 48),
    "right_wrist": (72, 20),
    "left_shoulder": (118, 64),
    "left_elbow": (140, 90),
    "left_wrist": (170, 96),
    "right_hip": (88, 118),
    "right_knee": (70, 150),
    "right_ankle": (76, 186),
    "left_hip": (112, 116),
    "left_knee": (134, 140),
    "left_ankle": (126, 182),
    "right_eye": (96, 38),
    "left_eye": (105, 37),
    "right_ear": (91, 42),
    "left_ear": (112, 40),
}


def asymmetric_pose(size: tuple[int, int] = (240, 220)) -> Pose:
    """A pose in which left, right, x and y cannot be mixed up unnoticed."""
    return Pose.of(size, ASYMMETRIC)


def drawn_person(
    size: tuple[int, int] = (240, 320), pose: Pose | None = None
) -> tuple[Photo, Mask, Pose]:
    """A photo of a person of thick coloured limbs on a gradient, with mask and pose."""
    pose = pose or default_pose(size)
    width, height = size
    ramp = np.linspace(60, 180, width)[None, :, None] + np.linspace(0, 40, height)[:, None, None]
    pixels = np.broadcast_to(ramp, (height, width, 3)).astype(np.uint8).copy()
    mask = np.zeros((height, width), np.uint8)
    tall = height * 0.8
    limbs = [
        ("right_hip", "right_knee", (40, 60, 160)),
        ("left_hip", "left_knee", (30, 90, 160)),
        ("right_knee", "right_ankle", (40, 60, 110)),
        ("left_knee", "left_ankle", (30, 90, 110)),
        ("right_shoulder", "right_elbow", (170, 40, 40)),
        ("left_shoulder", "left_elbow", (40, 150, 60)),
        ("right_elbow", "right_wrist", (210, 120, 90)),
        ("left_elbow", "left_wrist", (120, 200, 90)),
    ]

    def point(name: str) -> tuple[int, int]:
        x, y = pose.xy[INDEX[name]]
        return round(x), round(y)

    torso = ("right_shoulder", "left_shoulder", "left_hip", "right_hip")
    corners = np.array([point(n) for n in torso])
    for canvas, colour in ((pixels, (200, 180, 40)), (mask, 255)):
        cv2.fillConvexPoly(canvas, corners, colour)
        cv2.polylines(canvas, [corners], True, colour, int(tall * 0.05))
    for a, b, colour in limbs:
        for canvas, ink in ((pixels, colour), (mask, 255)):
            cv2.line(canvas, point(a), point(b), ink, int(tall * 0.06))
    for canvas, colour in ((pixels, (230, 190, 160)), (mask, 255)):
        cv2.circle(canvas, point("nose"), int(tall * 0.06), colour, -1)
        cv2.line(canvas, point("neck"), point("nose"), colour, int(tall * 0.04))
    return Photo(pixels), Mask(mask), pose
