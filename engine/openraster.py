"""Layered pictures as OpenRaster files, which Krita, GIMP and MyPaint open."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree as xml

import numpy as np
from PIL import Image

from engine.errors import InputError
from engine.files import replacing
from engine.layers import Layers
from engine.picture import Picture
from engine.request import Scene
from engine.shapes.pose import Pose
from engine.skeleton import drawn_skeleton

MIME = "image/openraster"
VERSION = "0.0.3"
THUMBNAIL = 256
"""Longest side of the thumbnail in pixels, set by the specification."""
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Written as every member's time, so that the same layers give the same bytes."""


@dataclass(frozen=True)
class Layer:
    """One layer; what is transparent all around is cut away when it is written.

    Attributes:
        picture: RGB or RGBA of the whole canvas.
        visible: whether it shows when the file is opened.
    """

    name: str
    picture: Picture
    visible: bool = True


def save_openraster(layers: Sequence[Layer], merged: bytes, path: Path) -> None:
    """Write layers of one size, the topmost first.

    Args:
        layers: at least one.
        merged: PNG of what the visible layers give together.

    Raises:
        InputError: no layers, or several sizes, or the place cannot be written.
    """
    sizes = {layer.picture.size for layer in layers}
    if len(sizes) != 1:
        raise InputError("The layers of a file need one size.")
    with replacing(path) as file:
        _write(layers, merged, sizes.pop(), file)


def layers_for(parts: Layers, pose: Pose, scene: Scene) -> list[Layer]:
    """The layers of a picture for :func:`save_openraster`, the topmost first.

    Visible together they are the merged picture; the skeleton is there to be shown.
    """
    layers = [
        Layer("Skeleton", drawn_skeleton(pose, max(parts.merged.size)), False),
        Layer("Person", parts.person),
    ]
    if scene is Scene.white:
        layers.append(Layer("White", Picture(np.full_like(parts.merged.pixels, 255))))
    shown = scene is Scene.photo
    for name, picture in (("Background", parts.background), ("Photo", parts.photo)):
        if picture is not None:
            layers.append(Layer(name, picture, shown))
    return layers


def _write(layers: Sequence[Layer], merged: bytes, size: tuple[int, int], file: BinaryIO) -> None:
    image = xml.Element("image", version=VERSION, w=str(size[0]), h=str(size[1]))
    stack = xml.SubElement(image, "stack")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # PNGs are compressed already
        _add(archive, "mimetype", MIME.encode())  # the specification wants it first and stored
        for number, layer in enumerate(layers):
            name = f"data/layer{number}.png"
            cut, left, top = _cut(layer.picture)
            _add(archive, name, _png(cut))
            described = {
                "name": layer.name,
                "src": name,
                "x": str(left),
                "y": str(top),
                "opacity": "1.0",
                "visibility": "visible" if layer.visible else "hidden",
                "composite-op": "svg:src-over",
            }
            xml.SubElement(stack, "layer", described)
        _add(archive, "stack.xml", xml.tostring(image, "UTF-8", xml_declaration=True))
        _add(archive, "mergedimage.png", merged)
        _add(archive, "Thumbnails/thumbnail.png", _thumbnail(merged))


def _cut(picture: Picture) -> tuple[Picture, int, int]:
    """What is not transparent all around, and where it begins; one pixel at least."""
    if not picture.has_alpha:
        return picture, 0, 0
    there = picture.pixels[..., 3] > 0
    rows, columns = (np.flatnonzero(there.any(axis)) for axis in (1, 0))
    if not len(rows):
        return Picture(picture.pixels[:1, :1].copy()), 0, 0
    top, left = int(rows[0]), int(columns[0])
    return Picture(picture.pixels[top : rows[-1] + 1, left : columns[-1] + 1].copy()), left, top


def _png(picture: Picture) -> bytes:
    content = io.BytesIO()
    Image.fromarray(picture.pixels).save(content, "PNG", compress_level=4)
    return content.getvalue()


def _thumbnail(merged: bytes) -> bytes:
    content = io.BytesIO()
    with Image.open(io.BytesIO(merged)) as image:
        image.thumbnail((THUMBNAIL, THUMBNAIL))
        image.save(content, "PNG")
    return content.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _MOMENT), content)
