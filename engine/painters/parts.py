"""Ten body parts as movable frames: affines, soft shapes and ownership, on the device.

Joints are tensors (B, 18, 2) in the order of :data:`engine.shapes.pose.JOINTS`, complete (no joint
missing: :func:`engine.shapes.body.completed`), in continuous pixels of the frame. Everything is
vectorised over batch and parts and differentiable.

Along a limb the frame follows its joints; across it, the body height, so that a foreshortened arm
does not become a thin one. The published rectangles and least-squares affines are in
``deformable.paper_geometry``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from engine.shapes.body import LENGTHS, TORSO_LENGTH
from engine.shapes.pose import INDEX

PARTS: tuple[str, ...] = (
    "torso",
    "head",
    "right_upper_arm",
    "left_upper_arm",
    "right_forearm",
    "left_forearm",
    "right_thigh",
    "left_thigh",
    "right_calf",
    "left_calf",
)

WITH_FEET: tuple[str, ...] = (*PARTS, "right_foot", "left_foot")
"""The parts whose look can be taken apart: feet are the far ends of the calves."""
REGIONS: dict[str, tuple[int, ...]] = {
    region: tuple(i for i, name in enumerate(WITH_FEET) if name.endswith(stems))
    for region, stems in {
        "head": ("head",),
        "torso": ("torso",),
        "arms": ("arm",),
        "legs": ("thigh", "calf"),
        "feet": ("foot",),
    }.items()
}
"""Parts of each region of :data:`engine.appearance.BODY`."""
CALVES = [PARTS.index("right_calf"), PARTS.index("left_calf")]

_SEGMENTS = [
    (INDEX[f"{side}_{a}"], INDEX[f"{side}_{b}"]) for a, b in LENGTHS for side in ("right", "left")
]
_FROM = [a for a, _ in _SEGMENTS]
_TO = [b for _, b in _SEGMENTS]
_SHARE = [share for share in LENGTHS.values() for _ in range(2)]
_REACH = [(0.12, 0.08)] * 2 + [(0.08, 0.55)] * 2 + [(0.05, 0.05)] * 2 + [(0.05, 0.32)] * 2
"""How far a limb's shape goes on behind its first and beyond its last joint (hands, feet)."""
_RADIUS = [0.040] * 2 + [0.036] * 2 + [0.058] * 2 + [0.046] * 2
_HEAD_RADIUS = 0.080
_BROAD = 2.2
"""Clothes reach this many limb radii from the bone."""
_PRIORITY = (0.0, 0.5, 0.5, 0.5, 0.6, 0.6, 0.0, 0.0, 0.0, 0.0)
"""In front when parts overlap: arms and head before torso and legs."""
FOOT = 0.13
"""Length of a foot, as a share of the standing height."""
_FACE = [INDEX[n] for n in ("nose", "right_eye", "left_eye", "right_ear", "left_ear")]
_FACING_SURE = 0.012
"""Nose off the line of the ears by this share of the height: the head clearly looks to one side."""


class PartFrames(NamedTuple):
    """Local axes of the ten parts.

    Attributes:
        origin, along, across: (B, 10, 2) pixels.
        height: (B,) standing height in pixels.
        facing: (B,) signed share of the height by which the nose leaves the middle of the ears.
    """

    origin: Tensor
    along: Tensor
    across: Tensor
    height: Tensor
    facing: Tensor


def _point(joints: Tensor, name: str) -> Tensor:
    return joints[:, INDEX[name]]


def _perpendicular(v: Tensor) -> Tensor:
    return torch.stack([-v[..., 1], v[..., 0]], -1)


def _unit(v: Tensor) -> Tensor:
    return v / (v.norm(dim=-1, keepdim=True) + 1e-6)


def standing_height(joints: Tensor) -> Tensor:
    """(B,) pixels; the tensor form of :func:`engine.shapes.body.body_height`, at least 8."""
    shoulders = (_point(joints, "right_shoulder") + _point(joints, "left_shoulder")) / 2
    hips = (_point(joints, "right_hip") + _point(joints, "left_hip")) / 2
    torso = (shoulders - hips).norm(dim=-1, keepdim=True) / TORSO_LENGTH
    share = joints.new_tensor(_SHARE)
    limbs = (joints[:, _FROM] - joints[:, _TO]).norm(dim=-1) / share
    ranked = torch.cat([torso, limbs], 1).sort(1).values
    return ranked[:, -4:-1].mean(1).clamp(min=8.0)


