"""Strokes on the clipboard: exact for Guise, as SVG for other programs, and SVG from them."""

from __future__ import annotations

from typing import NoReturn

import msgspec
from PySide6.QtCore import QMimeData

from engine.errors import InputError
from engine.shape_files import Rasters, shape_from, shape_value
from engine.shapes.sketch import Sketch
from engine.shapes.svg import read_svg, svg_of

_OURS, _SVG = "application/x-guise-strokes", "image/svg+xml"


def told(sketch: Sketch) -> QMimeData:
    """The strokes of a sketch, for the clipboard."""
    data = QMimeData()
    data.setData(_OURS, msgspec.json.encode(shape_value(Sketch(sketch.size, sketch.strokes))))
    data.setData(_SVG, svg_of(sketch).encode())
    return data


def has_strokes(data: QMimeData | None) -> bool:
    """Whether there may be strokes on the clipboard."""
    return data is not None and (
        data.hasFormat(_OURS) or data.hasFormat(_SVG) or _looks_like_svg(data)
    )


def strokes_from(data: QMimeData) -> Sketch:
    """The strokes on the clipboard, on their own canvas.

    Raises:
        InputError: there are none, or they are damaged.
    """
    if data.hasFormat(_OURS):
        return _exact(bytes(data.data(_OURS).data()))
    content = bytes(data.data(_SVG).data()) if data.hasFormat(_SVG) else data.text().encode()
    return read_svg(content, "The clipboard").sketch


def _exact(content: bytes) -> Sketch:
    try:
        shape = shape_from(msgspec.json.decode(content), Rasters(_nothing, _nothing))
    except msgspec.DecodeError:
        shape = None
    if not isinstance(shape, Sketch):
        raise InputError("The strokes on the clipboard are damaged; copy them again.")
    return shape


def _nothing(digest: str) -> NoReturn:
    raise InputError("The strokes on the clipboard are damaged; copy them again.")


def _looks_like_svg(data: QMimeData) -> bool:
    return data.hasText() and "<svg" in data.text()[:2000]
