"""Which pixels an edit of a pose may change: those that belong to the parts whose joints moved."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.boxes import Box
from engine.pixels import bounds, warped
from engine.shapes.body import body_height
from engine.shapes.pose import INDEX, Pose

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]


_CELLS = 176
"""Cells along the longer side of the map; its ramps are far wider than a cell."""
_FEATHER = 0.35
"""Width of the soft border, in part radii."""
_LOOSE = 1.5
"""By so many radii more, things that hang on a moved part may be nearer to another one."""
_FIRM = 0.9
"""So near to another part, in its radii, everything is that part's."""
_HUNG = 0.75
"""A thing goes with what moved if so much of what it touches did."""
_REACH = 2.5
"""So many part radii off its surface, a painted pixel surely belongs to no moved part."""
_SLEEVE = 1.0
"""The same for arms: what is painted farther away is what the hand held, or another part."""
_FADE = 0.3
"""Over so many radii before that, an arm's pixels fade."""


@dataclass(frozen=True)
class _Part:
    """A part as a thick bone.

    Attributes:
        joints: those that carry it.
        radius: share of the standing height.
        behind: how readily others own what lies in front of it, in radii.
        reach: how far it goes on beyond its two ends, in bone lengths (hands, feet).
    """

    joints: tuple[str, ...]
    radius: float
    behind: float
    reach: tuple[float, float] = (0.0, 0.0)


_FACE = ("nose", "right_eye", "left_eye", "right_ear", "left_ear")
_TORSO = _Part(("right_shoulder", "left_shoulder", "right_hip", "left_hip"), 0.10, 0.5)
_HEAD = _Part((*_FACE, "neck"), 0.075, 0.25)
_LIMBS = tuple(
    _Part((f"{side}_{a}", f"{side}_{b}"), radius, behind, reach)
    for side in ("right", "left")
    for a, b, radius, behind, reach in (
        ("shoulder", "elbow", 0.040, 0.0, (0.12, 0.08)),
        ("elbow", "wrist", 0.036, 0.0, (0.08, 0.55)),
        ("hip", "knee", 0.058, 0.35, (0.05, 0.05)),
        ("knee", "ankle", 0.046, 0.35, (0.05, 0.32)),
    )
)
_PARTS = (_TORSO, _HEAD, *_LIMBS)
_ARMS = np.array([part.joints[-1].endswith(("elbow", "wrist")) for part in _PARTS])


