"""Training pairs from single photos: the person cut into parts and set up in another pose.

The puppet is the source and the untouched photo the target, so the network learns to repair what
moving parts breaks. (recipes.md of the design: training without pairs.)
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from engine.painters.parts import (
    PARTS,
    Window,
    capsule_distance,
    ownership,
    part_affines,
    part_capsules,
    part_frames,
)
from engine.shapes.body import body_height
from engine.shapes.pose import INDEX, Pose

Floats = NDArray[np.float32]

_BACK_TO_FRONT = ["thigh", "calf", "torso", "head", "upper_arm", "forearm"]
_ORDER = [i for kind in _BACK_TO_FRONT for i, name in enumerate(PARTS) if name.endswith(kind)]
_ARMS = [i for i, name in enumerate(PARTS) if name.endswith("arm")]
_THIGHS = [i for i, name in enumerate(PARTS) if name.endswith("thigh")]
_FACE = [INDEX[n] for n in ("nose", "right_eye", "left_eye", "right_ear", "left_ear")]
_CHAINS = [
    [INDEX[f"{side}_{n}"] for n in names]
    for names in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
    for side in ("right", "left")
]
_SWING = {"arm": (38.0, 45.0), "leg": (13.0, 16.0)}
"""Standard deviations in degrees of the first and second segment."""


def puppet(rgba: NDArray[np.uint8], pose: Pose, target: Pose) -> NDArray[np.uint8]:
    """The cut-out of `pose` set up in `target`, both complete poses on the square frame.

    Args:
        rgba: (S, S, 4) straight alpha, colours bled beyond the mask.

    Returns:
        (S, S, 4) straight alpha.
    """
    side = rgba.shape[0]
    joints = torch.tensor(np.stack([pose.xy, target.xy]), dtype=torch.float32)
    frames = part_frames(joints)
    capsules = part_capsules(joints, frames)
    half = capsules / 2
    small = Window(side // 2, side // 2)
    owned = _enlarged(ownership(half[:1], small)[0], side)
    distance = _enlarged(capsule_distance(half, small).flatten(0, 1), side) * 2
    here, there = distance[:10], distance[10:]
    alpha = rgba[..., 3].astype(np.float32) / np.float32(255)
    rgb = rgba[..., :3].astype(np.float32)
    trunk = here[0] / float(capsules[0, 0, 4])
    hole = _arm_hole(owned, alpha, trunk)
    without_arms = _filled(rgb, alpha, hole, owned)
    source, aim = (type(frames)(*(t[i : i + 1] for t in frames)) for i in (0, 1))
    affines = part_affines(aim, source)[0].numpy()
    colour, cover = np.zeros((side, side, 3), np.float32), np.zeros((side, side), np.float32)
    for part in _ORDER:
        reach = float(capsules[1, part, 5])
        if part == 0:
            thighs = owned[_THIGHS].sum(0) * (trunk < 1.6) * 0.8
            own = alpha * np.clip(owned[0] + thighs + hole * (trunk < 1.05), 0, 1)
            piece, reach = without_arms, reach * 1.6
        else:
            own, piece, reach = alpha * np.clip(owned[part] * 1.3, 0, 1), rgb, reach * 1.3
        warped = _warped(piece, own, affines[part])
        a = warped[..., 3] * (there[part] < reach)
        colour = colour * (1 - a[..., None]) + warped[..., :3] * a[..., None]
        cover = 1 - (1 - cover) * (1 - a)
    straight = np.where(cover[..., None] > 0.02, colour / np.maximum(cover, 0.02)[..., None], 255)
    return np.rint(np.dstack([straight, cover * 255]).clip(0, 255)).astype(np.uint8)


def _enlarged(maps: torch.Tensor, side: int) -> Floats:
    up = torch.nn.functional.interpolate(maps[None], (side, side), mode="bilinear")
    return up[0].numpy()


def _warped(rgb: Floats, alpha: Floats, affine: Floats) -> Floats:
    """Pull through an affine in continuous coordinates; cv2 counts from pixel centres."""
    centred = affine.copy()
    centred[:, 2] += affine[:, :2].sum(1) * 0.5 - 0.5
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = rgb.shape[1::-1]
    return np.asarray(cv2.warpAffine(np.dstack([rgb, alpha]), centred, size, flags=how), np.float32)


def _arm_hole(owned: Floats, alpha: Floats, trunk: Floats) -> NDArray[np.bool_]:
    """Where an arm lies over the trunk: it leaves a hole when it moves."""
    arms = np.isin(owned.argmax(0), _ARMS) & (alpha > 0.3) & (trunk < 1.05)
    return cv2.dilate(arms.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def _filled(rgb: Floats, alpha: Floats, hole: NDArray[np.bool_], owned: Floats) -> Floats:
    """The hole filled from the clothes around it, near ones first."""
    if not hole.any():
        return rgb
    firm = ((alpha > 0.5) & ~hole & ~np.isin(owned.argmax(0), _ARMS)).astype(np.float32)
    total, weight = np.zeros_like(rgb), np.zeros_like(alpha)
    for share, strength in ((0.01, 1.0), (0.026, 0.05), (0.073, 0.002)):
        sigma = share * rgb.shape[0]
        total += strength * cv2.GaussianBlur(rgb * firm[..., None], (0, 0), sigma)
        weight += strength * cv2.GaussianBlur(firm, (0, 0), sigma)
    return np.where(hole[..., None], total / (weight[..., None] + np.float32(1e-6)), rgb)


def without_hand(
    rgba: NDArray[np.uint8], pose: Pose, side: str, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The person with one hand out of sight: clothes from the body lie where it was.

    A hand in a pocket or sleeve is not in the photo, so it has to be invented; without such
    examples the reposer copies the pocket along with the arm.

    Args:
        side: "right" or "left".
    """
    elbow, wrist, hip, knee = (
        pose.xy[INDEX[f"{side}_{n}"]] for n in ("elbow", "wrist", "hip", "knee")
    )
    radius = body_height(pose) * rng.uniform(0.04, 0.06)
    hand = wrist + (wrist - elbow) * rng.uniform(0.1, 0.35)
    cloth = hip + (knee - hip) * rng.uniform(-0.3, 0.6)
    shift = np.round(cloth - hand).astype(int)
    ys, xs = np.mgrid[: rgba.shape[0], : rgba.shape[1]] + 0.5
    near = np.hypot(xs - hand[0], ys - hand[1]) < radius
    there = np.clip(np.stack([ys[near] + shift[1], xs[near] + shift[0]]), 0, rgba.shape[0] - 1)
    out = rgba.copy()
    out[near] = rgba[tuple(there.astype(int))]
    return out


