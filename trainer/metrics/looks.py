"""What of a person's look is kept, part by part: colour, features, texture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from engine.painters.parts import (
    PARTS,
    Window,
    capsule_distance,
    ownership,
    part_capsules,
    part_frames,
)
from engine.shapes.pose import Pose
from trainer.metrics.features import FeatureJudge
from trainer.metrics.stage import on_white

LEVELS = (1, 2, 3)
"""Feature maps at 1/4, 1/8 and 1/16 of the judge's input describe a part."""
_REACH = 1.3
"""A part's pixels lie within this many radii of its bone."""
LEAST = 24
"""Fewer visible pixels than this (at 192 px a side) say nothing about a part."""
PROTOCOL = (
    "parts by the capsules of the pose (the nearest part owns a pixel, within 1.3 radii of its "
    "bone, alpha > 0.5), parts with fewer than 24 px of a 192 px frame left out"
)


def part_masks(rgba: NDArray[np.uint8], pose: Pose) -> NDArray[np.bool_]:
    """(10, S, S) which opaque pixels each part owns, in the order of PARTS.

    Args:
        rgba: (S, S, 4) the person in the frame.
        pose: complete pose in the frame's pixels.
    """
    side = rgba.shape[0]
    joints = torch.tensor(pose.xy[None], dtype=torch.float32)
    capsules = part_capsules(joints, part_frames(joints))
    window = Window(side, side)
    owner = ownership(capsules, window)[0].argmax(0).numpy()
    near = (capsule_distance(capsules, window) < _REACH * capsules[:, :, 4, None, None])[0].numpy()
    parts = (owner == np.arange(len(PARTS))[:, None, None]) & near & (rgba[..., 3] > 127)
    parts[parts.sum((1, 2)) < LEAST * (side / 192) ** 2] = False
    return parts


@dataclass(frozen=True)
class Look:
    """A person described part by part; NaN where a part cannot be seen.

    Attributes:
        lab: (10, 3) mean CIE Lab colour.
        features: (10, F) unit feature vectors of the judge, one for each level, side by side.
        energy: (10,) mean squared Laplacian of the lightness, off the silhouette.
    """

    lab: NDArray[np.float64]
    features: NDArray[np.float64]
    energy: NDArray[np.float64]


def look_of(rgba: NDArray[np.uint8], pose: Pose, judge: FeatureJudge | None) -> Look:
    """Describe the person of an (S, S, 4) cut-out in a pose of the same frame.

    Without a judge the features are all NaN.
    """
    parts = part_masks(rgba, pose)
    flat = on_white(rgba)
    lab = lab_of(flat)
    lightness = np.ascontiguousarray(lab[..., 0])
    edges = np.asarray(cv2.Laplacian(lightness, cv2.CV_32F, ksize=1) ** 2, np.float32)
    inner = cv2.erode((rgba[..., 3] > 200).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    means = np.stack([_mean(lab, part) for part in parts])
    energy = np.array([_mean(edges[..., None], part & inner)[0] for part in parts])
    features = np.full((len(PARTS), 1), np.nan) if judge is None else _described(flat, parts, judge)
    return Look(means, features, energy)


def lab_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W, 3) CIE Lab (D65): L 0..100, a and b about -128..127."""
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab), np.float32)


def _mean(values: NDArray[np.float32], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    if not where.any():
        return np.full(values.shape[2], np.nan)
    return values[where].mean(0, dtype=np.float64)


def _described(
    flat: NDArray[np.uint8], parts: NDArray[np.bool_], judge: FeatureJudge
) -> NDArray[np.float64]:
    levels = judge.features(flat)
    rows = []
    for part in parts:
        row = [_pooled(levels[n].numpy(), part) for n in LEVELS]
        rows.append(np.concatenate(row))
    return np.stack(rows)


def _pooled(level: NDArray[np.float32], part: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Unit mean feature inside the part, cells weighted by how much of them it covers."""
    if not part.any():
        return np.full(level.shape[0], np.nan)
    size = (level.shape[2], level.shape[1])
    weight = cv2.resize(part.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    mean = (level * weight).sum((1, 2), dtype=np.float64)
    return mean / (np.linalg.norm(mean) + 1e-9)


def lab_distance(first: Look, second: Look) -> NDArray[np.float64]:
    """(10,) CIE76 colour difference of each part; NaN where either cannot be seen."""
    return np.linalg.norm(first.lab - second.lab, axis=1)


def part_feature_distance(first: Look, second: Look) -> NDArray[np.float64]:
    """(10,) squared difference of unit features, mean over levels; NaN where unseen. 0..4."""
    return np.square(first.features - second.features).sum(1) / len(LEVELS)


def energy_ratio(painted: Look, source: Look) -> NDArray[np.float64]:
    """(10,) texture of the painting over that of the source; NaN where unseen or flat."""
    return painted.energy / np.where(source.energy > 1e-3, source.energy, np.nan)
