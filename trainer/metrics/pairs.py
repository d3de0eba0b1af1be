"""pose-gan's pairs: real photos of one person in two poses, painted whole; SSIM and mask-SSIM."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from trainer.metrics.figures import Figure, Published

Pixels = NDArray[np.uint8]
Repaint = Callable[[Annotated, Pose], Pixels]
"""The whole photo, (H, W, 3), with its person in another pose of the same canvas."""
PROTOCOL = (
    "pose-gan's test pairs in both directions as listed; the painted photo with its own background "
    "against the target photo, whole picture, at the photos' size; pairs that lack a shoulder or "
    "hip are left out"
)
MASKED = f"{similarity.PROTOCOL}; both pictures multiplied by the {pose_masks.PROTOCOL}"
COPY = "copy of the source"


@dataclass(frozen=True)
class PaintedPair:
    """A pair and what was painted of it; all (H, W, 3) of one size.

    Attributes:
        name: "FROM>TO".
        painted: the source's person in the target's pose.
        copy: the source as it is.
        truth: the target.
        mask: (H, W) around the target's skeleton.
    """

    name: str
    painted: Pixels
    copy: Pixels
    truth: Pixels
    mask: NDArray[np.bool_]


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


def usable(pairs: Sequence[PosePair]) -> list[PosePair]:
    """Those with shoulders and hips in both photos, without which nobody can be reposed."""
    return [p for p in pairs if p.source.pose.has(*CORE) and p.target.pose.has(*CORE)]


def name_of(pair: PosePair) -> str:
    """ "FROM>TO", as reports name a pair."""
    return f"{pair.source.path.name}>{pair.target.path.name}"


def paint_pairs(
    paint: Callable[[PosePair], Pixels], pairs: Sequence[PosePair]
) -> Iterator[PaintedPair]:
    """Every pair with what `paint` makes of it. InputError if pictures of a pair differ in size."""
    for pair in pairs:
        truth, copy = pair.target.read(), pair.source.read()
        if truth.shape != copy.shape:
            raise InputError(f"{pair.source.path} and {pair.target.path} differ in size.")
        mask = pose_masks.pose_mask(pair.target.pose)
        yield PaintedPair(name_of(pair), paint(pair), copy, truth, mask)


def pair_figures(repaint: Repaint, pairs: Sequence[PosePair], name: str) -> list[Figure]:
    """SSIM and mask-SSIM of painted pairs beside those of the source as it is.

    Args:
        name: the pack, for titles.

    Raises:
        InputError: no pair can be used, or two photos of a pair differ in size.
    """
    used = usable(pairs)
    if not used:
        raise InputError(f"{name} has no pair with shoulders and hips in both photos.")
    painted = list(paint_pairs(lambda pair: repaint(pair.source, pair.target.pose), used))
    detail = {"pairs left out": len(pairs) - len(used)}
    return [
        similarity_figure(f"pairs.{name}.ssim", f"{name} pairs, SSIM", painted, detail, False),
        similarity_figure(
            f"pairs.{name}.mask_ssim", f"{name} pairs, mask-SSIM", painted, detail, True
        ),
    ]


def similarity_figure(
    identifier: str,
    title: str,
    pairs: Sequence[PaintedPair],
    detail: Mapping[str, float],
    masked: bool,
    protocol: str = PROTOCOL,
    quoted: tuple[Published, ...] = (),
) -> Figure:
    """Mean SSIM of painted pairs. A painter that learnt nothing of the pose is as good as a copy.

    Args:
        masked: look only at what the mask around the target's skeleton shows.
        quoted: the same figure in papers.
    """

    def score(picture: Pixels, pair: PaintedPair) -> float:
        if masked:
            return similarity.masked_ssim(picture, pair.truth, pair.mask)
        return similarity.ssim(picture, pair.truth)

    cases = {pair.name: score(pair.painted, pair) for pair in pairs}
    copied = float(np.mean([score(pair.copy, pair) for pair in pairs]))
    return Figure(
        id=identifier,
        title=title,
        protocol=f"{protocol}; {MASKED if masked else similarity.PROTOCOL}",
        judge="formula",
        n=len(cases),
        value=float(np.mean(list(cases.values()))),
        baselines={COPY: copied},
        better="higher",
        target=(copied, None),
        target_says="above the copy of the source",
        detail=dict(detail),
        cases=cases,
        published=quoted,
    )
