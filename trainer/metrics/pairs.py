"""pose-gan's protocol: real pairs of one person, whole pictures, SSIM and mask-SSIM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.appearance import FromPhoto
from engine.errors import InputError
from engine.photo import Mask, Photo
from engine.request import Request
from engine.session import Session
from engine.shapes.pose import CORE, Pose
from trainer.data.posegan import Annotated, PosePair
from trainer.metrics import pose_masks, similarity
from trainer.metrics.figures import Figure

Pixels = NDArray[np.uint8]
Repaint = Callable[[Annotated, Pose], Pixels]
"""The whole photo, (H, W, 3), with its person in another pose of the same canvas."""
PROTOCOL = (
    "pose-gan's test pairs in both directions as listed; the painted photo with its own background "
    "against the target photo, whole picture, at the photos' size; pairs that lack a shoulder or "
    "hip are left out"
)


@dataclass
class Scores:
    """One value a pair; `copied` compares the untouched source instead."""

    painted: list[float] = field(default_factory=list)
    copied: list[float] = field(default_factory=list)

    def figure(self, identifier: str, title: str, protocol: str, left_out: int) -> Figure:
        """The means. A painter that learnt nothing of the pose is as good as the copy."""
        copied = float(np.mean(self.copied))
        return Figure(
            id=identifier,
            title=title,
            protocol=f"{PROTOCOL}; {protocol}",
            judge="formula",
            n=len(self.painted),
            value=float(np.mean(self.painted)),
            baselines={"copy of the source": copied},
            better="higher",
            target=(copied, None),
            target_says="above the copy of the source",
            detail={"pairs left out": left_out},
        )


class SessionRepaint:
    """Paints through the engine as the studio does: cut out, painted, back into the photo.

    The mask is what the bundled reader sees; where it sees nobody, the skeleton's own mask.
    """

    def __init__(self, session: Session, model: str) -> None:
        self._session, self._model = session, model
        self._looks: dict[str, FromPhoto] = {}

    def __call__(self, source: Annotated, pose: Pose) -> Pixels:
        """Raises GuiseError if the engine cannot paint it."""
        if source.path.name not in self._looks:
            self._looks[source.path.name] = self._look(source)
        look = self._looks[source.path.name]
        return self._session.paint(Request(self._model, pose, look)).picture.pixels[..., :3]

    def _look(self, source: Annotated) -> FromPhoto:
        photo = Photo(source.read())
        reading = self._session.read(photo)
        drawn = pose_masks.pose_mask(source.pose).astype(np.uint8) * 255
        return FromPhoto(photo, source.pose, reading.mask if reading.found else Mask(drawn))


def pair_figures(repaint: Repaint, pairs: Sequence[PosePair], name: str) -> list[Figure]:
    """SSIM and mask-SSIM of painted pairs beside those of the source as it is.

    Args:
        name: the pack, for titles.

    Raises:
        InputError: no pair can be used, or two photos of a pair differ in size.
    """
    plain, masked, used = Scores(), Scores(), 0
    for pair in pairs:
        if not (pair.source.pose.has(*CORE) and pair.target.pose.has(*CORE)):
            continue
        used += 1
        truth, copy = pair.target.read(), pair.source.read()
        if truth.shape != copy.shape:
            raise InputError(f"{pair.source.path} and {pair.target.path} differ in size.")
        painted = repaint(pair.source, pair.target.pose)
        mask = pose_masks.pose_mask(pair.target.pose)
        plain.painted.append(similarity.ssim(painted, truth))
        plain.copied.append(similarity.ssim(copy, truth))
        masked.painted.append(similarity.masked_ssim(painted, truth, mask))
        masked.copied.append(similarity.masked_ssim(copy, truth, mask))
    if not used:
        raise InputError(f"{name} has no pair with shoulders and hips in both photos.")
    rest = len(pairs) - used
    says = f"{similarity.PROTOCOL}; both pictures multiplied by the {pose_masks.PROTOCOL}"
    return [
        plain.figure(f"pairs.{name}.ssim", f"{name} pairs, SSIM", similarity.PROTOCOL, rest),
        masked.figure(f"pairs.{name}.mask_ssim", f"{name} pairs, mask-SSIM", says, rest),
    ]
