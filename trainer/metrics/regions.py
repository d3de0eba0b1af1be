"""The five regions of a person whose looks can be mixed, as pixels and mean colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.appearance import BODY
from engine.painters.parts import CALVES, REGIONS
from engine.shapes.pose import INDEX, Pose
from trainer.metrics.looks import LEAST, lab_of, part_masks
from trainer.metrics.stage import on_white

PROTOCOL = (
    "regions made of the parts by the capsules of the pose; feet = what the calves own beyond the "
    "ankles; regions with fewer than 24 px of a 192 px frame left out"
)


def region_masks(rgba: NDArray[np.uint8], pose: Pose) -> NDArray[np.bool_]:
    """(5, S, S) which opaque pixels each region owns, in the order of BODY.

    Args:
        rgba: (S, S, 4) the person in the frame.
        pose: complete pose in the frame's pixels.
    """
    side = rgba.shape[0]
    parts = part_masks(rgba, pose)
    feet = parts[CALVES] & np.stack([_beyond_ankle(pose, w, side) for w in ("right", "left")])
    parts[CALVES] &= ~feet
    parts = np.concatenate([parts, feet])  # in the order of WITH_FEET
    out = np.stack([parts[list(REGIONS[name])].any(0) for name in BODY])
    out[out.sum((1, 2)) < LEAST * (side / 192) ** 2] = False
    return out


def region_colours(rgba: NDArray[np.uint8], pose: Pose) -> NDArray[np.float64]:
    """(5, 3) mean CIE Lab colour of each region; NaN where it cannot be seen."""
    lab = lab_of(on_white(rgba))
    masks = region_masks(rgba, pose)
    nothing = np.full(3, np.nan)
    return np.stack([lab[m].mean(0, dtype=np.float64) if m.any() else nothing for m in masks])


def _beyond_ankle(pose: Pose, which: str, side: int) -> NDArray[np.bool_]:
    """(S, S) pixels farther along the line from knee to ankle than the ankle."""
    knee, ankle = (pose.xy[INDEX[f"{which}_{joint}"]] for joint in ("knee", "ankle"))
    y, x = np.indices((side, side)) + 0.5
    down = ankle - knee
    return (x - ankle[0]) * down[0] + (y - ankle[1]) * down[1] > 0
