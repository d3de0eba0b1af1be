"""Shapes as plain JSON values; the picture under a sketch is referred to by its digest."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.cache import ByteCache
from engine.errors import InputError
from engine.photo import Mask, Photo
from engine.shapes.labels import MAX_SIDE, Label, LabelMap, LabelSet
from engine.shapes.pose import JOINTS, Pose, Presence
from engine.shapes.pose_files import MAX_CANVAS, SEEN, to_openpose
from engine.shapes.shape import Shape
from engine.shapes.sketch import Sketch, Stroke

_packed = ByteCache[tuple[bytes, bytes]](40_000_000, lambda pair: len(pair[0]) + len(pair[1]))
"""Label maps as they are written, by digest: a history tells the same ones again and again."""
_turn = threading.Lock()
MAX_POSITION = 1e9
"""Pixels from the canvas's corner that no hand reaches; farther joints are damage."""


@dataclass(frozen=True)
class Rasters:
    """Where the pixels behind the digests are.

    Attributes:
        photo, mask: the raster with this digest; they raise GuiseError if it is not there.
    """

    photo: Callable[[str], Photo]
    mask: Callable[[str], Mask]


class _Person(msgspec.Struct):
    pose_keypoints_2d: list[float]


class PoseForm(msgspec.Struct):
    """An OpenPose document."""

    people: list[_Person]
    canvas_width: int
    canvas_height: int


class _Stroke(msgspec.Struct):
    """`points` are x and y in turn; one width stands for all points if there is but one."""

    points: list[float]
    widths: list[float]
    erase: bool = False


class _Label(msgspec.Struct):
    id: int
    name: str
    colour: tuple[int, int, int]
    things: bool = False
    key: int = 0


class LabelMapForm(msgspec.Struct):
    """A scene; labels and objects are zlib-packed little-endian ids, row by row."""

    label_set: str
    void: int
    known: list[_Label]
    size: tuple[Annotated[int, Meta(ge=1, le=MAX_SIDE)], Annotated[int, Meta(ge=1, le=MAX_SIDE)]]
    labels: bytes
    objects: bytes


class SketchForm(msgspec.Struct):
    """A drawing."""

    sketch: Literal[1]
    size: tuple[int, int]
    strokes: list[_Stroke]
    raster: str | None = None


ShapeForm = dict[str, Any]
"""What :func:`shape_value` makes, told apart by its fields."""


def shape_value(shape: Shape) -> ShapeForm:
    """A shape as JSON-able values."""
    if isinstance(shape, Pose):
        return to_openpose(shape)
    if isinstance(shape, LabelMap):
        return msgspec.to_builtins(_told_labels(shape))
    strokes = [_Stroke(s.xy.ravel().tolist(), _widths(s), s.erase) for s in shape.strokes]
    raster = None if shape.raster is None else Mask(shape.raster).digest
    return msgspec.to_builtins(SketchForm(1, shape.size, strokes, raster))


def shape_from(value: Any, rasters: Rasters) -> Shape:
    """The shape that :func:`shape_value` told, equal in every bit; also a pose without any joint.

    Raises:
        InputError: it is not such a value, or the picture under a sketch does not fit it.
        GuiseError: whatever `rasters` raises for a digest that is not there.
    """
    try:
        if isinstance(value, dict) and "sketch" in value:
            return _sketch(msgspec.convert(value, SketchForm), rasters)
        if isinstance(value, dict) and "label_set" in value:
            return _label_map(msgspec.convert(value, LabelMapForm))
        return _pose(msgspec.convert(value, PoseForm))
    except (msgspec.MsgspecError, OverflowError) as error:
        raise InputError(f"This is not a shape ({error}).") from None


def pose_from(value: Any) -> Pose:
    """The pose that `to_openpose` told, equal in every bit; also one without any joint.

    Raises:
        InputError: it is not a document of one person with 18 joints.
    """
    try:
        return _pose(msgspec.convert(value, PoseForm))
    except (msgspec.MsgspecError, OverflowError) as error:
        raise InputError(f"This is not a pose ({error}).") from None


def rasters_in(shape: Shape | None) -> tuple[Mask, ...]:
    """The pixels that a shape's value refers to."""
    if isinstance(shape, Sketch) and shape.raster is not None:
        return (Mask(shape.raster),)
    return ()


def _widths(stroke: Stroke) -> list[float]:
    widths = stroke.width.tolist()
    return widths[:1] if len(set(widths)) == 1 else widths


def _sketch(form: SketchForm, rasters: Rasters) -> Sketch:
    raster = None if form.raster is None else rasters.mask(form.raster).pixels
    return Sketch(form.size, tuple(map(_stroke, form.strokes)), raster)


def _stroke(form: _Stroke) -> Stroke:
    count, odd = divmod(len(form.points), 2)
    if odd or len(form.widths) not in (1, count):
        raise InputError("A stroke has a point that is not whole.")
    return Stroke.of(
        np.reshape(form.points, (-1, 2)), np.broadcast_to(form.widths, count), form.erase
    )


def _told_labels(scene: LabelMap) -> LabelMapForm:
    known, colours = scene.label_set, scene.label_set.labels
    return LabelMapForm(
        known.name,
        known.void,
        [_Label(each.id, each.name, each.colour, each.things, each.key) for each in colours],
        scene.size,
        *_packed_once(scene),
    )


def _packed_once(scene: LabelMap) -> tuple[bytes, bytes]:
    with _turn:
        return _packed.get(scene.digest, lambda: _pack(scene))


def _pack(scene: LabelMap) -> tuple[bytes, bytes]:
    labels = scene.labels.astype("<u2").tobytes()
    return zlib.compress(labels, 1), zlib.compress(scene.objects.astype("<i4").tobytes(), 1)


def _label_map(form: LabelMapForm) -> LabelMap:
    labels = tuple(
        Label(each.id, each.name, each.colour, each.things, each.key) for each in form.known
    )
    known = LabelSet(form.label_set, labels, form.void)
    ids = _unpacked(form.labels, form.size, "<u2")
    return LabelMap(ids, _unpacked(form.objects, form.size, "<i4"), known)


def _unpacked(content: bytes, size: tuple[int, int], kind: str) -> NDArray[Any]:
    width, height = size
    wanted = width * height * np.dtype(kind).itemsize
    try:
        found = zlib.decompressobj().decompress(content, wanted + 1)
    except zlib.error:
        found = b""
    if len(found) != wanted:
        raise InputError("A label map is damaged: it does not fill its size.")
    return np.frombuffer(found, kind).reshape(height, width)


def _pose(form: PoseForm) -> Pose:
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
