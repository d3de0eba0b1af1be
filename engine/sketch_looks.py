"""Looks found by trying: one whose item has a wanted colour, and what each number of a look does.

A colour is taken as an artist would do it: the picture as it is painted now is recoloured, and the
look of that is read. What is painted with this look comes near the colour; a few Gauss-Newton steps
on the numbers, at finite differences, bring it nearer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.appearance import Appearance, FromPhoto, Vector
from engine.errors import InputError, Unsupported
from engine.painters.base import Stop, Stopped
from engine.photo import Photo
from engine.request import Painted, Request
from engine.shapes.raster import letterboxed
from engine.shapes.sketch import Sketch
from engine.vectors import FARTHEST, OUTERMOST, Directions, holding, plain, thrown

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Colour = tuple[int, int, int]
"""sRGB, 0..255 each."""

SIDE = 128
"""Longest side in pixels of the pictures that are tried."""
STOPS = (-FARTHEST, -FARTHEST / 2, 0.0, FARTHEST / 2, FARTHEST)
"""Values of a number at which the item's colour is told."""
_PAPER = 235
"""A pixel whose channels are all above this is paper."""
_LEAST = 0.004
"""Share of the canvas below which there is no item to speak of."""
_THROWS = 4
"""So many random looks tell the item from the paper: what one paints white, another does not."""
_SHADING = 0.5
"""How much of the differences in lightness a recoloured item keeps."""
_NEAR = 5.0
"""Lab distance at which the search ends."""
_GOOD = 10.0
"""Lab distance that is good enough for not going beyond the sliders."""
_FAR = 14.0
"""Lab distance from which random looks are tried as starts, too."""
_STARTS = 6
_ROUNDS = 3
_STEP = 0.4
_DAMPING = 4.0
"""Squared Lab distance a number has to move the colour per step of 1 to be worth moving it."""
_SHARES = (1.0, 0.5)


class Trying(Protocol):
    """What is asked of a session."""

    def vector(self, model: str, look: Appearance) -> Vector: ...
    def paint(self, request: Request, stop: Stop) -> Painted: ...


@dataclass(frozen=True)
class Trial:
    """A sketch on which looks are tried.

    Attributes:
        model: a painter of sketches whose looks are numbers.
        stop: asked before each picture.
    """

    session: Trying
    model: str
    sketch: Sketch
    stop: Stop

    def picture(self, look: Vector) -> Pixels:
        """(H, W, 3) of the canvas, SIDE along its longer side. Raises Stopped, GuiseError."""
        if self.stop():
            raise Stopped
        request = Request(self.model, self.sketch, look, longest=SIDE)
        return self.session.paint(request, self.stop).picture.over((255, 255, 255)).pixels

    def seen(self, picture: Pixels) -> Vector:
        """The look of a picture. Raises Unsupported if the model reads none."""
        photo = Photo(letterboxed(picture, SIDE))
        return self.session.vector(self.model, FromPhoto(photo))


def lab_of(rgb: Pixels) -> Floats:
    """(..., 3) CIE Lab (D65) of sRGB: L 0..100."""
    flat = rgb.reshape(1, -1, 3).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2Lab), np.float64).reshape(rgb.shape)


def coloured(trial: Trial, now: Vector, colour: Colour, held: Collection[int] = ()) -> Vector:
    """The look that gives the item of a sketch a colour and else stays like the present one.

    Args:
        now: the present look.
        held: numbers that stay as they are.

    Returns:
        The look with which the body's median colour comes nearest to the colour, of those tried.

    Raises:
        InputError: nothing is drawn, or nothing but paper is painted.
        Stopped: `trial.stop` said so.
    """
    count, target = len(now.values), lab_of(np.array(colour, np.uint8))
    picture, body = trial.picture(now), body_of(trial, count)
    measure = _Measure(trial, body, target)
    first = holding(_first(trial, recoloured(picture, body, colour), now), now, held)
    best = first
    for reach in (FARTHEST, OUTERMOST):  # what lies far out is painted worse
        starts = [_inside(first, now, held, reach)]
        if measure.distance(starts[0]) > _FAR:
            starts += [holding(thrown(seed, count), now, held) for seed in range(_STARTS)]
        near = _nearer(measure, min(starts, key=measure.distance), held, reach)
        best = min(best, near, key=measure.distance) if reach > FARTHEST else near
        if measure.distance(best) < _GOOD:
            break
    return best


def _inside(look: Vector, now: Vector, held: Collection[int], reach: float) -> Vector:
    """A look whose numbers stay within reach, but for those that are held."""
    return holding(Vector(tuple(np.clip(look.values, -reach, reach).tolist())), now, held)


def _nearer(measure: _Measure, best: Vector, held: Collection[int], reach: float) -> Vector:
    """A look that is nearer to the colour, by steps as long as they help."""
    for _ in range(_ROUNDS):
        if measure.distance(best) < _NEAR:
            break
        better = min(_steps(measure, best, held, reach), key=measure.distance)
        if measure.distance(better) >= measure.distance(best):
            break
        best = better
    return best


def _first(trial: Trial, wanted: Pixels, now: Vector) -> Vector:
    """The look of a recoloured picture; the present one for models that cannot read looks."""
    try:
        return trial.seen(wanted)
    except Unsupported:
        return now


