"""The published parts of a Deformable GAN: rectangles, affines, masks and heat maps of joints.

Siarohin et al., "Deformable GANs for Pose-based Human Image Generation", CVPR 2018, section 3.2,
with the constants of the authors' code. Joints are tensors (B, 18, 3) of x, y and presence in the
order of :data:`engine.shapes.pose.JOINTS`, in continuous pixels of the frame; presence 0 means
missing. Shoulders and hips must be there. Everything is vectorised over batch and parts.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from engine.shapes.pose import INDEX

PAPER_PARTS: tuple[str, ...] = (
    "torso",
    "head",
    "right_thigh",
    "left_thigh",
    "right_calf",
    "left_calf",
    "right_upper_arm",
    "left_upper_arm",
    "right_forearm",
    "left_forearm",
)
SIGMA = 6.0
"""Spread of a joint's heat map in pixels, at every resolution."""

_SEGMENTS = [
    (INDEX[f"{side}_{a}"], INDEX[f"{side}_{b}"])
    for a, b in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
    for side in ("right", "left")
]
_FROM = [a for a, _ in _SEGMENTS]
_TO = [b for _, b in _SEGMENTS]
_OTHER_SIDE = [1, 0, 3, 2, 5, 4, 7, 6]
_BEHIND = 0.1
_BEYOND_WARP = [0.1, 0.1, 0.3, 0.3, 0.1, 0.1, 0.3, 0.3]
_BEYOND_MASK = [0.1, 0.1, 0.5, 0.5, 0.1, 0.1, 0.5, 0.5]
"""Masks of calves and forearms reach further than their warps (hands, feet), as published."""
_HALF_WIDTH = 0.2
_HEAD_HALF = 0.40
_TORSO = [INDEX[n] for n in ("right_hip", "left_hip", "left_shoulder", "right_shoulder")]
_FACE = [INDEX[n] for n in ("nose", "right_eye", "left_eye", "right_ear", "left_ear")]
_SHOULDERS = [INDEX["right_shoulder"], INDEX["left_shoulder"]]
_POINTS = len(_FACE) + len(_SHOULDERS)
_FLAT = 1e-6
"""Points this close to a line (squared aspect), or maps that shrink this much, are singular."""
_OUTSIDE = 1e5
"""Where a part that has no source is sampled: outside any picture, so that it reads zeros."""


class Limbs(NamedTuple):
    """Rectangles of the eight limbs.

    Attributes:
        start: (B, 8, 2) pixels, middle of the end behind the first joint.
        axis: (B, 8, 2) unit vector along the limb; zeros for a limb without length.
        length: (B, 8) pixels.
        half: (B, 8) half the width in pixels.
        there: (B, 8) whether both joints are there and differ.
    """

    start: Tensor
    axis: Tensor
    length: Tensor
    half: Tensor
    there: Tensor

    def corners(self) -> Tensor:
        """(B, 8, 4, 2) pixels, around the rectangle."""
        along = self.axis * self.length[..., None]
        across = torch.stack([-self.axis[..., 1], self.axis[..., 0]], -1) * self.half[..., None]
        end = self.start + along
        ring = [self.start + across, self.start - across, end - across, end + across]
        return torch.stack(ring, 2)

    def mirrored_where_missing(self) -> Limbs:
        """A missing limb stands in for by that of the other side."""
        other = [t[:, _OTHER_SIDE] for t in self]
        mine = self.there
        chosen = [
            torch.where(mine[..., None] if a.ndim == 3 else mine, a, b)
            for a, b in zip(self, other, strict=True)
        ]
        return Limbs(*chosen)


def body_scale(joints: Tensor) -> Tensor:
    """(B,) pixels: root mean square of the two distances from shoulder to hip."""
    xy = joints[..., :2]
    square = (xy[:, _TORSO[:2]] - xy[:, [_TORSO[3], _TORSO[2]]]).square().sum(-1)
    return square.mean(1).sqrt()


def limbs(joints: Tensor, beyond: list[float]) -> Limbs:
    """The limbs' rectangles.

    Args:
        beyond: eight shares of the lengthened limb by which it goes on beyond its second joint.
    """
    first, second = joints[:, _FROM, :2], joints[:, _TO, :2]
    start = first + (first - second) * _BEHIND
    end = second + (second - start) * joints.new_tensor(beyond)[:, None]
    bone = end - start
    length = bone.norm(dim=-1)
    there = (joints[:, _FROM, 2] > 0) & (joints[:, _TO, 2] > 0) & (length > 1e-3)
    axis = bone / length.clamp(min=1e-3)[..., None]
    half = (_HALF_WIDTH * body_scale(joints))[:, None].expand_as(length)
    return Limbs(start, axis * there[..., None], length, half, there)


def paper_affines(target: Tensor, source: Tensor) -> Tensor:
    """(B, 10, 2, 3) affine maps from target pixels to source pixels, by least squares.

    A limb missing in the source is taken from its other side. A part that is missing in the target,
    on both sides of the source, or whose points lie on a line, maps to outside of the picture.
    """
    to_limbs = limbs(target, _BEYOND_WARP)
    from_limbs = limbs(source, _BEYOND_WARP).mirrored_where_missing()
    face = (target[:, _FACE, 2] > 0) & (source[:, _FACE, 2] > 0)
    there = to_limbs.there & from_limbs.there
    weight = torch.cat(
        [
            _padded_weight(torch.ones_like(face[:, :1]).expand(-1, 4))[:, None],
            (torch.cat([face, torch.ones_like(face[:, :2])], 1) & face.any(1, True))[:, None],
            _padded_weight(there[..., None].expand(-1, -1, 4)),
        ],
        1,
    )
    return fitted_affines(
        _points(target, to_limbs), _points(source, from_limbs), weight.to(target.dtype)
    )


