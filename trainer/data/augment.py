"""Training pictures for the person reader: one person moved, turned, cut, hidden and relit.

Every function takes its randomness from the generator it is given, so that a seed gives the same
pictures. Coordinates are continuous pixels; masks are 0..255.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.perception.window import PAD
from engine.shapes.pose import MIRROR, Presence

Image = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True)
class Subject:
    """A photo, or a picture made of one, with what is known of its person.

    Attributes:
        picture: (H, W, 3) RGB.
        mask: (H, W), 255 = the person.
        xy: (18, 2) float64 joints in pixels.
        presence: (18,) of Presence; missing joints are not in the picture or not known.
    """

    picture: Image
    mask: Image
    xy: NDArray[np.float64]
    presence: NDArray[np.uint8]


@dataclass(frozen=True)
class Amounts:
    """How often each change is made, as probabilities.

    Attributes:
        backdrop: another background.
        nobody: the background alone, without a person.
        crowd: other people at the sides.
        cover: a rectangle over a part of the person.
        close: a close-up that cuts parts of the body off.
        far: a small person.
        tumble: turned by any angle; otherwise within 45 degrees, mostly below 20.
    """

    backdrop: float = 0.45
    nobody: float = 0.12
    crowd: float = 0.2
    cover: float = 0.2
    close: float = 0.08
    far: float = 0.15
    tumble: float = 0.08


def mirrored(subject: Subject) -> Subject:
    """Left and right exchanged: the picture, and the names of the joints."""
    width = subject.picture.shape[1]
    xy = subject.xy[MIRROR] * (-1, 1) + (width, 0)
    picture, mask = subject.picture[:, ::-1], subject.mask[:, ::-1]
    presence = subject.presence[MIRROR]
    return Subject(np.ascontiguousarray(picture), np.ascontiguousarray(mask), xy, presence)


def scene(
    rng: Rng, subject: Subject, side: int, other: Callable[[], Subject], amounts: Amounts
) -> Subject:
    """A square training picture of `side` pixels with the subject as its most central person.

    `other` draws further subjects, for backgrounds and passers-by. The mask is what is seen of the
    subject; a joint outside the square is missing.
    """
    if rng.random() < 0.5:
        subject = mirrored(subject)
    crowd = rng.random() < amounts.crowd
    moved = _warped(subject, _placement(rng, subject, side, amounts, crowd), side, _border(rng))
    if rng.random() < amounts.backdrop:
        moved = _over(_backdrop(rng, other, side), moved)
    if crowd:
        for _ in range(int(rng.integers(1, 3))):
            moved = _passer_by(rng, moved, other(), side)
    if rng.random() < amounts.cover:
        moved = _covered(rng, moved, side)
    if rng.random() < amounts.nobody:
        moved = _emptied(rng, other, side)
    return replace(moved, picture=relit(rng, moved.picture))


def _box(subject: Subject) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre and extent (2,) of mask and joints together."""
    x, y, w, h = cv2.boundingRect(subject.mask)
    points = [subject.xy[subject.presence > 0]]
    if w and h:
        points.append(np.array([(x, y), (x + w, y + h)], np.float64))
    stacked = np.concatenate(points)
    if not len(stacked):
        height, width = subject.mask.shape
        stacked = np.array([(0, 0), (width, height)], np.float64)
    low, high = stacked.min(0), stacked.max(0)
    return (low + high) / 2, np.maximum(high - low, 8)


def _placement(
    rng: Rng, subject: Subject, side: int, amounts: Amounts, central: bool
) -> NDArray[np.float64]:
    """2x3 map from the photo into the square."""
    centre, extent = _box(subject)
    dice = rng.random()
    share = rng.uniform(0.72, 1.0)
    if dice < amounts.close:
        share = rng.uniform(1.1, 2.0)
        centre = centre + extent * rng.uniform(-0.35, 0.35, 2)
    elif dice < amounts.close + amounts.far:
        share = rng.uniform(0.3, 0.72)
    scale = share * side / extent.max()
    angle = rng.uniform(-180, 180) if rng.random() < amounts.tumble else _lean(rng)
    matrix = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, scale)
    room = np.maximum(side - extent * scale, 0.1 * side) * (0.08 if central else 0.3)
    matrix[:, 2] += side / 2 - centre + rng.uniform(-1, 1, 2) * room
    return np.asarray(matrix, np.float64)


