"""How alike two poses on one canvas are: object key point similarity, as COCO measures it."""

from __future__ import annotations

import numpy as np

from engine.shapes.pose import JOINTS, Pose

_SPREAD = {
    "nose": 0.026,
    "eye": 0.025,
    "ear": 0.035,
    "neck": 0.079,
    "shoulder": 0.079,
    "elbow": 0.072,
    "wrist": 0.062,
    "hip": 0.107,
    "knee": 0.087,
    "ankle": 0.089,
}
"""COCO's standard deviations of annotators, as shares of the root of a person's area; the neck has
the shoulders'."""
SPREADS = np.array([_SPREAD[name.rsplit("_", 1)[-1]] for name in JOINTS])
AREA = 0.53
"""A person's area as a share of the box around the joints."""


def similarity(pose: Pose, truth: Pose) -> float:
    """0..1: 1 for equal joints, 0 where fewer than four joints are in both.

    The mean over the joints of both of exp(-d^2 / (2 area (2 spread)^2)), d in pixels, the area
    that of `truth`.
    """
    both = (pose.presence > 0) & (truth.presence > 0)
    if both.sum() < 4:
        return 0.0
    sides = np.ptp(truth.xy[truth.presence > 0], axis=0)
    area = max(AREA * float(np.prod(sides)), 1.0)
    squares = ((pose.xy - truth.xy) ** 2).sum(1)
    return float(np.exp(-squares / (2 * area * (2 * SPREADS) ** 2))[both].mean())