def _padded_weight(there: Tensor) -> Tensor:
    return torch.nn.functional.pad(there, (0, _POINTS - 4))


def _points(joints: Tensor, quads: Limbs) -> Tensor:
    """(B, 10, 7, 2) points of each part, padded with zeros."""
    xy = joints[..., :2]
    four = torch.cat([xy[:, None, _TORSO], quads.corners()], 1)
    four = torch.nn.functional.pad(four, (0, 0, 0, _POINTS - 4))
    head = xy[:, None, _FACE + _SHOULDERS]
    return torch.cat([four[:, :1], head, four[:, 1:]], 1)


def fitted_affines(target: Tensor, source: Tensor, weight: Tensor) -> Tensor:
    """(..., 2, 3) least-squares affines from target points to source points.

    Solved by centred normal equations in closed form. A singular problem or solution, or one
    without points, gives a map to outside of the picture.

    Args:
        target, source: (..., N, 2) pixels.
        weight: (..., N) not negative.
    """
    share = (weight / weight.sum(-1, keepdim=True).clamp(min=1e-6))[..., None]
    middle_t, middle_s = ((share * p).sum(-2, keepdim=True) for p in (target, source))
    x, y = target - middle_t, source - middle_s
    spread = (share * x).transpose(-1, -2) @ x
    cross = (share * y).transpose(-1, -2) @ x
    trace = spread.diagonal(dim1=-2, dim2=-1).sum(-1)
    det = _det(spread)
    solvable = (det > _FLAT * trace.square()) & (trace > 0)
    linear = cross @ _adjugate(spread) / torch.where(solvable, det, 1.0)[..., None, None]
    solvable = solvable & (_det(linear).abs() > _FLAT)
    linear = torch.where(solvable[..., None, None], linear, torch.eye(2).to(linear))
    offset = (middle_s - middle_t @ linear.transpose(-1, -2)).transpose(-1, -2)
    offset = torch.where(solvable[..., None, None], offset, _OUTSIDE)
    return torch.cat([linear, offset], -1)


def _det(m: Tensor) -> Tensor:
    return m[..., 0, 0] * m[..., 1, 1] - m[..., 0, 1] * m[..., 1, 0]


def _adjugate(m: Tensor) -> Tensor:
    top = torch.stack([m[..., 1, 1], -m[..., 0, 1]], -1)
    bottom = torch.stack([-m[..., 1, 0], m[..., 0, 0]], -1)
    return torch.stack([top, bottom], -2)


def paper_masks(target: Tensor, height: int, width: int, scale: float = 1.0) -> Tensor:
    """(B, 10, height, width) bool: where each part may appear in the target.

    The torso may appear everywhere (its warp also carries the background), the head in a square
    around the visible face points, limbs in their rectangles. Missing parts appear nowhere.

    Args:
        scale: frame pixels per cell; the test is made at the centres of the cells.
    """
    x = (torch.arange(width, device=target.device, dtype=target.dtype) + 0.5) * scale
    y = (torch.arange(height, device=target.device, dtype=target.dtype) + 0.5) * scale
    torso = torch.ones(len(target), 1, height, width, dtype=torch.bool, device=target.device)
    return torch.cat([torso, _head_mask(target, x, y), _limb_masks(target, x, y)], 1)


def _head_mask(target: Tensor, x: Tensor, y: Tensor) -> Tensor:
    seen = (target[:, _FACE, 2] > 0).to(target.dtype)[..., None]
    count = seen.sum(1)
    centre = (target[:, _FACE, :2] * seen).sum(1) / count.clamp(min=1)
    half = (_HEAD_HALF * body_scale(target))[:, None]
    across = ((x - centre[:, :1]).abs() <= half) & (count > 0)
    down = (y - centre[:, 1:]).abs() <= half
    return (down[:, :, None] & across[:, None])[:, None]


def _limb_masks(target: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Four half planes: behind, beyond, and either side of each limb."""
    box = limbs(target, _BEYOND_MASK)
    ux, uy = (box.axis[..., i, None, None] for i in (0, 1))
    dx = x - box.start[..., 0, None, None]
    dy = y[:, None] - box.start[..., 1, None, None]
    along, across = dx * ux + dy * uy, dy * ux - dx * uy
    length, half, there = (t[..., None, None] for t in (box.length, box.half, box.there))
    return (along >= 0) & (along <= length) & (across.abs() <= half) & there


def heat_maps(joints: Tensor, height: int, width: int) -> Tensor:
    """(B, 18, height, width) in 0..1: a bell of :data:`SIGMA` at each joint, zeros if missing."""
    x = torch.arange(width, device=joints.device, dtype=joints.dtype) + 0.5
    y = torch.arange(height, device=joints.device, dtype=joints.dtype) + 0.5
    columns = torch.exp((x - joints[..., :1]).square() / (-2 * SIGMA**2))
    rows = torch.exp((y - joints[..., 1:2]).square() / (-2 * SIGMA**2))
    seen = (joints[..., 2:] > 0).to(joints.dtype)
    return (rows * seen)[..., None] * columns[:, :, None]
