"""Looks of sketches put to the test: read from photos, asked for by a colour, moved by a slider."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.appearance import FromPhoto, Sampled, Vector
from engine.errors import InputError
from engine.perception.edges_thinning import Line
from engine.photo import Photo
from engine.sketch_looks import Colour, Trial, coloured, directions, lab_of
from engine.vectors import IDLE, thrown
from trainer.metrics import features, sketch_bench
from trainer.metrics.edge_fidelity import inside
from trainer.metrics.features import FeatureJudge
from trainer.metrics.figures import Figure
from trainer.metrics.sketch_bench import Case, Easel, Group, Pixels

HALF = 0.5
"""Share of a random look's distance that a look read from the photo may leave."""
CHIPS: dict[str, Colour] = {
    "red": (190, 30, 40),
    "blue": (35, 70, 160),
    "black": (25, 25, 28),
    "brown": (110, 70, 40),
    "white": (235, 235, 232),
}
"""sRGB of the chips that artists ask for first."""
NEAR = 20.0
"""Lab distance at which a colour counts as met."""
WANTED = 0.8
_ITEM = 0.05
"""Share of the canvas that the lines must enclose, so that there is a body to measure."""


def _never() -> bool:
    return False


def encoded(easel: Easel, cases: Sequence[Case]) -> list[Pixels]:
    """Every case painted with the look of its own photo."""
    return [
        easel.paint(case, FromPhoto(Photo(case.photo), case.sketch))
        for case in cases
        if case.photo is not None
    ]


def at_random(easel: Easel, cases: Sequence[Case]) -> list[Pixels]:
    """Every case that has a photo painted with a random look."""
    known = [case for case in cases if case.photo is not None]
    return [easel.paint(case, Sampled(n, case.sketch)) for n, case in enumerate(known)]


def reconstruction_figures(
    cases: Sequence[Case],
    own: Sequence[Pixels],
    random: Sequence[Pixels],
    judge: FeatureJudge | None,
) -> list[Figure]:
    """Distance to the photo with its own look, over that with a random one.

    Args:
        cases: with photos.
        own, random: :func:`encoded` and :func:`at_random` of them.
    """
    photos = [case.photo for case in cases if case.photo is not None]
    kinds = [_PIXELS] if judge is None else [_PIXELS, _features(judge)]
    return [_nearer(kind, photos, own, random) for kind in kinds]


class _Distance(NamedTuple):
    """A way to compare a painting with the photo: its id, judge, name, protocol and function."""

    id: str
    judge: str
    says: str
    protocol: str
    between: Callable[[Pixels, Pixels], float]


def _pixel_difference(one: Pixels, other: Pixels) -> float:
    """0..255."""
    return float(np.abs(one.astype(float) - other).mean())


_PIXELS = _Distance(
    "pixels", "formula", "pixel difference", "mean |difference| of RGB", _pixel_difference
)


def _features(judge: FeatureJudge) -> _Distance:
    def away(one: Pixels, other: Pixels) -> float:
        return float(judge.distances(one, other).sum())

    return _Distance("features", features.ID, "feature distance", features.PROTOCOL, away)


def _nearer(
    kind: _Distance, photos: Sequence[Pixels], own: Sequence[Pixels], random: Sequence[Pixels]
) -> Figure:
    """How near the own look comes to each photo, over how near a random one does."""
    mine, theirs = (
        np.array([kind.between(p, photo) for p, photo in zip(pictures, photos, strict=True)])
        for pictures in (own, random)
    )
    return Figure(
        id=f"held_out.reconstruction.{kind.id}",
        title=f"Look read from the photo, {kind.says} to it over that of a random look",
        protocol=f"{sketch_bench.PROTOCOL}; {kind.protocol}; ratio of means",
        judge=kind.judge,
        n=len(photos),
        value=float(mine.mean() / theirs.mean()),
        better="lower",
        target=(None, HALF),
        target_says="at most half",
        detail={
            "own look": float(mine.mean()),
            "random look": float(theirs.mean()),
            "sketches where the own look is nearer": float((mine < theirs).mean()),
        },
    )


@dataclass(frozen=True)
class Chipped:
    """A sketch in the colours of all chips.

    Attributes:
        pictures, distances: by chip, (side, side, 3) and CIE76 of the body's median colour.
    """

    case: Case
    pictures: dict[str, Pixels]
    distances: dict[str, float]


def chipped(easel: Easel, group: Group, count: int) -> list[Chipped]:
    """`count` sketches that enclose an item, in every chip's colour, from a random look each.

    Raises:
        InputError: no sketch encloses an item, or the model paints none.
    """
    usable = Group("", "", [case for case in group.cases if _body(case).mean() >= _ITEM])
    if not usable.cases:
        raise InputError("No sketch encloses an item whose colour could be measured.")
    return [
        _chipped(easel, case, thrown(n, easel.looks)) for n, case in enumerate(usable.some(count))
    ]


def _chipped(easel: Easel, case: Case, now: Vector) -> Chipped:
    trial = Trial(easel.session, easel.model, case.sketch, _never)
    looks = {name: coloured(trial, now, colour) for name, colour in CHIPS.items()}
    pictures = {name: easel.paint(case, look) for name, look in looks.items()}
    body = _body(case)
    distances = {
        name: float(
            np.linalg.norm(
                np.median(lab_of(picture[body]), 0) - lab_of(np.array(CHIPS[name], np.uint8))
            )
        )
        for name, picture in pictures.items()
    }
    return Chipped(case, pictures, distances)


def _body(case: Case) -> Line:
    """What the lines of a sketch enclose; the painter has no say in it."""
    return inside(case.lines) & ~case.lines


def chips_figure(group: Group, tried: Sequence[Chipped]) -> Figure:
    """The share of sketches whose body comes near the chip, for the chip where it is least."""
    reached = {
        name: float(np.mean([one.distances[name] < NEAR for one in tried])) for name in CHIPS
    }
    return Figure(
        id=f"{group.id}.chips",
        title=f"Colour chips met, the hardest colour, {group.title}",
        protocol=f"the studio's colour chip on {len(tried)} sketches, each from a random look; "
        f"median Lab colour within the lines, CIE76 below {NEAR:g}; chips (sRGB): "
        + ", ".join(f"{name} {colour}" for name, colour in CHIPS.items()),
        judge="formula",
        n=len(tried),
        value=min(reached.values()),
        better="higher",
        target=(WANTED, None),
        target_says="8 of 10 sketches",
        detail={
            "share by chip": reached,
            "median distance by chip": {
                name: float(np.median([one.distances[name] for one in tried])) for name in CHIPS
            },
        },
    )


def dimensions_figure(easel: Easel, group: Group, count: int) -> Figure:
    """How many numbers of a look do something, and how much each does."""
    cases = group.some(count)
    effects = np.mean(
        [
            directions(Trial(easel.session, easel.model, case.sketch, _never), easel.looks).effects
            for case in cases
        ],
        axis=0,
    )
    return Figure(
        id=f"{group.id}.dimensions",
        title=f"Numbers of a look that do something, {group.title}",
        protocol="root mean square change of colours in -1..1 over the whole canvas for a step of "
        f"1, mean over {len(cases)} sketches; below {IDLE:g} a number does nothing to be seen, and "
        "the studio shows no slider for it",
        judge="formula",
        n=len(cases),
        value=float((effects >= IDLE).sum()),
        better="higher",
        detail={"effects": effects.tolist(), "numbers": easel.looks},
    )
