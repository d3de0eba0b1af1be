"""A drawing: strokes, some of them erasing, over an optional picture of lines; pure numpy."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.errors import InputError

MAX_SIDE = 12_000


@dataclass(frozen=True, eq=False)
class Stroke:
    """A polyline drawn in one go; a single point is a dot.

    Attributes:
        xy: (N, 2) float64, x to the right and y down, in pixels of the canvas; the pixel in column
            i covers [i, i + 1). Points may lie outside.
        width: (N,) float64 in pixels of the canvas, as wide as the pen was pressed; a single number
            is given to every point.
        erase: whether it takes ink away.

    Raises:
        InputError: no points, numbers that are not finite, or a width that is not positive.
    """

    xy: NDArray[np.float64]
    width: NDArray[np.float64]
    erase: bool = False

    def __post_init__(self) -> None:
        xy = np.array(self.xy, dtype=np.float64)
        if xy.ndim != 2 or xy.shape[1:] != (2,) or not len(xy):
            raise InputError("A stroke needs at least one point, each with x and y.")
        width = np.array(np.broadcast_to(np.asarray(self.width, np.float64), len(xy)))
        if not (np.isfinite(xy).all() and np.isfinite(width).all()):
            raise InputError("A stroke has a point whose position or width is not a finite number.")
        if width.min() <= 0:
            raise InputError("A stroke needs a width above zero.")
        xy.flags.writeable = width.flags.writeable = False
        object.__setattr__(self, "xy", xy)
        object.__setattr__(self, "width", width)

    @classmethod
    def of(cls, points: ArrayLike, width: ArrayLike, erase: bool = False) -> Stroke:
        """A stroke from any sequence of points and one width or one a point."""
        return cls(np.asarray(points, np.float64), np.asarray(width, np.float64), erase)

    @cached_property
    def digest(self) -> bytes:
        """The same for equal strokes only."""
        return hashlib.sha256(
            self.xy.tobytes() + self.width.tobytes() + bytes([self.erase])
        ).digest()

    def mapped(self, matrix: NDArray[np.float64]) -> Stroke:
        """Moved, scaled or turned by a 2x3 affine; the width grows with the square root of area."""
        return _mapped([self], matrix)[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stroke) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def _mapped(strokes: Sequence[Stroke], matrix: NDArray[np.float64]) -> list[Stroke]:
    """Strokes under a 2x3 affine, all at once: hundreds are moved between two frames.

    Raises:
        InputError: a point or a width that is no usable number any more.
    """
    if not strokes:
        return []
    grown = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    xy = np.concatenate([stroke.xy for stroke in strokes]) @ matrix[:, :2].T + matrix[:, 2]
    together = Stroke(xy, np.concatenate([stroke.width for stroke in strokes]) * grown)
    ends = np.cumsum([len(stroke.xy) for stroke in strokes]).tolist()
    found = []
    for stroke, start, end in zip(strokes, [0, *ends], ends, strict=False):
        made = object.__new__(Stroke)  # what is put together was checked together
        object.__setattr__(made, "xy", together.xy[start:end])
        object.__setattr__(made, "width", together.width[start:end])
        object.__setattr__(made, "erase", stroke.erase)
        found.append(made)
    return found


def _alike(a: NDArray[np.uint8] | None, b: NDArray[np.uint8] | None) -> bool:
    return a is b or (a is not None and b is not None and np.array_equal(a, b))


@dataclass(frozen=True, eq=False)
class Sketch:
    """Strokes in the order they were drawn, over an optional picture of lines.

    Attributes:
        size: (width, height) of the canvas in pixels.
        strokes: the first is the lowest.
        raster: (height, width) uint8 below all strokes, 255 = full ink, 0 = paper; None = paper.

    Raises:
        InputError: an empty or too large canvas, or a raster of another size.
    """

    size: tuple[int, int]
    strokes: tuple[Stroke, ...] = ()
    raster: NDArray[np.uint8] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        width, height = (int(side) for side in self.size)
        if not (min(width, height) >= 1 and max(width, height) <= MAX_SIDE):
            raise InputError(f"A sketch needs a canvas of 1 to {MAX_SIDE} pixels a side.")
        if self.raster is not None:
            raster = np.array(self.raster)
            if raster.dtype != np.uint8 or raster.shape != (height, width):
                raise InputError("The picture under a sketch must be gray and fill its canvas.")
            raster.flags.writeable = False
            object.__setattr__(self, "raster", raster)
        object.__setattr__(self, "size", (width, height))
        object.__setattr__(self, "strokes", tuple(self.strokes))

    @cached_property
    def digest(self) -> str:
        """The same for equal sketches only."""
        seal = hashlib.sha256(str(self.size).encode())
        for stroke in self.strokes:
            seal.update(stroke.digest)
        if self.raster is not None:
            seal.update(self.raster.tobytes())
        return seal.hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sketch) or other.size != self.size:
            return False
        if len(other.strokes) != len(self.strokes) or not _alike(self.raster, other.raster):
            return False
        pairs = zip(self.strokes, other.strokes, strict=True)
        return all(mine is its or mine == its for mine, its in pairs)

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever drawn."""
        no_lines = self.raster is None or not self.raster.any()
        return no_lines and all(stroke.erase for stroke in self.strokes)

    def drawn(self, *strokes: Stroke) -> Sketch:
        """With further strokes on top."""
        return replace(self, strokes=(*self.strokes, *strokes))

    def without(self, picked: Collection[int]) -> Sketch:
        """Without the strokes of these numbers."""
        kept = (stroke for n, stroke in enumerate(self.strokes) if n not in picked)
        return replace(self, strokes=tuple(kept))

    def moved(self, picked: Collection[int], matrix: NDArray[np.float64]) -> Sketch:
        """With the strokes of these numbers moved, scaled or turned by a 2x3 affine."""
        numbers = [n for n in range(len(self.strokes)) if n in picked]
        strokes = list(self.strokes)
        for n, moved in zip(numbers, _mapped([strokes[n] for n in numbers], matrix), strict=True):
            strokes[n] = moved
        return replace(self, strokes=tuple(strokes))

    def mirrored(self) -> Sketch:
        """Left and right exchanged."""
        flip = np.array([[-1.0, 0.0, self.size[0]], [0.0, 1.0, 0.0]])
        raster = None if self.raster is None else self.raster[:, ::-1]
        return replace(self, strokes=tuple(_mapped(self.strokes, flip)), raster=raster)

    def near(self, point: tuple[float, float], reach: float) -> int | None:
        """The number of the uppermost drawing stroke within `reach` pixels of a point."""
        for number in range(len(self.strokes) - 1, -1, -1):
            stroke = self.strokes[number]
            if not stroke.erase and distance(stroke.xy, point) <= reach + stroke.width.max() / 2:
                return number
        return None

    def inside(self, corner: tuple[float, float], opposite: tuple[float, float]) -> Iterable[int]:
        """The numbers of all drawing strokes that lie wholly in a rectangle."""
        low, high = np.minimum(corner, opposite), np.maximum(corner, opposite)
        return (
            number
            for number, stroke in enumerate(self.strokes)
            if not stroke.erase and ((low <= stroke.xy) & (stroke.xy <= high)).all()
        )


def distance(xy: NDArray[np.float64], point: tuple[float, float]) -> float:
    """Pixels from a point to a polyline (N, 2); a single point is a polyline too."""
    start, end = (xy[:-1], xy[1:]) if len(xy) > 1 else (xy, xy)
    along, away = end - start, np.asarray(point) - start
    length = np.maximum((along**2).sum(1), 1e-12)
    share = ((along * away).sum(1) / length).clip(0, 1)[:, None]
    return float(np.hypot(*(away - share * along).T).min())
