"""A reposed person back into the photo: only what moved is painted, the rest stays the photo."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from engine.inpaint import filled
from engine.painters.base import Frame
from engine.painters.deformable.geometry import (
    PARTS,
    Window,
    ownership,
    part_capsules,
    part_frames,
)
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.placing import scaled_size
from engine.shapes.body import completed
from engine.shapes.pose import INDEX, Pose

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

_PLATE_SIDE = 1024
"""Longest side at which the background behind the person is made up."""
_GRID = 160
"""Cells across the frame for deciding which part a pixel belongs to."""
_MARGIN = 0.012
"""Share of the frame by which a moved part's region grows, and over which it fades."""
_JOINTS: dict[str, tuple[str, ...]] = {
    "torso": ("right_shoulder", "left_shoulder", "right_hip", "left_hip"),
    "head": ("nose", "right_eye", "left_eye", "right_ear", "left_ear")
    + ("right_shoulder", "left_shoulder"),
    "upper_arm": ("shoulder", "elbow"),
    "forearm": ("elbow", "wrist"),
    "thigh": ("hip", "knee"),
    "calf": ("knee", "ankle"),
}


def moved_parts(before: Pose, after: Pose) -> list[int]:
    """Indices into PARTS of the parts that a change of pose touches."""
    a, b = completed(before), completed(after)
    shifted = np.abs(a.xy - b.xy).max(1) > 1e-6
    return [i for i, part in enumerate(PARTS) if shifted[_joints_of(part)].any()]


def _joints_of(part: str) -> list[int]:
    if part in _JOINTS:
        return [INDEX[name] for name in _JOINTS[part]]
    side, _, kind = part.partition("_")
    return [INDEX[f"{side}_{name}"] for name in _JOINTS[kind]]


@dataclass(frozen=True)
class _Box:
    """The part of the canvas that lies in the frame, and the frame's corner on the canvas."""

    x0: int
    y0: int
    x1: int
    y1: int
    left: int
    top: int
    side: int

    @classmethod
    def of(cls, frame: Frame, scale: float, size: tuple[int, int]) -> _Box:
        left, top = round(frame.left * scale), round(frame.top * scale)
        side = max(1, round(frame.side * scale))
        right, bottom = min(left + side, size[0]), min(top + side, size[1])
        x0, y0 = min(max(left, 0), size[0]), min(max(top, 0), size[1])
        return cls(x0, y0, max(right, x0), max(bottom, y0), left, top, side)

    @property
    def empty(self) -> bool:
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def cut(self, framed: NDArray) -> NDArray:
        """What a picture of the whole frame shows in the box."""
        return framed[
            self.y0 - self.top : self.y1 - self.top, self.x0 - self.left : self.x1 - self.left
        ]


@dataclass(frozen=True)
class _Level:
    """Photo, background plate and old person at one size, inside the box."""

    photo: Pixels
    behind: Pixels
    old: Pixels
    box: _Box