def _lean(rng: Rng) -> float:
    return float(np.clip(rng.normal(0, 10 if rng.random() < 0.6 else 25), -50, 50))


def _border(rng: Rng) -> int:
    return cv2.BORDER_CONSTANT if rng.random() < 0.7 else cv2.BORDER_REPLICATE


def _warped(subject: Subject, matrix: NDArray[np.float64], side: int, border: int) -> Subject:
    """The subject under a 2x3 map of continuous coordinates; cv2 counts from pixel centres."""
    centred = matrix.copy()
    centred[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    size, blur = (side, side), max(0.0, 0.5 / float(np.hypot(*matrix[0, :2])) - 0.5)
    source = cv2.GaussianBlur(subject.picture, (0, 0), blur) if blur > 0.2 else subject.picture
    picture = cv2.warpAffine(source, centred, size, borderMode=border, borderValue=PAD)
    mask = cv2.warpAffine(subject.mask, centred, size)
    xy = subject.xy @ matrix[:, :2].T + matrix[:, 2]
    inside = ((xy >= 0) & (xy < side)).all(1)
    presence = np.where(inside, subject.presence, Presence.missing).astype(np.uint8)
    return Subject(np.asarray(picture, np.uint8), np.asarray(mask, np.uint8), xy, presence)


def _mixed(back: Image, front: Image, alpha: Image) -> Image:
    share = cv2.GaussianBlur(alpha, (3, 3), 0)[..., None].astype(np.uint16)
    return ((front * share + back * (255 - share) + 127) // 255).astype(np.uint8)


def _over(back: Image, subject: Subject) -> Subject:
    """The person cut out and laid over another picture."""
    return replace(subject, picture=_mixed(back, subject.picture, subject.mask))


def _backdrop(rng: Rng, other: Callable[[], Subject], side: int) -> Image:
    """A square without people: another photo with its person smeared away, a slope or a colour."""
    kind = rng.random()
    if kind < 0.2:
        ground = np.full((side, side, 3), rng.integers(0, 256, 3), np.uint8)
    elif kind < 0.35:
        corners = rng.integers(0, 256, (2, 2, 3)).astype(np.uint8)
        ground = np.asarray(cv2.resize(corners, (side, side)), np.uint8)
    else:
        ground = _without_person(other(), side, rng)
    for _ in range(int(rng.integers(0, 4)) if rng.random() < 0.5 else 0):
        ground = _with_thing(rng, ground, other(), side)
    return ground


def _with_thing(rng: Rng, ground: Image, source: Subject, side: int) -> Image:
    """A roundish thing with the texture of a small piece of a photo: stuff, but no person."""
    span = max(8, int(min(source.mask.shape) * rng.uniform(0.08, 0.35)))
    stuff = cv2.resize(_piece(rng, source.picture, span), (side, side))
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 10))))
    reach = rng.uniform(0.08, 0.4) * side * rng.uniform(0.5, 1.2, len(angles))
    stretch = rng.uniform(0.4, 1.0, 2)
    ring = np.stack([np.cos(angles), np.sin(angles)], 1) * reach[:, None] * stretch
    shape = np.zeros((side, side), np.uint8)
    cv2.fillPoly(shape, [np.int32(ring + rng.uniform(0.1, 0.9, 2) * side)], (255,))  # type: ignore[list-item]
    shape = cv2.GaussianBlur(shape, (0, 0), side / 40)
    solid = np.clip((shape.astype(np.float32) - 128) * 4 + 128, 0, 255).astype(np.uint8)
    return _mixed(ground, stuff.astype(np.uint8), solid)


def _piece(rng: Rng, picture: Image, span: int) -> Image:
    """A random square of `span` pixels."""
    y, x = (int(rng.integers(0, n - span + 1)) for n in picture.shape[:2])
    return picture[y : y + span, x : x + span]


