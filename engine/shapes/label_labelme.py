"""labelme's JSON: polygons, boxes, discs, lines and masks of a picture as a label map, and back."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.boxes import rows
from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.shapes.label_files import Opened
from engine.shapes.label_paint import Ink, Stamp, painted, polygon, rectangle, stroke
from engine.shapes.labels import LabelMap, LabelSet

MAX_FILE = 400_000_000
_PEN = 1.0
"""Radius in pixels of what labelme draws as lines and points."""
_VERSION = "5.5.0"


class _Shape(msgspec.Struct):
    label: str
    points: list[tuple[float, float]]
    shape_type: str | None = "polygon"
    group_id: int | None = None
    mask: str | None = None


class _File(msgspec.Struct):
    shapes: list[_Shape]
    imageHeight: int | None = None
    imageWidth: int | None = None


def open_labelme(
    path: Path, label_set: LabelSet, choices: Mapping[str, int] | None = None
) -> Opened:
    """The shapes of a labelme file, each painted over those before it.

    Names are compared without regard to case, spaces and underscores. Shapes of things are
    objects; those of one label and group are one object.

    Args:
        choices: labels of names that the set does not have; shapes with other such names are left
            out and told.

    Raises:
        InputError: missing, damaged, or without the picture's size.
    """
    shapes, size = _read(path)
    names = _labels_by_name(label_set)
    names |= {_plain(name): label for name, label in (choices or {}).items()}
    scene = LabelMap.blank(size, label_set)
    groups: dict[tuple[int, int], int] = {}
    left_out: list[str] = []
    for shape in shapes:
        label = names.get(_plain(shape.label))
        if label is None:
            left_out.append(shape.label)
            continue
        number = _number(shape, label, scene, groups) if label_set[label].things else 0
        scene = painted(scene, _stamp(shape, scene.size, path), Ink(label, number))
    if not left_out:
        return Opened(scene)
    listed = ", ".join(sorted(set(left_out)))
    told = f"{len(left_out)} shapes have names that {label_set.name} does not know ({listed})."
    return Opened(scene, (told,))


def stamps_of(path: Path, label_set: LabelSet) -> list[tuple[int, Stamp] | None]:
    """Label and pixels of each shape of a labelme file, in file order, before others cover them.

    Shapes with names that the set does not have are None. InputError as :func:`open_labelme`.
    """
    shapes, size = _read(path)
    names = _labels_by_name(label_set)
    labels = [names.get(_plain(shape.label)) for shape in shapes]
    return [
        None if label is None else (label, _stamp(shape, size, path))
        for shape, label in zip(shapes, labels, strict=True)
    ]


def _read(path: Path) -> tuple[list[_Shape], tuple[int, int]]:
    """Shapes, and width and height of the picture."""
    content = read_limited(path, MAX_FILE)
    try:
        file = msgspec.json.decode(content, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no labelme file ({error}).") from None
    if file.imageWidth is None or file.imageHeight is None:
        raise InputError(f"{path} does not say how large its picture is; save it in labelme again.")
    return file.shapes, (file.imageWidth, file.imageHeight)


def _labels_by_name(label_set: LabelSet) -> dict[str, int]:
    return {_plain(label.name): label.id for label in label_set.labels}


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", " ").replace("-", " ")


def _number(shape: _Shape, label: int, scene: LabelMap, groups: dict[tuple[int, int], int]) -> int:
    """The object of a shape, a new one unless its group has one."""
    new = max(scene.next_object, *groups.values(), 0) if groups else scene.next_object
    if shape.group_id is None:
        return new
    return groups.setdefault((label, shape.group_id), new)


def _stamp(shape: _Shape, size: tuple[int, int], path: Path) -> Stamp:
    """The pixels of a shape. InputError if it is none of labelme's kinds."""
    points = shape.points
    least = {"polygon": 3, "rectangle": 2, "circle": 2, "line": 2, "linestrip": 1, "point": 1}
    kind = shape.shape_type or "polygon"
    if kind == "mask":
        return _mask(shape, size, path)
    if len(points) < least.get(kind, 0) or not np.isfinite(points).all():
        raise InputError(f"{path} has a damaged shape {shape.label!r}; correct it in labelme.")
    match kind:
        case "polygon":
            return polygon(size, points)
        case "rectangle":
            (x0, y0), (x1, y1) = points[:2]
            return polygon(size, [(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        case "circle":
            radius = float(np.hypot(*np.subtract(points[1], points[0])))
            return stroke(size, points[0], points[0], (radius, radius))
        case "line" | "linestrip" | "point":
            return _drawn(points, size)
        case _:
            raise InputError(
                f"{path} has a shape of the kind {shape.shape_type!r}, which is unknown."
            )


def _drawn(points: list[tuple[float, float]], size: tuple[int, int]) -> Stamp:
    """A line through points, as thick as labelme draws it."""
    canvas = np.zeros(size[::-1], bool)
    for start, end in zip(points, points[1:] or points, strict=False):
        piece = stroke(size, start, end, (_PEN, _PEN))
        canvas[rows(piece.box)] |= piece.mask
    return Stamp((0, 0, *size), canvas)


def _mask(shape: _Shape, size: tuple[int, int], path: Path) -> Stamp:
    """A mask that lies at the first of two points, cut off at the map's edges."""
    try:
        content = base64.b64decode(shape.mask or "", validate=True)
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            mask = np.asarray(image.convert("L")) > 0
        left, top = (round(v) for v in shape.points[0])
    except (binascii.Error, OSError, ValueError, IndexError, Image.DecompressionBombError):
        raise InputError(f"{path} has a damaged shape {shape.label!r}; correct it.") from None
    right, bottom = left + mask.shape[1], top + mask.shape[0]
    box = max(left, 0), max(top, 0), min(right, size[0]), min(bottom, size[1])
    if box[0] >= box[2] or box[1] >= box[3]:
        return rectangle(size, (-1, -1), (-1, -1))
    return Stamp(box, mask[box[1] - top : box[3] - top, box[0] - left : box[2] - left])


def save_labelme(scene: LabelMap, path: Path, picture: str = "") -> None:
    """Every connected region as a polygon, larger ones before those that they surround.

    Read again, the polygons give the same labels; objects of several pieces keep together by
    their group.

    Args:
        picture: file name of the photo, for labelme.

    Raises:
        InputError: the place cannot be written.
    """
    regions = sorted(_regions(scene), key=lambda one: -one[0])
    shapes = [
        {
            "label": scene.label_set[label].name,
            "points": corners.tolist(),
            "group_id": number or None,
            "shape_type": "polygon",
            "flags": {},
        }
        for _, label, number, corners in regions
    ]
    width, height = scene.size
    file = {"version": _VERSION, "flags": {}, "shapes": shapes, "imagePath": picture}
    file |= {"imageData": None, "imageHeight": height, "imageWidth": width}
    with replacing(path) as out:
        out.write(msgspec.json.format(msgspec.json.encode(file), indent=1))


def _regions(scene: LabelMap) -> list[tuple[float, int, int, NDArray[np.float64]]]:
    """Area within the outline, label, object and outline of everything that hangs together."""
    found = []
    for label in scene.areas:
        boxes = [(one.id, one.box) for one in scene.instances.values() if one.label == label]
        for number, box in [(0, scene.box), *boxes]:
            place = rows(box)
            same = (scene.labels[place] == label) & (scene.objects[place] == number)
            found += [(area, label, number, xy + box[:2]) for area, xy in _outlines(same)]
    return found


def _outlines(mask: NDArray[np.bool_]) -> list[tuple[float, NDArray[np.float64]]]:
    """The outer outline of each piece that hangs together edge to edge, and the area inside."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    found = []
    for n in range(1, count):
        left, top, width, height, _ = (int(v) for v in stats[n])
        piece = np.asarray(parts)[top : top + height, left : left + width] == n
        area, xy = _outline(piece)
        found.append((area, np.add(xy, (left, top))))
    return found


def _outline(piece: NDArray[np.bool_]) -> tuple[float, NDArray[np.float64]]:
    """Area and corners of an outer outline, a quarter pixel within the edge.

    It goes through the middles of quartered pixels, so that it surrounds exactly the middles of
    the piece's own pixels and those of its holes.
    """
    quartered = np.kron(piece.astype(np.uint8), np.ones((2, 2), np.uint8))
    lines, _ = cv2.findContours(quartered, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return cv2.contourArea(lines[0]), (np.asarray(lines[0])[:, 0] + 0.5) / 2
