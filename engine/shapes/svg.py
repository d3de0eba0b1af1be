"""Strokes from SVG drawings and back; nothing in them is run, fetched or expanded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.files import read_limited, replacing
from engine.shapes.sketch import MAX_SIDE, Sketch, Stroke
from engine.shapes.svg_paths import Line, outline_of
from engine.shapes.svg_words import Matrix, declarations, length, numbers, rules_of, transform_of

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_FILE = 20_000_000
_MOST_ELEMENTS = 50_000
_MOST_POINTS = 2_000_000
_DEEPEST = 200
_SVG = "http://www.w3.org/2000/svg"
_SIZE = (512, 512)
"""Of a drawing that names none."""
_SMALLEST = 256
"""Longest side in pixels below which the canvas is enlarged; drawings have no size of their own."""
_SHAPES = frozenset(("path", "line", "polyline", "polygon", "rect", "circle", "ellipse"))
_HIDDEN = frozenset(
    ("defs", "symbol", "clipPath", "mask", "marker", "pattern", "linearGradient")
) | frozenset(("radialGradient", "filter", "title", "desc", "metadata", "style"))
"""Nothing in these is drawn by itself."""
_TOLD = {
    "script": "scripts",
    "image": "embedded pictures",
    "foreignObject": "foreign content",
    "text": "text",
    "use": "linked copies",
    "animate": "animations",
    "animateTransform": "animations",
    "animateMotion": "animations",
    "set": "animations",
}
"""What is left out, in words."""
_PAINTS = ("stroke", "stroke-width", "fill", "display", "visibility", "opacity")


@dataclass(frozen=True)
class SvgDrawing:
    """What was read.

    Attributes:
        sketch: strokes on the drawing's canvas.
        left_out: kinds of content that were not read, e.g. "scripts", each once.
    """

    sketch: Sketch
    left_out: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """One sentence on what was left out; empty = nothing."""
        return f"Left out of the drawing: {', '.join(self.left_out)}." if self.left_out else ""


def open_svg(path: Path | str) -> SvgDrawing:
    """The strokes of an SVG file. InputError: as :func:`read_svg`, or the file cannot be read."""
    return read_svg(read_limited(Path(path), MAX_FILE), str(path))


def read_svg(content: bytes, name: str = "The drawing") -> SvgDrawing:
    """The strokes of an SVG document (SVG 1.1, chapters 7 to 9); filled shapes give their outline.

    Paper is a filled rectangle under everything; white strokes erase.

    Raises:
        InputError: not an SVG, entities or other declarations, too much of it, or no lines.
    """
    reader = _Reader(name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = reader.entity
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        with np.errstate(all="ignore"):  # numbers out of range are left out below
            parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:  # ValueError: an encoding it does not have
        raise InputError(f"{name} is not a whole SVG drawing ({error}).") from None
    return reader.drawing()


def svg_of(sketch: Sketch) -> str:
    """The strokes of a sketch as an SVG document; erasing strokes are white lines.

    A stroke whose width changes becomes one line a segment. A picture under the strokes is not
    told: SVG has lines only here.
    """
    width, height = sketch.size
    rows = [
        f'<svg xmlns="{_SVG}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        '<g fill="none" stroke-linecap="round" stroke-linejoin="round">',
        *(row for stroke in sketch.strokes for row in _told(stroke)),
        "</g>",
        "</svg>",
    ]
    return "\n".join(rows) + "\n"


def save_svg(sketch: Sketch, path: Path) -> None:
    """Write the strokes of a sketch. InputError: the place cannot be written."""
    with replacing(path) as file:
        file.write(svg_of(sketch).encode())


def _told(stroke: Stroke) -> Iterable[str]:
    colour = "#ffffff" if stroke.erase else "#000000"
    points = [f"{x:.2f},{y:.2f}" for x, y in stroke.xy]
    if len(points) == 1:
        points *= 2
    if np.ptp(stroke.width) < 0.01:
        yield _polyline(points, colour, float(stroke.width[0]))
        return
    for n, width in enumerate(stroke.width[1:], 1):
        yield _polyline(points[n - 1 : n + 1], colour, float(width))


def _polyline(points: list[str], colour: str, width: float) -> str:
    where = quoteattr(" ".join(points))
    return f'<polyline points={where} stroke="{colour}" stroke-width="{width:.2f}"/>'


@dataclass(frozen=True)
class _State:
    """What an element hands on to those in it."""

    matrix: Matrix
    paint: Mapping[str, str] = field(default_factory=dict)
    hidden: bool = False


class _Reader:
    """Called by the parser; keeps strokes and what was left out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stack: list[_State] = []
        self._strokes: list[Stroke] = []
        self._left_out: dict[str, None] = {}
        self._size = _SIZE
        self._elements = self._points = 0
        self._rules: dict[str, dict[str, str]] = {}
        self._sheet: list[str] | None = None

    def entity(self, *_: object) -> None:
        raise InputError(
            f"{self._name} declares entities, which Guise does not expand; save it as plain SVG."
        )

    def text(self, data: str) -> None:
        if self._sheet is not None:
            self._sheet.append(data)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS or len(self._stack) >= _DEEPEST:
            raise self._too_much()
        space, _, name = tag.rpartition(" ")
        if not self._stack:
            self._root(name, space, attributes)
            return
        state = self._stack[-1]
        self._sheet = [] if name == "style" else None
        if space not in ("", _SVG) or name in _HIDDEN | _TOLD.keys():
            if name in _TOLD and not state.hidden:
                self._left_out[_TOLD[name]] = None
            self._stack.append(replace(state, hidden=True))
            return
        state = self._inherited(state, name, attributes)
        self._stack.append(state)
        if name in _SHAPES and not state.hidden:
            self._draw(name, attributes, state)

    def end(self, tag: str) -> None:
        self._stack.pop()
        if self._sheet is not None:
            self._rules |= rules_of("".join(self._sheet))
        self._sheet = None

    def drawing(self) -> SvgDrawing:
        if not any(not stroke.erase for stroke in self._strokes):
            told = f" ({', '.join(self._left_out)} cannot be used)" if self._left_out else ""
            raise InputError(f"{self._name} shows no lines{told}; draw paths or shapes.")
        return SvgDrawing(Sketch(self._size, tuple(self._strokes)), tuple(self._left_out))

    def _too_much(self) -> InputError:
        return InputError(f"{self._name} has far too many parts for a sketch; simplify it first.")

    def _root(self, name: str, space: str, attributes: dict[str, str]) -> None:
        if name != "svg" or space not in ("", _SVG):
            raise InputError(f"{self._name} is not an SVG drawing.")
        self._size, matrix = _canvas(attributes, self._name)
        self._stack.append(_State(matrix, self._paint(name, attributes)))

    def _inherited(self, state: _State, name: str, attributes: dict[str, str]) -> _State:
        matrix = state.matrix @ transform_of(attributes.get("transform", ""))
        paint = self._paint(name, attributes)
        hidden = state.hidden or paint.get("display") == "none"
        return _State(matrix, {**state.paint, **paint}, hidden)

    def _paint(self, name: str, attributes: dict[str, str]) -> dict[str, str]:
        """What an element says about its paint: rules win over attributes, and `style` over rules
        (SVG 1.1, 6.4)."""
        classes = attributes.get("class", "").split()
        words = (name, *(f".{word}" for word in classes), f"#{attributes.get('id', '')}")
        said = dict(attributes)
        for rule in (self._rules.get(word) for word in words):
            said |= rule or {}
        said |= declarations(attributes.get("style", ""))
        paint = {key: said[key].strip().lower() for key in _PAINTS if key in said}
        return {key: value for key, value in paint.items() if value != "inherit"}

    def _draw(self, name: str, attributes: dict[str, str], state: _State) -> None:
        paint = state.paint
        if paint.get("visibility") in ("hidden", "collapse") or paint.get("opacity") in ("0", "0%"):
            return
        stroke, fill = paint.get("stroke", "none"), paint.get("fill", "black")
        if stroke == fill == "none":
            return
        if stroke == "none" and name == "line":
            return
        scale = math.sqrt(abs(float(np.linalg.det(state.matrix[:2, :2]))))
        for line in outline_of(name, attributes, scale):
            self._keep(line, state, stroke, fill)

    def _keep(self, line: Line, state: _State, stroke: str, fill: str) -> None:
        self._points += len(line)
        if self._points > _MOST_POINTS:
            raise self._too_much()
        matrix = state.matrix
        xy = line @ matrix[:2, :2].T + matrix[:2, 2]
        scale = math.sqrt(abs(float(np.linalg.det(matrix[:2, :2]))))
        width = 1.0
        if stroke != "none":
            width = length(state.paint.get("stroke-width", "1"), 1.0) * scale
        elif self._is_paper(xy):
            return
        if (
            not 0 < width < math.inf
            or not np.isfinite(xy).all()
            or np.abs(xy).max() > 100 * MAX_SIDE
        ):
            return
        shown = stroke if stroke != "none" else fill
        self._strokes.append(Stroke.of(xy, max(width, 0.25), erase=_is_white(shown)))

    def _is_paper(self, xy: NDArray[np.float64]) -> bool:
        """Whether a filled shape covers the whole canvas."""
        near = 0.02 * max(self._size)
        covers = (xy.min(0) <= near).all() and (xy.max(0) >= np.array(self._size) - near).all()
        return bool(covers) and len(xy) <= 6


