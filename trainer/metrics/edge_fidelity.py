"""Whether a picture follows its sketch, and looks like a photo: either alone is easy to get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import msgspec
import numpy as np

from engine.perception.edges_thinning import Line
from trainer.metrics import features, kernel_distance, sketch_bench
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure
from trainer.metrics.kernel_distance import Floats, KernelDistance
from trainer.metrics.line_finders import Finder
from trainer.metrics.sketch_bench import Case, Group, NearestEdges, Pixels
from trainer.recipes.edges_judging import TOLERANCE

ENOUGH = 0.6
"""F of the lines found in a painted picture."""
NEAREST, FLAT, REAL = "nearest training edges", "flat item with its lines", "the real photo"
_PROTOCOL = (
    f"one random look a sketch, {sketch_bench.PROTOCOL}; nearest training edges = the training "
    "photo whose edges are most alike; flat item = the area within the lines in the median colour "
    "of a held-out photo, the lines drawn over it in black"
)
_GAP = 9
"""Pixels; gaps of an outline up to this width count as closed."""


def rivals(
    group: Group, nearest: NearestEdges, photos: Sequence[Pixels]
) -> dict[str, list[Pixels]]:
    """What simpler answers give for the sketches of a group.

    Args:
        photos: real ones, whose colours the flat items take in turn.
    """
    answers = {
        NEAREST: [nearest.photo(case.lines) for case in group.cases],
        FLAT: [
            flat_item(case.lines, photos[n % len(photos)]) for n, case in enumerate(group.cases)
        ],
    }
    known = [case.photo for case in group.cases if case.photo is not None]
    return answers | ({REAL: known} if len(known) == len(group.cases) else {})


def inside(lines: Line) -> Line:
    """(H, W) what the lines enclose, lines included; small gaps count as closed."""
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_GAP, _GAP))
    thick = cv2.dilate(np.pad(lines.astype(np.uint8), _GAP), brush)
    cv2.floodFill(thick, None, (0, 0), (2,))
    outside = cv2.dilate((thick == 2).astype(np.uint8), brush) > 0
    return ~outside[_GAP:-_GAP, _GAP:-_GAP] | lines


def flat_item(lines: Line, photo: Pixels) -> Pixels:
    """(H, W, 3) the control: one colour of a real item, and the sketch itself in black."""
    item = photo[photo.min(-1) < 235]
    colour = np.median(item, axis=0) if len(item) else np.full(3, 128.0)
    picture = np.full((*lines.shape, 3), 255, np.uint8)
    picture[inside(lines)] = colour
    picture[lines] = 0
    return picture


def fidelity_figure(
    group: Group,
    painted: Sequence[Pixels],
    others: Mapping[str, Sequence[Pixels]],
    finder: Finder,
) -> Figure:
    """F at 2 px of the lines that are found again, against the sketch.

    Args:
        others: pictures of simpler answers, by name.
    """
    asked = [case.lines for case in group.cases]
    mine = finder.agreement(asked, painted)
    return Figure(
        id=f"{group.id}.edges.{finder.id}",
        title=f"Lines found again by {finder.title}, F at 2 px, {group.title}",
        protocol=f"{_PROTOCOL}; lines of both thinned, right if within {TOLERANCE:g} px, counts "
        f"summed over all; threshold {finder.threshold:g}, the best for the edges of training "
        "photos",
        judge=finder.id,
        n=len(asked),
        value=mine.f,
        baselines={name: finder.agreement(asked, pictures).f for name, pictures in others.items()},
        better="higher",
        target=(ENOUGH, None),
        target_says=f"at least {ENOUGH}",
        detail={"precision": mine.precision, "recall": mine.recall},
    )


def fidelity_by_sketch(
    figure: Figure,
    group: Group,
    painted: Sequence[Pixels],
    others: Mapping[str, Sequence[Pixels]],
    finder: Finder,
) -> Figure:
    """The same agreement of every sketch on its own, then the mean: cases that can be compared.

    Args:
        figure: :func:`fidelity_figure` of the same pictures.
    """

    def each(pictures: Sequence[Pixels]) -> list[float]:
        pairs = zip(group.cases, pictures, strict=True)
        return [finder.agreement([case.lines], [picture]).f for case, picture in pairs]

    cases = dict(zip([case.name for case in group.cases], each(painted), strict=True))
    return msgspec.structs.replace(
        figure,
        id=f"{figure.id}.by_sketch",
        title=f"{figure.title}, mean over sketches",
        protocol=f"{figure.protocol}; here F of every sketch, then the mean",
        value=float(np.mean(list(cases.values()))),
        baselines={name: float(np.mean(each(pictures))) for name, pictures in others.items()},
        target=(None, None),
        target_says="",
        detail={},
        cases=cases,
    )


def realism_figures(
    group: Group,
    painted: Sequence[Pixels],
    others: Mapping[str, Sequence[Pixels]],
    reference: KernelDistance,
) -> list[Figure]:
    """KID-style distance to real photos, and that the flat control fails it."""
    baselines = {name: reference.to(pictures) for name, pictures in others.items() if name != REAL}
    value = reference.to(painted)
    mine = Figure(
        id=f"{group.id}.realism",
        title=f"Distance to real photos, {group.title}",
        protocol=f"{_PROTOCOL}; {kernel_distance.PROTOCOL}; the nearest training edges are real "
        "photos, so theirs is the distance of one set of real photos to another",
        judge=features.ID,
        n=len(painted),
        value=value,
        baselines=baselines,
        better="lower",
        target=(None, baselines[NEAREST]),
        target_says="below that of the nearest training edges",
    )
    control = Figure(
        id=f"{group.id}.realism.control",
        title=f"Flat items with their lines: distance over the model's, {group.title}",
        protocol=f"{mine.protocol}; a control that must fail: its lines are perfect",
        judge=features.ID,
        n=len(painted),
        value=baselines[FLAT] / max(value, 1e-6),
        better="higher",
        target=(2.0, None),
        target_says="at least twice",
    )
    return [mine, control]


def likeness_figure(
    cases: Sequence[Case],
    own: Sequence[Pixels],
    random: Sequence[Pixels],
    nearest: NearestEdges,
    judge: FeatureJudge,
) -> Figure:
    """How near a painted item is to the one in the photo.

    Args:
        cases: with photos.
        own, random: each painted with the look of its own photo, and with a random one.
    """
    known = [(case, case.photo) for case in cases if case.photo is not None]

    def away(pictures: Sequence[Pixels]) -> Floats:
        pairs = zip(pictures, known, strict=True)
        return np.array([judge.distances(picture, photo).sum() for picture, (_, photo) in pairs])

    mine, free = away(own), away(random)
    copied = away([nearest.photo(case.lines) for case, _ in known])
    return Figure(
        id="held_out.likeness",
        title="Item painted with its own look, distance to its photo",
        protocol=f"{sketch_bench.PROTOCOL}; look read from the photo itself; {features.PROTOCOL}",
        judge=features.ID,
        n=len(known),
        value=float(np.mean(mine)),
        baselines={NEAREST: float(np.mean(copied))},
        better="lower",
        target=(None, float(np.mean(copied))),
        target_says="below the photo of the nearest training edges",
        detail={
            "with a random look": float(free.mean()),
            "sketches nearer than their nearest training edges": float((mine < copied).mean()),
            "the same with a random look": float((free < copied).mean()),
        },
        cases={case.name: float(v) for (case, _), v in zip(known, mine, strict=True)},
    )
