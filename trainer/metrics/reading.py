"""How well a perception model reads held-out photos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.perception.base import Perception
from engine.photo import Photo
from engine.shapes.pose import Presence
from trainer.data.coco import PersonSample
from trainer.metrics import keypoints
from trainer.metrics.figures import Figure

TARGETS: dict[str, tuple[float, float | None]] = {"people": (0.90, 0.90), "athletes": (0.80, None)}
"""PCKh and mask IoU that a bundled reader should reach, by pack."""


def reading_figures(reader: Perception, pack: str, samples: Sequence[PersonSample]) -> list[Figure]:
    """PCKh over all annotated joints, and the mean IoU of the masks (of photos that have one)."""
    agreements, overlaps, missed = [], {}, 0
    for sample in samples:
        pixels, mask = sample.read()
        reading = reader.read(Photo(pixels))
        missed += not reading.found
        pose = reading.pose if reading.found else None
        agreements.append(keypoints.agreement(pose, sample.pose, Presence.hidden))
        if sample.mask is not None:
            seen, true = reading.mask.pixels > 127, mask > 127
            overlaps[sample.photo.name] = float((seen & true).sum() / max((seen | true).sum(), 1))
    wanted, overlap = TARGETS.get(pack, (None, None))
    protocol = f"the whole reader on the held-out photos of {pack}"
    shares = keypoints.shares(agreements, [sample.photo.name for sample in samples])
    joints = f"{keypoints.PROTOCOL}; joints annotated with v > 0; nobody found = all joints wrong"
    return [
        Figure(
            id=f"read.{pack}.pckh.by_person",
            title=f"Joints read, {pack}, mean over people",
            protocol=f"{protocol}; {joints}; here PCKh of every person, then the mean",
            judge="annotation",
            n=len(shares),
            value=float(np.mean(list(shares.values()))) if shares else 0.0,
            better="higher",
            cases=shares,
        ),
        Figure(
            id=f"read.{pack}.pckh",
            title=f"Joints read, {pack}",
            protocol=f"{protocol}; {joints}",
            judge="annotation",
            n=len(samples),
            value=keypoints.pckh(agreements),
            better="higher",
            target=(wanted, None),
            target_says="" if wanted is None else f"at least {wanted}",
            detail={"groups": keypoints.by_group(agreements), "nobody found": missed},
        ),
        Figure(
            id=f"read.{pack}.mask_iou",
            title=f"Mask read, {pack}",
            protocol=f"{protocol}; intersection over union at 127 of 255, mean over photos",
            judge="annotation",
            n=len(overlaps),
            value=float(np.mean(list(overlaps.values()))) if overlaps else 0.0,
            better="higher",
            target=(overlap, None),
            target_says="" if overlap is None else f"at least {overlap}",
            cases=overlaps,
        ),
    ]
