"""Looks as plain JSON values; photos and masks are referred to by their digest."""

from __future__ import annotations

from typing import Any, Union

import msgspec

from engine.appearance import Appearance, FromPhoto, Mix, Parts, PerObject, Sampled, Vector
from engine.errors import InputError
from engine.shape_files import Rasters, ShapeForm, shape_from, shape_value
from engine.shapes.shape import Shape


class _FromPhoto(msgspec.Struct, tag="FromPhoto", tag_field="kind"):
    photo: str
    shape: ShapeForm | None = None
    mask: str | None = None


class _Sampled(msgspec.Struct, tag="Sampled", tag_field="kind"):
    seed: int
    shape: ShapeForm | None = None


class _Vector(msgspec.Struct, tag="Vector", tag_field="kind"):
    values: list[float]


class _Mix(msgspec.Struct, tag="Mix", tag_field="kind"):
    a: _Look
    b: _Look
    t: float


class _PerObject(msgspec.Struct, tag="PerObject", tag_field="kind"):
    default: _Look | None = None
    objects: list[tuple[int, _Look]] = msgspec.field(default_factory=list)
    seed: int = 0


class _Parts(msgspec.Struct, tag="Parts", tag_field="kind"):
    default: _Look
    regions: dict[str, _Look]


_Look = Union[_FromPhoto, _Sampled, _Vector, _Mix, _Parts, _PerObject]  # noqa: UP007  (names each other)


def look_value(look: Appearance) -> dict[str, Any]:
    """A look as JSON-able values: its kind, its numbers, shapes, and digests."""
    told: dict[str, Any] = {"kind": type(look).__name__}
    match look:
        case FromPhoto(photo, shape, mask):
            marks = mask.digest if mask else None
            told |= {"photo": photo.digest, "mask": marks, "shape": shape and shape_value(shape)}
        case Sampled(seed, shape):
            told |= {"seed": seed, "shape": shape and shape_value(shape)}
        case Vector(values):
            told |= {"values": list(values)}
        case Mix(a, b, t):
            told |= {"a": look_value(a), "b": look_value(b), "t": t}
        case Parts(default, regions):
            named = {name: look_value(inner) for name, inner in regions}
            told |= {"default": look_value(default), "regions": named}
        case PerObject(default, objects, seed):
            own = [(thing, look_value(inner)) for thing, inner in objects]
            told |= {"default": default and look_value(default), "objects": own, "seed": seed}
    return told


def look_from(value: Any, rasters: Rasters) -> Appearance:
    """The look that :func:`look_value` told, equal in every bit.

    Raises:
        InputError: it is not such a value, or a photo or mask does not fit its pose.
        GuiseError: whatever `rasters` raises for a digest that is not there.
    """
    try:
        return _look(msgspec.convert(value, _Look), rasters)
    except (msgspec.MsgspecError, RecursionError, OverflowError) as error:
        raise InputError(f"This is not the recipe of a look ({error}).") from None


def on_photo(look: FromPhoto) -> FromPhoto:
    """The look itself; InputError if its pose or mask is for another canvas than the photo's."""
    for part in (look.shape, look.mask):
        if part is not None and part.size != look.photo.size:
            here, there = ("{} x {} px".format(*p.size) for p in (part, look.photo))
            raise InputError(f"A pose or mask is for {here}, but its photo has {there}.")
    return look


def _look(form: _Look, rasters: Rasters) -> Appearance:
    match form:
        case _FromPhoto(photo, shape, mask):
            marks = None if mask is None else rasters.mask(mask)
            return on_photo(FromPhoto(rasters.photo(photo), _shape(shape, rasters), marks))
        case _Sampled(seed, shape):
            return Sampled(seed, _shape(shape, rasters))
        case _Vector(values):
            return Vector(tuple(values))
        case _Mix(a, b, t):
            return Mix(_look(a, rasters), _look(b, rasters), t)
        case _Parts(default, regions):
            inner = tuple((name, _look(each, rasters)) for name, each in regions.items())
            return Parts(_look(default, rasters), inner)
        case _PerObject(default, objects, seed):
            own = tuple((thing, _look(each, rasters)) for thing, each in objects)
            return PerObject(default and _look(default, rasters), own, seed)


def _shape(form: ShapeForm | None, rasters: Rasters) -> Shape | None:
    return None if form is None else shape_from(form, rasters)
