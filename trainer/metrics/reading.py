"""How well a perception model reads held-out photos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.perception.base import Perception
from engine.photo import Photo
from engine.shapes.pose import Presence
from trainer.data.coco import PersonSample
from trainer.metrics import keypoints
from trainer.metrics.figures import Figure

TARGETS: dict[str, tuple[float, float | None]] = {"people": (0.90, 0.90), "athletes": (0.80, None)}
"""PCKh and mask IoU that a bundled reader should reach, by pack."""


class _Read(NamedTuple):
    """What a reader made of the photos of a pack.

    Attributes:
        names: of all photos.
        agreements: of the joints, photo by photo.
        overlaps: of the masks, by name; photos without a mask are left out.
        missed: photos in which it found nobody.
    """

    pack: str
    names: list[str]
    agreements: list[keypoints.Agreement]
    overlaps: dict[str, float]
    missed: int

    @property
    def protocol(self) -> str:
        """What was read."""
        return f"the whole reader on the held-out photos of {self.pack}"


def reading_figures(reader: Perception, pack: str, samples: Sequence[PersonSample]) -> list[Figure]:
    """PCKh over all annotated joints, and the mean IoU of the masks (of photos that have one)."""
    found = _Read(pack, [sample.photo.name for sample in samples], *_read(reader, samples))
    wanted, overlap = TARGETS.get(pack, (None, None))
    return [_by_person(found), _joints(found, wanted), _masks(found, overlap)]


def _read(
    reader: Perception, samples: Sequence[PersonSample]
) -> tuple[list[keypoints.Agreement], dict[str, float], int]:
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
    return agreements, overlaps, missed


_JOINTS = f"{keypoints.PROTOCOL}; joints annotated with v > 0; nobody found = all joints wrong"


def _by_person(found: _Read) -> Figure:
    shares = keypoints.shares(found.agreements, found.names)
    return Figure(
        id=f"read.{found.pack}.pckh.by_person",
        title=f"Joints read, {found.pack}, mean over people",
        protocol=f"{found.protocol}; {_JOINTS}; here PCKh of every person, then the mean",
        judge="annotation",
        n=len(shares),
        value=float(np.mean(list(shares.values()))) if shares else 0.0,
        better="higher",
        cases=shares,
    )


def _joints(found: _Read, wanted: float | None) -> Figure:
    return Figure(
        id=f"read.{found.pack}.pckh",
        title=f"Joints read, {found.pack}",
        protocol=f"{found.protocol}; {_JOINTS}",
        judge="annotation",
        n=len(found.names),
        value=keypoints.pckh(found.agreements),
        better="higher",
        target=(wanted, None),
        target_says="" if wanted is None else f"at least {wanted}",
        detail={"groups": keypoints.by_group(found.agreements), "nobody found": found.missed},
    )


def _masks(found: _Read, wanted: float | None) -> Figure:
    return Figure(
        id=f"read.{found.pack}.mask_iou",
        title=f"Mask read, {found.pack}",
        protocol=f"{found.protocol}; intersection over union at 127 of 255, mean over photos",
        judge="annotation",
        n=len(found.overlaps),
        value=float(np.mean(list(found.overlaps.values()))) if found.overlaps else 0.0,
        better="higher",
        target=(wanted, None),
        target_says="" if wanted is None else f"at least {wanted}",
        cases=found.overlaps,
    )