def part_frames(joints: Tensor) -> PartFrames:
    """Local frames of the ten parts, in the order of :data:`PARTS`."""
    height = standing_height(joints)
    tall = height[:, None]
    shoulders = (_point(joints, "right_shoulder") + _point(joints, "left_shoulder")) / 2
    hips = (_point(joints, "right_hip") + _point(joints, "left_hip")) / 2
    spine, width = _torso_axes(joints, hips - shoulders, tall)
    centre, up, facing = _head_axes(joints, shoulders, spine, tall)

    bone = joints[:, _TO] - joints[:, _FROM]
    length = bone.norm(dim=-1, keepdim=True)
    least = 0.3 * joints.new_tensor(_SHARE)[None, :, None] * tall[:, None]
    direction = torch.where(length > 1e-3, _unit(bone), _unit(spine)[:, None])
    bone = torch.where(length < least, direction * least, bone)

    origin = torch.cat([shoulders[:, None], centre[:, None], joints[:, _FROM]], 1)
    along = torch.cat([spine[:, None], (up * tall)[:, None], bone], 1)
    across = torch.cat(
        [
            width[:, None],
            (_perpendicular(up) * tall)[:, None],
            _perpendicular(direction) * tall[:, None],
        ],
        1,
    )
    return PartFrames(origin, along, across, height, facing)


def _torso_axes(joints: Tensor, spine: Tensor, tall: Tensor) -> tuple[Tensor, Tensor]:
    """Spine (shoulders to hips) and width; a torso seen from the side keeps a least width."""
    short = spine.norm(dim=-1, keepdim=True) < 0.1 * tall
    nudge = spine.new_tensor([0.0, 1e-3])
    spine = torch.where(short, _unit(spine + nudge) * 0.1 * tall, spine)
    shoulders = _point(joints, "left_shoulder") - _point(joints, "right_shoulder")
    hips = _point(joints, "left_hip") - _point(joints, "right_hip")
    width = (shoulders + 1.3 * hips) / 2
    normal = _perpendicular(_unit(spine))
    reach = (width * normal).sum(-1, keepdim=True)
    least = torch.where(reach >= 0, 0.10 * tall, -0.10 * tall)
    return spine, torch.where(reach.abs() < least.abs(), width + normal * (least - reach), width)


def _head_axes(
    joints: Tensor, shoulders: Tensor, spine: Tensor, tall: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    ears = (_point(joints, "right_ear") + _point(joints, "left_ear")) / 2
    centre = joints[:, _FACE].mean(1) * 0.4 + ears * 0.6
    up = centre - shoulders
    up = torch.where(up.norm(dim=-1, keepdim=True) < 0.03 * tall, -spine, up)
    up = _unit(up)
    offset = _point(joints, "nose") - ears
    facing = (offset * _perpendicular(up)).sum(-1) / tall[:, 0]
    return centre, up, facing


def part_affines(target: PartFrames, source: PartFrames) -> Tensor:
    """(B, 10, 2, 3): where each target pixel comes from in the source, one affine a part.

    A head that clearly looks to the other side is mirrored.
    """
    turned = (target.facing * source.facing < 0) & (
        torch.minimum(target.facing.abs(), source.facing.abs()) > _FACING_SURE
    )
    sign = torch.ones_like(source.across[..., :1])
    sign[:, PARTS.index("head"), 0] = torch.where(turned, -1.0, 1.0).to(sign.dtype)
    basis_source = torch.stack([source.along, source.across * sign], -1)
    basis_target = torch.stack([target.along, target.across], -1)
    # 2x2 inverse in closed form: never singular, because every frame has floored axes.
    a, b, c, d = (basis_target[..., i, j] for i in (0, 1) for j in (0, 1))
    inverse = torch.stack([torch.stack([d, -b], -1), torch.stack([-c, a], -1)], -2)
    linear = basis_source @ (inverse / (a * d - b * c)[..., None, None])
    offset = source.origin - (linear @ target.origin[..., None])[..., 0]
    return torch.cat([linear, offset[..., None]], -1)


def part_capsules(joints: Tensor, frames: PartFrames) -> Tensor:
    """(B, 10, 6): x0, y0, x1, y1 of the core line, its radius, and the radius with clothes."""
    tall = frames.height[:, None]
    shoulders = (_point(joints, "left_shoulder") - _point(joints, "right_shoulder")).norm(dim=-1)
    hips = (_point(joints, "left_hip") - _point(joints, "right_hip")).norm(dim=-1)
    radius = torch.maximum(torch.maximum(shoulders, 1.2 * hips) / 2, 0.06 * frames.height)
    o, u = frames.origin, frames.along
    torso = torch.cat([o[:, 0] + 0.15 * u[:, 0], o[:, 0] + u[:, 0]], 1)
    head = torch.cat([o[:, 1] + 0.035 * u[:, 1], o[:, 1] - 0.02 * u[:, 1]], 1)
    behind, beyond = (joints.new_tensor(r)[None, :, None] for r in zip(*_REACH, strict=True))
    limbs = torch.cat([o[:, 2:] - u[:, 2:] * behind, o[:, 2:] + u[:, 2:] * (1 + beyond)], -1)
    lines = torch.cat([torso[:, None], head[:, None], limbs], 1)
    thin = torch.cat(
        [radius[:, None], _HEAD_RADIUS * tall, joints.new_tensor(_RADIUS)[None] * tall], 1
    )
    wide = torch.cat([0.22 * tall, 0.15 * tall, _BROAD * thin[:, 2:]], 1)
    return torch.cat([lines, thin[..., None], wide[..., None]], -1)


class Window(NamedTuple):
    """A rectangle of the frame: rows, columns, and the frame position of its first pixel."""

    height: int
    width: int
    left: float = 0.0
    top: float = 0.0

    def grid(self, like: Tensor) -> Tensor:
        """(H, W, 2) centres of its pixels, in frame coordinates."""
        y = torch.arange(self.height, device=like.device, dtype=torch.float32) + 0.5 + self.top
        x = torch.arange(self.width, device=like.device, dtype=torch.float32) + 0.5 + self.left
        return torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)


