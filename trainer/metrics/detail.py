"""How much of a large photo's fine detail survives in parts that merely turned."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.painters.base import Painter
from engine.painters.parts import PARTS
from engine.photo import Mask, Photo
from engine.shapes.body import body_height
from engine.shapes.pose import INDEX, Pose
from trainer.metrics.figures import Figure
from trainer.metrics.looks import part_masks
from trainer.metrics.stage import Person, on_white

TALL = 2000
"""Standing height of the subject in pixels."""
TURNED: dict[str, tuple[str, str]] = {
    "right_upper_arm": ("right_shoulder", "right_elbow"),
    "right_forearm": ("right_elbow", "right_wrist"),
    "left_calf": ("left_knee", "left_ankle"),
}
"""The parts that turn, and the joints they hang between."""
_ANGLES = {"right_upper_arm": 35.0, "right_forearm": 20.0, "left_calf": 20.0}
_COARSE = 8
"""Parts are found at this fraction of the resolution: only their insides count."""
_BAND = 2.5
"""Standard deviation in pixels: detail is what differs from a blur this wide."""
_TEXTURE = (0.8, 2.0, 14.0)
"""Drawn detail: band of noise between two blurs (px), and its standard deviation (0..255)."""
PROTOCOL = (
    f"a held-out person enlarged to {TALL} px standing height with fine procedural texture drawn "
    "over it (noise between blurs of 0.8 and 2 px, deviation 14 of 255); right arm raised by 35 "
    "and bent by 20 degrees, left calf by 20; detail = lightness minus its blur of 2.5 px; source "
    "detail is carried to the new place by the joints' exact turn (Lanczos); kept = its projection "
    "in the painting, mean over the inside of the parts that turned, painted at the frame's own "
    "resolution"
)

Floats = NDArray[np.float32]


class Detail(NamedTuple):
    """Share of detail kept in each turned part (by name), and seconds of painting."""

    painted: dict[str, float]
    enlarged: dict[str, float]
    bilinear: dict[str, float]
    first: float
    again: float


def large_subject(person: Person, seed: int, tall: int = TALL) -> Person:
    """The person at `tall` px with fine texture all over the photo, the same every time."""
    scale = tall / body_height(person.annotated)
    width, height = (round(n * scale) for n in person.photo.size)
    photo = cv2.resize(person.photo.pixels, (width, height), interpolation=cv2.INTER_CUBIC)
    mask = cv2.resize(person.mask.pixels, (width, height), interpolation=cv2.INTER_LINEAR)
    fine, coarse, strength = _TEXTURE
    noise = np.random.default_rng(seed).standard_normal((height, width)).astype(np.float32)
    band = cv2.GaussianBlur(noise, (0, 0), fine) - cv2.GaussianBlur(noise, (0, 0), coarse)
    textured = photo.astype(np.float32) + (band * (strength / band.std()))[..., None]
    pixels = np.rint(textured.clip(0, 255)).astype(np.uint8)
    pose = person.annotated.resized((width, height))
    return Person(person.name, Photo(pixels), Mask(mask.astype(np.uint8)), pose)


def turned(pose: Pose) -> Pose:
    """A complete pose with an arm raised and bent and a calf turned outwards, lengths kept."""
    xy = pose.xy.copy()
    middle = (xy[INDEX["right_shoulder"]] + xy[INDEX["left_shoulder"]]) / 2
    for part, hanging in (
        ("right_upper_arm", ("right_elbow", "right_wrist")),
        ("right_forearm", ("right_wrist",)),
        ("left_calf", ("left_ankle",)),
    ):
        root = xy[INDEX[TURNED[part][0]]].copy()
        rows = [INDEX[name] for name in hanging]
        options = [(xy[rows] - root) @ _rotation(s * _ANGLES[part]).T + root for s in (1, -1)]
        xy[rows] = max(options, key=lambda o: abs(float(o[-1, 0] - middle[0])))
    return Pose(xy, pose.presence, pose.size)


def _rotation(degrees: float) -> NDArray[np.float64]:
    a = np.deg2rad(degrees)
    return np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])


def rigid(start: tuple[Pose, Pose], names: tuple[str, str]) -> NDArray[np.float64]:
    """2x3 map from the target's pixels to the source's that turns one bone onto the other.

    Args:
        start: source and target pose on one canvas; the bone is equally long in both.
        names: the bone's two joints.
    """
    source, target = (pose.xy[[INDEX[n] for n in names]] for pose in start)
    a, b = (complex(*(bone[1] - bone[0])) for bone in (source, target))
    turn = a / b / abs(a / b)
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.column_stack([linear, source[0] - linear @ target[0]])


def warped(pixels: NDArray[np.uint8], matrix: NDArray[np.float64], how: int) -> NDArray[np.uint8]:
    """(H, W, ...) pulled through a map of continuous coordinates; OpenCV counts from centres."""
    centred = matrix.copy()
    centred[:, 2] += matrix[:, :2].sum(1) * 0.5 - 0.5
    size = (pixels.shape[1], pixels.shape[0])
    return np.asarray(
        cv2.warpAffine(pixels, centred, size, flags=how | cv2.WARP_INVERSE_MAP), np.uint8
    )


def fine_detail(rgb: NDArray[np.uint8]) -> Floats:
    """(H, W) lightness minus its blur."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return grey - cv2.GaussianBlur(grey, (0, 0), _BAND)