def _canvas(attributes: dict[str, str], name: str) -> tuple[tuple[int, int], Matrix]:
    """Size in pixels, and the way from the document's units to them (SVG 1.1, 7.8)."""
    box = numbers(attributes.get("viewBox", ""))
    if len(box) != 4 or min(box[2:]) <= 0 or not all(map(math.isfinite, box)):
        box = []
    wide = length(attributes.get("width", "100%"), box[2] if box else _SIZE[0])
    tall = length(attributes.get("height", "100%"), box[3] if box else _SIZE[1])
    if not (wide > 0 and tall > 0 and math.isfinite(wide + tall)):
        raise InputError(f"{name} has a width or height that makes no sense.")
    grown = max(1.0, _SMALLEST / max(wide, tall))
    grown = min(grown, MAX_SIDE / max(wide, tall))
    wide, tall = wide * grown, tall * grown
    size = max(round(wide), 1), max(round(tall), 1)
    if not box:
        return size, np.diag([grown, grown, 1.0])
    scale = min(wide / box[2], tall / box[3])
    left, top = (wide - scale * box[2]) / 2, (tall - scale * box[3]) / 2
    if attributes.get("preserveAspectRatio", "").startswith("none"):
        return size, np.array(
            [
                [wide / box[2], 0, -box[0] * wide / box[2]],
                [0, tall / box[3], -box[1] * tall / box[3]],
                [0, 0, 1],
            ]
        )
    return size, np.array(
        [[scale, 0, left - scale * box[0]], [0, scale, top - scale * box[1]], [0, 0, 1]]
    )


def _is_white(colour: str) -> bool:
    plain = colour.replace(" ", "")
    return plain in ("white", "#fff", "#ffffff", "rgb(255,255,255)", "rgb(100%,100%,100%)")
