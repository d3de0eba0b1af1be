"""The bundled poses as stances: what they are called, found by, and how the figure stands."""

from __future__ import annotations

from assets.stances import Stance

STANCES: dict[str, tuple[str, Stance]] = {
    "Standing": ("upright neutral front", Stance()),
    "Contrapposto": (
        "standing relaxed weight statue",
        Stance(
            hips=-9,
            shoulders=7,
            lean=-3,
            tilt=-6,
            turn=-14,
            right_arm=((12, -5), (8, 10)),
            left_arm=((12, -8), (10, 25)),
            right_leg=((13, 6), (-1, -16)),
            left_leg=((-3, 0), (-2, 0)),
        ),
    ),
    "Hands on hips": (
        "standing akimbo confident",
        Stance(
            right_arm=((46, -14), (-50, 20)),
            left_arm=((46, -14), (-50, 20)),
            right_leg=((10, 0), (7, 0)),
            left_leg=((10, 0), (7, 0)),
        ),
    ),
    "Arms crossed": (
        "standing folded serious",
        Stance(
            right_arm=((3, 12), (-98, 22)),
            left_arm=((3, 8), (-84, 18)),
            right_leg=((7, 0), (5, 0)),
            left_leg=((7, 0), (5, 0)),
        ),
    ),
    "Waving": (
        "hello greeting hand raised",
        Stance(
            left_arm=((90, 8), (168, 12)),
            lean=-2,
            tilt=5,
            turn=8,
            right_leg=((4, 0), (3, 0)),
            left_leg=((6, 0), (4, -4)),
        ),
    ),
    "Pointing": (
        "show direction arm out",
        Stance(
            yaw=10,
            twist=12,
            turn=22,
            left_arm=((86, 8), (90, 6)),
            right_arm=((10, -8), (8, 14)),
            right_leg=((5, 0), (4, 0)),
            left_leg=((9, 6), (6, -8)),
        ),
    ),
    "Thinking": (
        "standing chin hand wonder",
        Stance(
            left_arm=((8, 50), (-140, 0)),
            right_arm=((5, 20), (-84, 25)),
            nod=8,
            turn=-8,
            tilt=6,
            hips=4,
            right_leg=((8, 4), (2, -10)),
        ),
    ),
    "Cheering": (
        "victory arms up joy win",
        Stance(
            right_arm=((140, 10), (160, 12)),
            left_arm=((140, 10), (160, 12)),
            nod=-8,
            right_leg=((9, 0), (7, 0)),
            left_leg=((9, 0), (7, 0)),
        ),
    ),
    "Walking": (
        "stroll step side going",
        Stance(
            yaw=50,
            twist=10,
            bow=4,
            turn=-12,
            left_leg=((2, 28), (2, 14)),
            right_leg=((2, -14), (2, -44)),
            left_arm=((8, -26), (6, -6)),
            right_arm=((6, 20), (0, 42)),
        ),
    ),
    "Running": (
        "sprint sport fast side",
        Stance(
            yaw=68,
            twist=-12,
            bow=14,
            turn=10,
            right_leg=((2, 62), (2, -22)),
            left_leg=((2, -24), (2, -78)),
            right_arm=((10, -52), (4, 28)),
            left_arm=((8, 32), (-6, 112)),
        ),
    ),
    "Star jump": (
        "jumping air spread joy",
        Stance(
            right_arm=((122, 6), (130, 8)),
            left_arm=((122, 6), (130, 8)),
            nod=-5,
            right_leg=((34, 4), (30, -6)),
            left_leg=((34, 4), (30, -6)),
        ),
    ),
    "Leaping": (
        "jumping dance ballet air split side",
        Stance(
            yaw=55,
            bow=4,
            turn=-10,
            nod=-6,
            right_leg=((2, 72), (2, 62)),
            left_leg=((4, -62), (4, -74)),
            right_arm=((70, -30), (78, -30)),
            left_arm=((60, 50), (60, 58)),
        ),
    ),
    "Dancing": (
        "disco swing party hips",
        Stance(
            hips=10,
            shoulders=-8,
            lean=5,
            tilt=8,
            turn=16,
            right_arm=((62, 6), (150, 14)),
            left_arm=((55, -8), (100, 26)),
            right_leg=((9, 6), (2, -12)),
            left_leg=((22, 16), (0, -24)),
        ),
    ),
    "Arabesque": (
        "ballet dance balance one leg side",
        Stance(
            yaw=78,
            bow=18,
            nod=-18,
            right_leg=((0, 2), (0, 0)),
            left_leg=((4, -84), (4, -88)),
            right_arm=((14, 88), (14, 94)),
            left_arm=((70, -28), (74, -22)),
        ),
    ),
    "Lunge": (
        "fencing sport stretch warrior yoga",
        Stance(
            yaw=15,
            turn=50,
            right_leg=((49, 0), (46, 0)),
            left_leg=((70, 6), (2, 0)),
            right_arm=((88, 0), (90, 0)),
            left_arm=((88, 0), (90, 0)),
        ),
    ),
    "Squatting": (
        "crouch low sport",
        Stance(
            yaw=42,
            bow=30,
            nod=-22,
            right_leg=((14, 78), (6, -32)),
            left_leg=((14, 78), (6, -32)),
            right_arm=((6, 62), (-14, 92)),
            left_arm=((6, 62), (-14, 92)),
        ),
    ),
    "Sitting": (
        "seat chair rest",
        Stance(
            yaw=40,
            bow=2,
            right_leg=((8, 80), (2, -2)),
            left_leg=((8, 80), (2, 6)),
            right_arm=((10, 12), (-8, 62)),
            left_arm=((10, 12), (-8, 62)),
        ),
    ),
    "Kneeling": (
        "one knee down proposal",
        Stance(
            yaw=45,
            bow=4,
            right_leg=((4, 82), (2, 2)),
            left_leg=((4, -4), (2, -90)),
            right_arm=((8, 24), (-10, 60)),
            left_arm=((10, 2), (4, 14)),
        ),
    ),
    "Bowing": (
        "greeting thanks polite bend side",
        Stance(
            yaw=55,
            bow=52,
            nod=16,
            right_arm=((4, 14), (-40, 44)),
            left_arm=((8, -4), (4, 10)),
        ),
    ),
    "Stretching": (
        "side bend yoga sport arm over",
        Stance(
            lean=24,
            tilt=14,
            right_arm=((200, 6), (226, 8)),
            left_arm=((40, -12), (-48, 22)),
            right_leg=((14, 0), (11, 0)),
            left_leg=((14, 0), (11, 0)),
        ),
    ),
}
"""Name -> words to find it by, and the stance; in the order of the library."""