def kept(painted: Floats, source: Floats, where: NDArray[np.bool_]) -> float:
    """Share of the source's detail found in the painting, 0..1: projection of one on the other."""
    p, s = painted[where].astype(np.float64), source[where].astype(np.float64)
    return float(np.clip((p @ s) / max(float(s @ s), 1e-9), 0, 1))


def measure(painter: Painter, person: Person, seed: int, tall: int = TALL) -> Detail:
    """Paint one subject of `tall` px with turned limbs and compare its detail."""
    subject = large_subject(person, seed, tall)
    side = int(subject.frame.side)
    prepared = painter.prepare(subject.look)
    aim = turned(subject.pose)
    small = painter.paint(aim, prepared, painter.card.side, lambda: False).pixels
    seconds, picture = [], small
    for _ in range(2):
        start = time.perf_counter()
        picture = painter.paint(aim, prepared, side, lambda: False).pixels
        seconds.append(time.perf_counter() - start)
    size = (side, side)
    rivals = [np.asarray(cv2.resize(p, size), np.uint8) for p in (picture, small)]
    source = subject.cut(side)
    poses = subject.framed(subject.pose, side), subject.framed(aim, side)
    rows = _compared(source, rivals, poses)
    return Detail(rows[0], rows[1], rows[2], seconds[0], seconds[1])


def _compared(
    source: NDArray[np.uint8], rivals: list[NDArray[np.uint8]], poses: tuple[Pose, Pose]
) -> list[dict[str, float]]:
    """Detail kept by each rival, and by a plain bilinear copy, in each turned part."""
    here = _insides(source, poses[0])
    painted = [fine_detail(on_white(r)) for r in rivals]
    there = _insides(rivals[0], poses[1])
    rows: list[dict[str, float]] = [{} for _ in range(len(rivals) + 1)]
    flat = on_white(source)
    for part, names in TURNED.items():
        matrix = rigid(poses, names)
        where = there[part] & (warped(here[part].astype(np.uint8), matrix, 0) > 0)
        if where.sum() < 500:
            continue
        truth = fine_detail(warped(flat, matrix, cv2.INTER_LANCZOS4))
        plain = fine_detail(warped(flat, matrix, cv2.INTER_LINEAR))
        for row, picture in zip(rows, [*painted, plain], strict=True):
            row[part] = kept(picture, truth, where)
    return rows


def _insides(rgba: NDArray[np.uint8], pose: Pose) -> dict[str, NDArray[np.bool_]]:
    """Where each turned part is surely itself, away from its edge."""
    side = rgba.shape[0]
    small = side // _COARSE
    coarse = np.asarray(cv2.resize(rgba, (small, small), interpolation=cv2.INTER_AREA), np.uint8)
    parts = part_masks(coarse, pose.resized((small, small)))
    room = np.ones((5, 5), np.uint8)
    out = {}
    for part in TURNED:
        inner = cv2.erode(parts[PARTS.index(part)].astype(np.uint8), room)
        full = cv2.resize(inner, (side, side), interpolation=cv2.INTER_NEAREST)
        out[part] = (full > 0) & (rgba[..., 3] > 250)
    return out


@dataclass(frozen=True)
class DetailResult:
    """The figure, and the median seconds of a first and of a repeated painting at that size."""

    figure: Figure
    first: float
    again: float


def detail_figure(painter: Painter, people: Sequence[Person]) -> DetailResult:
    """Detail kept over several people, beside enlarging the small painting and a plain copy."""
    found = [measure(painter, person, seed) for seed, person in enumerate(people)]
    figure = Figure(
        id="detail.kept",
        title=f"Fine detail kept at {TALL} px",
        protocol=PROTOCOL,
        judge="formula",
        n=len(people),
        value=_mean([d.painted for d in found]),
        baselines={
            "painting at the network's side, enlarged": _mean([d.enlarged for d in found]),
            "bilinear copy (upper bound of bilinear painters)": _mean([d.bilinear for d in found]),
        },
        better="higher",
        target=(0.8, None),
        target_says="at least 0.8",
        detail={"parts": [d.painted for d in found]},
    )
    first, again = ([d.first for d in found], [d.again for d in found])
    return DetailResult(figure, float(np.median(first)), float(np.median(again)))


def _mean(rows: list[dict[str, float]]) -> float:
    values = [v for row in rows for v in row.values()]
    return float(np.mean(values)) if values else 0.0
