"""Looks and poses as plain JSON values; photos and masks are referred to by their digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Union

import msgspec
import numpy as np

from engine.appearance import Appearance, FromPhoto, Mix, Parts, Sampled
from engine.errors import InputError
from engine.photo import Mask, Photo
from engine.shapes.pose import JOINTS, Pose, Presence
from engine.shapes.pose_files import MAX_CANVAS, SEEN, to_openpose

MAX_POSITION = 1e9
"""Pixels from the canvas's corner that no hand reaches; farther joints are damage."""


class _Person(msgspec.Struct):
    pose_keypoints_2d: list[float]


class _Pose(msgspec.Struct):
    people: list[_Person]
    canvas_width: int
    canvas_height: int


class _FromPhoto(msgspec.Struct, tag="FromPhoto", tag_field="kind"):
    photo: str
    shape: _Pose
    mask: str | None = None


class _Sampled(msgspec.Struct, tag="Sampled", tag_field="kind"):
    seed: int
    shape: _Pose


class _Mix(msgspec.Struct, tag="Mix", tag_field="kind"):
    a: _Look
    b: _Look
    t: float


class _Parts(msgspec.Struct, tag="Parts", tag_field="kind"):
    default: _Look
    regions: dict[str, _Look]


_Look = Union[_FromPhoto, _Sampled, _Mix, _Parts]  # noqa: UP007  (names each other)


@dataclass(frozen=True)
class Rasters:
    """Where the pixels behind the digests are.

    Attributes:
        photo, mask: the raster with this digest; they raise GuiseError if it is not there.
    """

    photo: Callable[[str], Photo]
    mask: Callable[[str], Mask]


def look_value(look: Appearance) -> dict[str, Any]:
    """A look as JSON-able values: its kind, its numbers, poses as OpenPose documents, digests."""
    told: dict[str, Any] = {"kind": type(look).__name__}
    match look:
        case FromPhoto(photo, shape, mask):
            marks = mask.digest if mask else None
            told |= {"photo": photo.digest, "mask": marks, "shape": to_openpose(shape)}
        case Sampled(seed, shape):
            told |= {"seed": seed, "shape": to_openpose(shape)}
        case Mix(a, b, t):
            told |= {"a": look_value(a), "b": look_value(b), "t": t}
        case Parts(default, regions):
            named = {name: look_value(inner) for name, inner in regions}
            told |= {"default": look_value(default), "regions": named}
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


def pose_from(value: Any) -> Pose:
    """The pose that `to_openpose` told, equal in every bit; also one without any joint.

    Raises:
        InputError: it is not a document of one person with 18 joints.
    """
    try:
        return _pose(msgspec.convert(value, _Pose))
    except (msgspec.MsgspecError, OverflowError) as error:
        raise InputError(f"This is not a pose ({error}).") from None


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
            return on_photo(FromPhoto(rasters.photo(photo), _pose(shape), marks))
        case _Sampled(seed, shape):
            return Sampled(seed, _pose(shape))
        case _Mix(a, b, t):
            return Mix(_look(a, rasters), _look(b, rasters), t)
        case _Parts(default, regions):
            inner = tuple((name, _look(each, rasters)) for name, each in regions.items())
            return Parts(_look(default, rasters), inner)


def _pose(form: _Pose) -> Pose:
    size = (form.canvas_width, form.canvas_height)
    if len(form.people) != 1 or len(form.people[0].pose_keypoints_2d) != 3 * len(JOINTS):
        raise InputError("A pose needs one person with 54 numbers.")
    if not all(0 < side <= MAX_CANVAS for side in size):
        raise InputError("A pose's canvas of {} x {} px makes no sense.".format(*size))
    table = np.array(form.people[0].pose_keypoints_2d, np.float64).reshape(-1, 3)
    if not np.isfinite(table).all() or np.abs(table).max() > MAX_POSITION:
        raise InputError("A pose has a joint far outside of any canvas.")
    confidence = table[:, 2]
    presence = np.where(confidence >= SEEN, Presence.seen, Presence.hidden)
    presence[confidence <= 0] = Presence.missing
    return Pose(table[:, :2], presence.astype(np.uint8), size)
