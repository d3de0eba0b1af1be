"""Where a look comes from: small recipes, never tensors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Union

from engine.errors import InputError
from engine.photo import Mask, Photo
from engine.shapes.pose import Pose
from engine.shapes.shape import Shape, as_pose

BODY: tuple[str, ...] = ("head", "torso", "arms", "legs", "feet")
"""The regions of a person whose looks can be mixed."""


@dataclass(frozen=True)
class FromPhoto:
    """The look of what a photo shows.

    Attributes:
        photo: the source.
        shape: the shape that the photo shows, on the photo's canvas; None for painters that need
            none.
        mask: which pixels belong to it; None lets perception find them.
    """

    photo: Photo
    shape: Shape | None = None
    mask: Mask | None = None

    @property
    def pose(self) -> Pose:
        """The shape, if it is a person's. Raises Unsupported."""
        return as_pose(self.shape)


@dataclass(frozen=True)
class Sampled:
    """A look that the painter invents.

    Attributes:
        seed: the dice throw; the same seed and shape give the same look.
        shape: the shape at which the dice were thrown: the look is held while joints move on;
            None for painters whose looks depend on no shape.
    """

    seed: int
    shape: Shape | None = None

    @property
    def pose(self) -> Pose:
        """The shape, if it is a person's. Raises Unsupported."""
        return as_pose(self.shape)


@dataclass(frozen=True)
class Vector:
    """A look as numbers, for painters whose looks are a few sliders.

    Attributes:
        values: one a slider, each most likely within -3..3.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not all(isfinite(value) for value in self.values):
            raise InputError("A look has a number that is not finite.")


@dataclass(frozen=True)
class Mix:
    """A look between two others.

    Attributes:
        a, b: the two looks.
        t: share of `b`, 0..1.
    """

    a: Appearance
    b: Appearance
    t: float

    def __post_init__(self) -> None:
        if not 0 <= self.t <= 1:
            raise InputError(f"A look between two others needs a share of 0 to 1, not {self.t}.")


@dataclass(frozen=True)
class Parts:
    """A look put together from several.

    Attributes:
        default: the look of every region that is not named.
        regions: (name out of :data:`BODY`, look), sorted by name.
    """

    default: Appearance
    regions: tuple[tuple[str, Appearance], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "regions", tuple(sorted(self.regions, key=lambda r: r[0])))
        names = [name for name, _ in self.regions]
        unknown = [name for name in names if name not in BODY]
        if unknown:
            raise InputError(f"There is no region {unknown[0]!r}; use {', '.join(BODY)}.")
        if len(set(names)) < len(names):
            raise InputError("Each region can take its look from one place only.")


@dataclass(frozen=True)
class PerObject:
    """A scene's look, in which single objects have looks of their own.

    Attributes:
        default: the look of everything else; None = thrown by `seed` for each object.
        objects: (object id, look), sorted by id; -1 - label stands for all objects of a label that
            have no look of their own.
        seed: the dice throw for what has no look of its own.
    """

    default: Appearance | None = None
    objects: tuple[tuple[int, Appearance], ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "objects", tuple(sorted(self.objects, key=lambda o: o[0])))
        ids = [thing for thing, _ in self.objects]
        if len(set(ids)) < len(ids):
            raise InputError("Each object can have one look only.")

    def look_of(self, thing: int) -> Appearance | None:
        """The look that an object has of its own."""
        return dict(self.objects).get(thing)

    def with_look(self, thing: int, look: Appearance | None) -> PerObject:
        """With another look of an object; None takes it away."""
        others = tuple(pair for pair in self.objects if pair[0] != thing)
        own = () if look is None else ((thing, look),)
        return PerObject(self.default, (*others, *own), self.seed)


Appearance = Union[FromPhoto, Sampled, Vector, Mix, Parts, PerObject]  # noqa: UP007  (names each other)
"""Every look a painter may be asked for; a painter's card says which ones it takes."""


def within(look: Appearance) -> Iterator[Appearance]:
    """The look and every look that it is made of, outermost first."""
    yield look
    match look:
        case Mix(a, b, _):
            yield from within(a)
            yield from within(b)
        case Parts(default, regions):
            for inner in (default, *(inner for _, inner in regions)):
                yield from within(inner)
        case PerObject(default, objects):
            for inner in (default, *(inner for _, inner in objects)):
                if inner is not None:
                    yield from within(inner)