@dataclass
class Stage:
    """Everything about a photo that does not depend on the pose asked for."""

    photo: Photo
    mask: Mask
    pose: Pose
    frame: Frame
    _levels: dict[tuple[int, int], _Level] = field(default_factory=dict)

    @classmethod
    def make(cls, photo: Photo, mask: Mask, pose: Pose, frame: Frame) -> Stage:
        """A stage whose parts are computed when they are first needed."""
        return cls(photo, mask, pose, frame)

    @property
    def nbytes(self) -> int:
        """Bytes held, for the cache."""
        held = sum(a.nbytes for v in self._levels.values() for a in (v.photo, v.behind, v.old))
        return held + self.photo.pixels.nbytes + self.mask.pixels.nbytes

    @cached_property
    def plate(self) -> Pixels:
        """The photo without the person, at a bounded size."""
        longest = min(_PLATE_SIDE, max(self.photo.size))
        size = scaled_size(self.photo.size, longest)
        small = cv2.resize(self.photo.pixels, size, interpolation=cv2.INTER_AREA)
        mask = cv2.resize(self.mask.pixels, size, interpolation=cv2.INTER_AREA)
        return filled(np.asarray(small, np.uint8), _grown(mask, longest) > 0)

    def composite(self, picture: Picture, pose: Pose, longest: int | None) -> Picture:
        """The photo with the painted person in place of the old one.

        Args:
            picture: RGBA of the whole frame, at any size.
            pose: the pose that it shows, on the photo's canvas.
            longest: longest side of the result; None = the photo's own size.

        Returns:
            RGB. Pixels that belong to no moved part, before or after, are the photo's own.
        """
        size = scaled_size(self.photo.size, longest)
        level = self._level(size)
        canvas = level.photo.copy()
        parts = moved_parts(self.pose, pose)
        if not parts or level.box.empty:
            return Picture(canvas)
        box = level.box
        painted = box.cut(_at_side(picture.pixels, box.side))
        changed = self._changed(parts, pose, painted[..., 3], level)
        ys, xs = np.nonzero(changed)
        if len(ys):
            # Only the changed rectangle is blended: a wrist costs less than a body.
            part = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
            window = canvas[box.y0 : box.y1, box.x0 : box.x1]
            window[part] = _blended(
                window[part], level.behind[part], level.old[part], painted[part], changed[part]
            )
        return Picture(canvas)

    def _level(self, size: tuple[int, int]) -> _Level:
        if size not in self._levels:
            if len(self._levels) > 3:
                self._levels.clear()
            self._levels[size] = self._make_level(size)
        return self._levels[size]

    def _make_level(self, size: tuple[int, int]) -> _Level:
        scale = size[0] / self.photo.size[0]
        box = _Box.of(self.frame, scale, size)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        photo = self.photo.pixels
        if size != self.photo.size:
            photo = np.asarray(cv2.resize(photo, size, interpolation=how), np.uint8)
        if box.empty:
            return _Level(photo, photo[:0], photo[:0, :, 0], box)
        inside = np.s_[box.y0 : box.y1, box.x0 : box.x1]
        behind = np.asarray(cv2.resize(self.plate, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        mask = np.asarray(cv2.resize(self.mask.pixels, size, interpolation=how), np.uint8)
        old = _grown(mask[inside], max(size))
        return _Level(photo, np.ascontiguousarray(behind[inside]), old, box)

    def _changed(self, parts: list[int], pose: Pose, alpha: Pixels, level: _Level) -> Pixels:
        """(h, w) 0..255 in the box: what belongs to a moved part, before or after."""
        before, after = (self._owned(parts, p) for p in (self.pose, pose))
        box = level.box
        small = _at_side(np.dstack([before, after]), box.side)
        was, will = box.cut(small[..., 0]), box.cut(small[..., 1])
        both = np.maximum(np.minimum(was, level.old), np.minimum(will, _spread(alpha, box.side)))
        return _softened(both, box.side)

    def _owned(self, parts: list[int], pose: Pose) -> Pixels:
        """(G, G) 0 or 255 on the frame: cells that the given parts own in a pose."""
        inside = completed(pose).mapped(self.frame.matrix(_GRID), (_GRID, _GRID))
        joints = torch.tensor(inside.xy[None], dtype=torch.float32)
        capsules = part_capsules(joints, part_frames(joints))
        owner = ownership(capsules, Window(_GRID, _GRID))[0].argmax(0).numpy()
        return np.where(np.isin(owner, parts), 255, 0).astype(np.uint8)


def _at_side(framed: Pixels, side: int) -> Pixels:
    if framed.shape[0] == side:
        return framed
    how = cv2.INTER_AREA if side < framed.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(framed, (side, side), interpolation=how), np.uint8)


def _disc(radius: int) -> Pixels:
    return np.asarray(
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8
    )


def _grown(mask: NDArray, longest: int) -> Pixels:
    """The old person with a rim: its border pixels are mixed with it and must go too."""
    radius = max(2, round(longest * 0.004))
    hard = (mask > 30).astype(np.uint8) * 255
    grown = cv2.dilate(hard, _disc(radius))
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), radius / 2.5), np.uint8)


def _spread(alpha: Pixels, side: int) -> Pixels:
    """Where the new person is, with the width over which the region fades."""
    return np.asarray(cv2.dilate(alpha, _disc(max(1, round(side * _MARGIN)))), np.uint8)


def _softened(region: Pixels, side: int) -> Pixels:
    radius = max(1, round(side * _MARGIN))
    grown = cv2.dilate(np.where(region > 40, 255, 0).astype(np.uint8), np.ones((3, 3), np.uint8))
    size = 2 * radius + 1
    return np.asarray(cv2.blur(cv2.dilate(grown, np.ones((size, size), np.uint8)), (size, size)))


def _blended(
    photo: Pixels, behind: Pixels, old: Pixels, painted: Pixels, changed: Pixels
) -> Pixels:
    """Plate where the old person was, the painted one over it, faded into the photo."""
    photo_f = photo.astype(np.float32)
    hole = old[..., None] / np.float32(255)
    ground = photo_f + (behind - photo_f) * hole
    alpha = painted[..., 3:] / np.float32(255)
    result = ground + (painted[..., :3] - ground) * alpha
    blend = changed[..., None] / np.float32(255)
    return np.rint(photo_f + (result - photo_f) * blend).astype(np.uint8)