def _without_person(subject: Subject, side: int, rng: Rng) -> Image:
    """A square of a photo that shows little of the person, who is filled with what is around."""
    both = np.dstack([subject.picture, subject.mask])
    pieces = [_piece(rng, both, int(min(both.shape[:2]) * rng.uniform(0.25, 1))) for _ in range(5)]
    calm = min(pieces, key=lambda piece: float(piece[..., 3].mean()))
    part, mask = np.split(cv2.resize(calm, (side, side)), [3], axis=2)
    mask = mask[..., 0]
    mask = cv2.dilate(mask, np.ones((9, 9), np.uint8))
    small = (side // 4, side // 4)
    seen = cv2.resize((mask < 1).astype(np.float32), small, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(part * (mask < 1)[..., None].astype(np.float32), small)
    reach = (side // 4 | 1, side // 4 | 1)
    weight = cv2.blur(seen, reach)[..., None]
    fill = (cv2.blur(colour, reach) + 1e-3 * 128) / (weight + 1e-3)
    smear = cv2.resize(np.clip(fill, 0, 255).astype(np.uint8), (side, side))
    return _mixed(part.astype(np.uint8), smear.astype(np.uint8), mask.astype(np.uint8))


def _passer_by(rng: Rng, scene: Subject, other: Subject, side: int) -> Subject:
    """Another person beside the subject, in front of or behind them."""
    centre, extent = _box(scene)
    other_centre, other_extent = _box(other)
    scale = extent[1] * rng.uniform(0.5, 1.05) / other_extent[1]
    offset = (extent[0] * 0.5 + other_extent[0] * scale * 0.5) * rng.uniform(0.8, 1.5)
    sign = 1 if rng.random() < 0.5 else -1
    shift = np.array([sign * offset, rng.uniform(-0.15, 0.15) * extent[1]])
    matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
    matrix[:, 2] = centre + shift - scale * other_centre
    added = _warped(other, matrix, side, cv2.BORDER_CONSTANT)
    if rng.random() < 0.5:
        behind = np.minimum(added.mask, 255 - scene.mask)
        return replace(scene, picture=_mixed(scene.picture, added.picture, behind))
    picture = _mixed(scene.picture, added.picture, added.mask)
    return replace(scene, picture=picture, mask=np.minimum(scene.mask, 255 - added.mask))


def _covered(rng: Rng, scene: Subject, side: int) -> Subject:
    """A rectangle of one colour or noise over the picture; what it covers is not seen."""
    picture, mask = scene.picture.copy(), scene.mask.copy()
    for _ in range(int(rng.integers(1, 4))):
        w, h = rng.integers(side // 20, side // 4, 2)
        x, y = rng.integers(0, side - w), rng.integers(0, side - h)
        colour = rng.integers(0, 256, 3) + rng.normal(0, rng.uniform(0, 40), (h, w, 1))
        picture[y : y + h, x : x + w] = np.clip(colour, 0, 255)
        mask[y : y + h, x : x + w] = 0
    return replace(scene, picture=picture, mask=mask)


def _emptied(rng: Rng, other: Callable[[], Subject], side: int) -> Subject:
    """A picture without a person."""
    empty = np.zeros((side, side), np.uint8)
    return Subject(_backdrop(rng, other, side), empty, np.zeros((18, 2)), np.zeros(18, np.uint8))


def relit(rng: Rng, picture: Image) -> Image:
    """Other light, colour, sharpness and compression; the same things at the same places."""
    x = picture.astype(np.float32) / 255
    x = x ** rng.uniform(0.65, 1.5) * rng.uniform(0.8, 1.2, 3).astype(np.float32)
    grey = x.mean(2, keepdims=True)
    x = grey + (x - grey) * (0.0 if rng.random() < 0.05 else rng.uniform(0.5, 1.4))
    x = (x - 0.5) * rng.uniform(0.7, 1.3) + 0.5 + rng.uniform(-0.1, 0.1)
    if rng.random() < 0.15:
        x = x + rng.normal(0, rng.uniform(0.01, 0.06), x.shape).astype(np.float32)
    out = np.clip(x * 255, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.4, 1.6)).astype(np.uint8)
    if rng.random() < 0.2:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))]
        packed = cv2.imencode(".jpg", out, quality)[1]
        out = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return out