def body_of(trial: Trial, count: int) -> NDArray[np.bool_]:
    """(H, W) where a sketch's item is, whatever its look: what half of several looks do not leave
    white, without the drawn lines where there is enough beside them. Raises InputError."""
    nothing = InputError("There is no item to colour yet; draw one first.")
    if trial.sketch.is_empty:
        raise nothing
    looks = [plain(count), *(thrown(seed, count) for seed in range(_THROWS))]
    pictures = np.stack([trial.picture(look) for look in looks])
    body = (pictures.min(-1) < _PAPER).mean(0) > 0.5
    if body.mean() < _LEAST:
        raise nothing
    inner = cv2.erode(body.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return inner if inner.mean() >= _LEAST else body


def tracks(trial: Trial, now: Vector, numbers: Sequence[int]) -> dict[int, tuple[Colour, ...]]:
    """The item's colour along each of these numbers, at STOPS, while the others stay.

    Returns:
        Median sRGB colours by number.

    Raises:
        InputError: nothing is drawn, or nothing but paper is painted.
        Stopped: `trial.stop` said so.
    """
    body = body_of(trial, len(now.values))
    colours = {}
    for number in numbers:
        seen = [trial.picture(_with(now, number, stop))[body] for stop in STOPS]
        medians = np.rint(np.median(seen, axis=1)).astype(int)
        colours[number] = tuple(map(tuple, medians.tolist()))
    return colours


def _with(look: Vector, number: int, value: float) -> Vector:
    """A look with another value for one number."""
    return Vector((*look.values[:number], value, *look.values[number + 1 :]))


def recoloured(picture: Pixels, body: NDArray[np.bool_], colour: Colour) -> Pixels:
    """A picture whose body has another colour, with its shading."""
    lab = lab_of(picture)
    shading = lab[body][:, :1] - np.median(lab[body][:, 0])
    lab[body] = lab_of(np.array(colour, np.uint8)) + shading * (_SHADING, 0, 0)
    rgb = cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_Lab2RGB)
    return np.rint(rgb.clip(0, 1) * 255).astype(np.uint8)


class _Measure:
    """How far the body's median colour is from the one that is wanted; pictures are kept."""

    def __init__(self, trial: Trial, body: NDArray[np.bool_], target: Floats) -> None:
        self._trial, self._body, self._target = trial, body, target
        self._known: dict[Vector, Floats] = {}

    def gap(self, look: Vector) -> Floats:
        """(3,) what is missing to the wanted colour, in Lab."""
        if look not in self._known:
            body = self._trial.picture(look)[self._body]
            self._known[look] = self._target - np.median(lab_of(body), axis=0)
        return self._known[look]

    def distance(self, look: Vector) -> float:
        """CIE76."""
        return float(np.linalg.norm(self.gap(look)))


def _steps(measure: _Measure, look: Vector, held: Collection[int], reach: float) -> list[Vector]:
    """Looks within reach that a damped Gauss-Newton step proposes, at several shares of it."""
    free = [n for n in range(len(look.values)) if n not in held]
    if not free:
        return [look]
    at = np.array(look.values)
    slopes = np.stack([_slope(measure, at, n) for n in free], 1)
    square = slopes @ slopes.T + _DAMPING * np.eye(3)
    step = np.zeros_like(at)
    step[free] = slopes.T @ np.linalg.solve(square, measure.gap(look))
    moved = (Vector(tuple((at + share * step).tolist())) for share in _SHARES)
    return [_inside(there, look, held, reach) for there in moved]


def _slope(measure: _Measure, at: Floats, number: int) -> Floats:
    """(3,) how the body's colour changes with a number, per step of 1."""
    there = at.copy()
    there[number] -= np.copysign(_STEP, at[number])  # towards the middle, where looks are usual
    moved = measure.gap(Vector(tuple(at.tolist()))) - measure.gap(Vector(tuple(there.tolist())))
    return moved / (there[number] - at[number])


def directions(trial: Trial, count: int) -> Directions:
    """What each number of a look does on a sketch, and the directions that change most.

    Finite differences at the plain look and at a random one; the directions are the principal
    components of the changes.

    Raises:
        Stopped, GuiseError: as :meth:`Trial.picture`.
    """
    points = (plain(count), thrown(1, count))
    products = sum(_products(trial, point) for point in points) / len(points)
    _, vectors = np.linalg.eigh(products)
    axes = vectors[:, ::-1].T
    effects = np.sqrt(np.diagonal(products).clip(0))
    return Directions(tuple(effects.tolist()), tuple(map(tuple, axes.tolist())))


def _products(trial: Trial, point: Vector) -> Floats:
    """(count, count) mean products of the changes of colour, in -1..1, that the numbers make."""
    changes = np.stack([_change(trial, point, n) for n in range(len(point.values))])
    return changes @ changes.T / changes.shape[1]


def _change(trial: Trial, point: Vector, number: int) -> Floats:
    """All colours' changes with a number, in -1..1, per step of 1."""
    at = point.values[number]
    ends = [trial.picture(_with(point, number, at + step)) for step in (-_STEP, _STEP)]
    change = ends[1].astype(np.float64) - ends[0]
    return (change / 127.5 / (2 * _STEP)).ravel()