@dataclass(frozen=True)
class Changed:
    """Soft maps over a rectangle of the canvas, coarse on purpose.

    Attributes:
        left, top: its corner in canvas pixels.
        step: canvas pixels a cell.
        old: (h, w) in 0..1, where the source person belongs to a moved part.
        loose: (h, w) in 0..1, at least `old`: what may belong to one too, such as a bag at the
            hand, and goes where nobody is painted.
        new: (h, w) in 0..1, where the painted person belongs to a moved part.
        reach: (h, w) in 0..1, at least `new`: where a moved part may be seen if nothing of the
            source person is there.
        firm: (h, w) so near to a bone of the source person that it is body or clothes.
        body: (h, w) where the target's bones are.
        gone: (h, w) 1 where neither the old nor the painted person may be seen; None = nowhere.
    """

    left: float
    top: float
    step: float
    old: Floats
    loose: Floats
    new: Floats
    reach: Floats
    firm: Flags
    body: Flags
    gone: Floats | None = None

    @property
    def cells(self) -> tuple[int, int]:
        """(width, height) of the maps."""
        return self.old.shape[1], self.old.shape[0]

    def box(self, size: tuple[int, int]) -> Box:
        """The smallest rectangle of a canvas of this size outside of which all maps are 0."""
        left, top, right, bottom = bounds((np.maximum(self.loose, self.reach) > 0).astype(np.uint8))
        if left == right:
            return 0, 0, 0, 0
        x = self.left + self.step * np.array([left - 1, right + 1])
        y = self.top + self.step * np.array([top - 1, bottom + 1])
        left, right = np.clip((np.floor(x[0]), np.ceil(x[1])), 0, size[0])
        top, bottom = np.clip((np.floor(y[0]), np.ceil(y[1])), 0, size[1])
        return int(left), int(top), int(right), int(bottom)

    def maps(self, box: Box) -> tuple[Bytes, Bytes, Bytes, Bytes]:
        """`old`, `loose`, `new` and `reach`, 0..255, at the canvas pixels of a box."""
        layers = self._enlarged(np.dstack([self.old, self.loose, self.new, self.reach]), box)
        old, loose, new, reach = (np.asarray(m, np.uint8) for m in cv2.split(layers))
        return old, loose, new, reach

    def allowed(self, box: Box) -> Bytes | None:
        """0..255 how much of the painted person may be seen in a box; None = all of it."""
        return None if self.gone is None else self._enlarged(1 - self.gone, box)

    def _enlarged(self, cells: Floats, box: Box) -> Bytes:
        coarse = np.rint(cells * 255).astype(np.uint8)
        corner, step = (self.left, self.top), (self.step, self.step)
        return warped(coarse, corner, step, box, cv2.BORDER_REPLICATE)

    def with_whole_things(self, person: Flags) -> Changed:
        """The same, with things such as bags and coat tails let go whole or not at all.

        A thing goes if it hangs on moved parts and hardly on others.

        Args:
            person: (h, w) where the source person is.
        """
        apart = (person & ~self.firm).astype(np.uint8)
        apart = cv2.morphologyEx(apart, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        count, found = cv2.connectedComponents(apart, connectivity=4)
        if count == 1:
            return self
        thing = cv2.dilate(np.asarray(found, np.float32), np.ones((5, 5), np.uint8))
        thing = np.asarray(thing, np.intp)
        holder = person & (apart == 0)
        held = np.bincount(thing[holder], minlength=count)
        mine = np.bincount(thing[holder & (self.old > 0.5)], minlength=count)
        goes = (mine > _HUNG * held)[thing]
        free = (thing > 0) & (~person | (apart > 0))
        old = np.where(free & ~goes, 0, self.old)
        loose = np.where(free, goes, np.where(self.firm, self.old, self.loose))
        return replace(self, old=_floats(old), loose=_floats(np.maximum(loose, old)))

    def without_orphans(self, person: Flags, painted: Flags) -> Changed:
        """The same, with what would be left hanging in the air let go as well.

        Args:
            person: (h, w) where the source person is.
            painted: (h, w) where the painted one is.
        """
        left = person & (self.loose > 0.5)
        there = (person & ~left) | (painted & ((self.reach > 0.5) | person))
        count, found = cv2.connectedComponents(there.astype(np.uint8), connectivity=4)
        labels = np.asarray(found, np.intp)
        lone = np.ones(count, bool)
        lone[labels[self.body]] = False
        # Pieces that hung on nothing before stay, such as a disc of a barbell beside its bar.
        apart = np.ones(count, bool)
        apart[labels[_wider(left, 1)]] = False
        apart[labels[painted & ~person]] = False
        lone &= ~apart
        lone[0] = False
        if not lone.any():
            return self
        pieces = lone[labels]
        gone = _floats(_wider(pieces, 2) & (pieces | ~there))
        return replace(self, loose=np.maximum(self.loose, gone), gone=gone)


def changed(source: Pose, target: Pose, person: Box) -> Changed | None:
    """Where an edit may change the photo; None if no joint moved.

    A pixel belongs to the part whose bone is nearest, measured in that part's radii, with arms in
    front of the head and the head in front of the rest. Clothes, hair and bags so go with the part
    they are nearest to.

    Args:
        source, target: complete poses on one canvas (:func:`engine.shapes.body.completed`).
        person: box around the source person's pixels.
    """
    distance = np.abs(source.xy - target.xy).max(1)
    moved = np.array([any(distance[INDEX[j]] > 1e-6 for j in p.joints) for p in _PARTS])
    if not moved.any():
        return None
    tall = max(body_height(source), body_height(target), 1.0)
    old, new = part_bones(source, tall), part_bones(target, tall)
    left, top, right, bottom = _extent(new[moved], person, source.size)
    step = max(right - left, bottom - top) / _CELLS
    across = left + step * (np.arange(np.ceil((right - left) / step)) + 0.5)
    down = top + step * (np.arange(np.ceil((bottom - top) / step)) + 0.5)
    depths = _depths(old, down, across)
    near, other = _least(depths[moved]), _least(depths[~moved])
    was, loose = _ramp(other - near), _ramp(other - near + _LOOSE) * _ramp(other - _FIRM)
    firm = np.minimum(near, other) <= _FIRM
    depths = _depths(new, down, across)
    near, other = _least(depths[moved]), _least(depths[~moved])
    reach = np.maximum(
        np.clip(_REACH - _least(depths[moved & ~_ARMS]), 0, 1),
        np.clip((_SLEEVE - _least(depths[moved & _ARMS])) / _FADE, 0, 1),
    )
    body = np.minimum(near, other) <= _TORSO.behind
    becomes = _floats(_ramp(other - near) * reach)
    return Changed(left, top, step, was, np.maximum(was, loose), becomes, reach, firm, body)


def part_bones(pose: Pose, tall: float) -> NDArray[np.float64]:
    """The ten parts of a complete pose as thick bones.

    Args:
        tall: standing height in pixels.

    Returns:
        (10, 6) both ends, radius in pixels, and how readily others own what lies in front, in
        radii: torso, head, then the limbs.
    """
    at = {n: pose.xy[i] for n, i in INDEX.items()}
    shoulders = (at["right_shoulder"] + at["left_shoulder"]) / 2
    hips = (at["right_hip"] + at["left_hip"]) / 2
    broad = max(float(np.abs(at["right_shoulder"] - at["left_shoulder"]).max()) / 2, 0.06 * tall)
    face = np.mean([at[n] for n in _FACE], axis=0)
    rows = [
        (*(shoulders * 0.85 + hips * 0.15), *hips, broad, _TORSO.behind),
        (*face, *face, _HEAD.radius * tall, _HEAD.behind),
    ]
    for part in _LIMBS:
        a, b = (at[j] for j in part.joints)
        first, last = a - part.reach[0] * (b - a), b + part.reach[1] * (b - a)
        rows.append((*first, *last, part.radius * tall, part.behind))
    return np.array(rows)


def _extent(
    bones: NDArray[np.float64], person: Box, size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Box around these bones with their clothes and around the person, on the canvas."""
    reach = (_REACH + 1) * bones[:, 4:5]
    low = (np.minimum(bones[:, :2], bones[:, 2:4]) - reach).min(0)
    high = (np.maximum(bones[:, :2], bones[:, 2:4]) + reach).max(0)
    low = np.clip(np.minimum(low, person[:2]), 0, np.array(size) - 1)
    high = np.clip(np.maximum(high, person[2:]), low + 1, size)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _depths(
    bones: NDArray[np.float64], down: NDArray[np.float64], across: NDArray[np.float64]
) -> Floats:
    """(10, h, w) how far, in radii, each cell is off the surface of each part."""
    thick = bones.astype(np.float32)
    found = [np.maximum(bone_distance(b, down, across) / b[4] - 1, 0) + b[5] for b in thick]
    return np.stack(found)


def _least(depths: Floats) -> Floats:
    """(h, w) depth in the nearest of some parts; far away if there are none."""
    return depths.min(0, initial=np.float32(1e6))


def _ramp(lead: Floats) -> Floats:
    """1 where the moved part is at least as near, falling to 0 over the feather."""
    share = np.clip(lead / np.float32(_FEATHER) + 1, 0, 1)
    return _floats(share * share * (3 - 2 * share))


def bone_distance(bone: Floats, down: NDArray[np.float64], across: NDArray[np.float64]) -> Floats:
    """(h, w) distance of each cell from a bone's line."""
    x, y = (across - bone[0]).astype(np.float32), (down - bone[1]).astype(np.float32)
    dx, dy = bone[2] - bone[0], bone[3] - bone[1]
    along = (x * dx)[None, :] + (y * dy)[:, None]
    t = np.clip(along / (dx * dx + dy * dy + np.float32(1e-6)), 0, 1)
    return np.hypot(x[None, :] - t * dx, y[:, None] - t * dy)


def _wider(cells: Flags, by: int) -> Flags:
    kernel = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    return np.asarray(cv2.dilate(cells.astype(np.uint8), kernel)) > 0


def _floats(values: object) -> Floats:
    return np.asarray(values, np.float32)