def random_pose(
    pose: Pose, rng: np.random.Generator, bank: list[Pose], lively: float = 1.0
) -> Pose:
    """A new pose for the same body: limbs swung, or those of a real pose; kept inside the frame.

    Args:
        pose: complete pose on the square frame.
        bank: real complete poses, whose limb directions 45 % of the new poses take.
        lively: scales the swings.
    """
    xy = pose.xy.copy()
    if bank and rng.random() < 0.45:
        _take_limbs(xy, pose, bank[rng.integers(len(bank))], rng)
    else:
        _swing_limbs(xy, rng, lively)
    shoulders = _middle(xy, "shoulder")
    head = _rotation(rng.normal(0, 7 * lively)) * np.clip(rng.normal(1, 0.05), 0.9, 1.1)
    xy[_FACE] = (xy[_FACE] - shoulders) @ head.T + shoulders
    _turn_body(xy, shoulders, np.clip(rng.normal(0.97, 0.08), 0.75, 1.1))
    xy = (xy - xy.mean(0)) @ _rotation(rng.normal(0, 9 * lively)).T + xy.mean(0)
    xy[INDEX["neck"]] = _middle(xy, "shoulder")
    return Pose(_kept_inside(xy, pose.size[0], rng), pose.presence, pose.size)


def _rotation(degrees: float) -> NDArray[np.float64]:
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _middle(xy: NDArray[np.float64], joint: str) -> NDArray[np.float64]:
    return (xy[INDEX[f"right_{joint}"]] + xy[INDEX[f"left_{joint}"]]) / 2


def _spine(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return _middle(xy, "hip") - _middle(xy, "shoulder")


def _take_limbs(xy: NDArray[np.float64], pose: Pose, model: Pose, rng: np.random.Generator) -> None:
    """Limb directions of another pose, turned so that both torsos hang alike."""
    mine, theirs = _spine(pose.xy), _spine(model.xy)
    turn = np.degrees(np.arctan2(mine[1], mine[0]) - np.arctan2(theirs[1], theirs[0]))
    other = model.xy @ _rotation(turn).T * (body_height(pose) / body_height(model))
    for n, (root, middle, end) in enumerate(_CHAINS):
        if n >= 2 and rng.random() < 0.4:
            continue
        xy[middle] = xy[root] + other[middle] - other[root]
        xy[end] = xy[middle] + other[end] - other[middle]


def _swing_limbs(xy: NDArray[np.float64], rng: np.random.Generator, lively: float) -> None:
    for n, (root, middle, end) in enumerate(_CHAINS):
        upper, lower = _SWING["arm" if n < 2 else "leg"]
        first, second = xy[middle] - xy[root], xy[end] - xy[middle]
        if rng.random() < 0.85:
            swing = _rotation(rng.normal(0, upper * lively))
            first, second = swing @ first, _rotation(rng.normal(0, lower * lively)) @ swing @ second
        xy[middle] = xy[root] + first * np.clip(rng.normal(1, 0.1), 0.7, 1.2)
        xy[end] = xy[middle] + second * np.clip(rng.normal(1, 0.1), 0.7, 1.2)


def _turn_body(xy: NDArray[np.float64], shoulders: NDArray[np.float64], narrow: float) -> None:
    """Shoulders and hips closer together, as when the body turns a little; limbs go with them."""
    spine = _spine(xy)
    normal = np.array([-spine[1], spine[0]]) / (np.linalg.norm(spine) + 1e-6)
    for chain in _CHAINS:
        xy[chain] += ((xy[chain[0]] - shoulders) @ normal) * (narrow - 1) * normal


def _kept_inside(
    xy: NDArray[np.float64], side: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    low, high = xy.min(0), xy.max(0)
    room = np.array([0.06, 0.11]) * side  # hands; the head above and the feet below the joints
    scale = min(0.96 * side / (high - low + room).max(), rng.uniform(0.9, 1.1))
    return (xy - (low + high) / 2) * scale + side / 2 + rng.normal(0, 0.015, 2) * side