def needed_window(capsules: Tensor, side: int, stride: int) -> Window:
    """What a pose needs of a side x side frame, in whole strides.

    Args:
        capsules: (10, 6) of one person.
    """
    reach = capsules[:, 5:] * 0.8
    low = torch.minimum(capsules[:, 0:2], capsules[:, 2:4]) - reach
    high = torch.maximum(capsules[:, 0:2], capsules[:, 2:4]) + reach
    ends = zip(low.amin(0).tolist(), high.amax(0).tolist(), strict=True)
    (left, width), (top, height) = (_span(*end, side, stride) for end in ends)
    return Window(height, width, left, top)


def _span(low: float, high: float, side: int, stride: int) -> tuple[int, int]:
    first, last = max(math.floor(low), 0), min(math.ceil(high), side)
    length = min(-(-max(last - first, stride) // stride) * stride, side)
    start = first - (length - (last - first)) // 2
    return min(max(start, 0), side - length), length


def capsule_distance(capsules: Tensor, window: Window) -> Tensor:
    """(B, 10, H, W) distance in pixels of each pixel centre from each part's core line."""
    x, y = window.grid(capsules).unbind(-1)
    x0, y0, x1, y1 = (capsules[:, :, i, None, None] for i in range(4))
    dx, dy = x1 - x0, y1 - y0
    t = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy + 1e-6)
    t = t.clamp(0, 1)
    return ((x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2 + 1e-6).sqrt()


def ownership(capsules: Tensor, window: Window) -> Tensor:
    """(B, 10, H, W), sums to 1: how much each pixel of the person belongs to each part."""
    radius = capsules[:, :, 4]
    firm = (radius / radius.amax(1, keepdim=True) + 0.5).clamp(max=1)
    near = 1 - capsule_distance(capsules, window) / radius[..., None, None]
    front = capsules.new_tensor(_PRIORITY)[None, :, None, None] * 2
    return (near / 0.12 * firm[..., None, None] + front).softmax(1)


def soft_masks(capsules: Tensor, window: Window) -> tuple[Tensor, Tensor]:
    """Two (B, 10, H, W) maps in 0..1: each part's own shape, and its reach with clothes."""
    distance = capsule_distance(capsules, window)
    thin = torch.sigmoid((1 - distance / capsules[:, :, 4, None, None]) * 6)
    wide = torch.sigmoid((1 - distance / capsules[:, :, 5, None, None]) * 8)
    return thin, wide


def face_points(joints: Tensor, capsules: Tensor, window: Window) -> Tensor:
    """(B, 5, H, W) a small bell at each of nose, eyes and ears."""
    centre = joints[:, _FACE][:, :, None, None]
    spread = capsules[:, 1, 4, None, None, None] * 0.3
    return torch.exp(-((window.grid(joints) - centre) ** 2).sum(-1) / (2 * spread**2))


def pose_maps(joints: Tensor, window: Window) -> Tensor:
    """(B, 15, H, W): the ten soft shapes and the five face points of a pose."""
    capsules = part_capsules(joints, part_frames(joints))
    return torch.cat([soft_masks(capsules, window)[0], face_points(joints, capsules, window)], 1)


def beyond_ankles(frames: PartFrames, window: Window) -> Tensor:
    """(B, 2, H, W) in 0..1: how surely a pixel of the right and left calf belongs to the foot."""
    knee, bone = frames.origin[:, CALVES], frames.along[:, CALVES]
    length = bone.norm(dim=-1) + 1e-6
    offset = window.grid(knee) - (knee + bone)[:, :, None, None]
    past = (offset * (bone / length[..., None])[:, :, None, None]).sum(-1)
    foot = FOOT * frames.height[:, None, None, None]
    return torch.sigmoid((past / foot - 0.09) * 14)


def sampling_grid(affines: Tensor, window: Window, side: int) -> Tensor:
    """(B, 10, H, W, 2) positions for grid_sample (align_corners=False) in a side x side source."""
    x, y = window.grid(affines).unbind(-1)
    m = affines[..., None, None]
    gx = m[:, :, 0, 0] * x + m[:, :, 0, 1] * y + m[:, :, 0, 2]
    gy = m[:, :, 1, 0] * x + m[:, :, 1, 1] * y + m[:, :, 1, 2]
    return torch.stack([gx, gy], -1) * (2 / side) - 1
