"""The outlines of SVG shapes as polylines in the shape's own units."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.shapes.svg_words import NUMBER, length, numbers

Line = NDArray[np.float64]
"""(N, 2) points of a polyline."""
Point = tuple[float, float]

_STEP = 3.0
"""Pixels of a curve between two points, about."""
_MOST_STEPS = 256
_ORDERS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
"""Command -> how many numbers it takes."""
_COMMAND = re.compile(r"([MLHVCSQTAZmlhvcsqtaz])([^MLHVCSQTAZmlhvcsqtaz]*)")
_FLAG = re.compile(r"[\s,]*([01])")
_SPACED = re.compile(rf"[\s,]*({NUMBER.pattern})")


def outline_of(name: str, attributes: Mapping[str, str], scale: float) -> list[Line]:
    """The polylines of an element; malformed ones give what could be read up to there.

    Args:
        name: of the element, e.g. "circle".
        scale: pixels a unit, which says how finely curves are divided.
    """
    lines = _OUTLINES[name](attributes, max(scale, 1e-6))
    return [line for line in lines if len(line) > 1 and np.isfinite(line).all()]


def _of(attributes: Mapping[str, str], *names: str) -> list[float]:
    return [length(attributes.get(name, "0"), 0.0) for name in names]


def _line(attributes: Mapping[str, str], _: float) -> list[Line]:
    x1, y1, x2, y2 = _of(attributes, "x1", "y1", "x2", "y2")
    return [np.array([(x1, y1), (x2, y2)])]


def _polyline(attributes: Mapping[str, str], _: float) -> list[Line]:
    values = numbers(attributes.get("points", ""))
    return [np.array(values[: len(values) // 2 * 2]).reshape(-1, 2)]


def _polygon(attributes: Mapping[str, str], scale: float) -> list[Line]:
    (line,) = _polyline(attributes, scale)
    return [np.vstack([line, line[:1]])]


def _rect(attributes: Mapping[str, str], scale: float) -> list[Line]:
    x, y, width, height = _of(attributes, "x", "y", "width", "height")
    if width <= 0 or height <= 0:
        return []
    rx, ry = _of(attributes, "rx", "ry")
    rx, ry = min(rx or ry, width / 2), min(ry or rx, height / 2)
    if rx <= 0 or ry <= 0:
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        return [np.array(corners)]
    centres = [
        (x + width - rx, y + ry),
        (x + width - rx, y + height - ry),
        (x + rx, y + height - ry),
        (x + rx, y + ry),
    ]
    arcs = [
        _arc(centre, rx, ry, (quarter - 1) * math.pi / 2, quarter * math.pi / 2, scale)
        for quarter, centre in enumerate(centres)
    ]
    return [np.vstack([*arcs, arcs[0][:1]])]


def _circle(attributes: Mapping[str, str], scale: float) -> list[Line]:
    x, y, r = _of(attributes, "cx", "cy", "r")
    return [_arc((x, y), r, r, 0, 2 * math.pi, scale)] if r > 0 else []


def _ellipse(attributes: Mapping[str, str], scale: float) -> list[Line]:
    x, y, rx, ry = _of(attributes, "cx", "cy", "rx", "ry")
    return [_arc((x, y), rx, ry, 0, 2 * math.pi, scale)] if min(rx, ry) > 0 else []


def _arc(middle: Point, rx: float, ry: float, start: float, end: float, scale: float) -> Line:
    turn = np.linspace(start, end, _steps(max(rx, ry) * abs(end - start), scale) + 1)
    return np.stack([middle[0] + rx * np.cos(turn), middle[1] + ry * np.sin(turn)], 1)


def _steps(extent: float, scale: float) -> int:
    """Into how many pieces a curve of about this length is divided."""
    pixels = extent * scale
    return int(min(max(math.ceil(pixels / _STEP), 4), _MOST_STEPS)) if pixels < 1e9 else _MOST_STEPS


def _path(attributes: Mapping[str, str], scale: float) -> list[Line]:
    pen = _Pen(scale)
    for letter, rest in _COMMAND.findall(attributes.get("d", "")):
        order = _ORDERS[letter.upper()]
        if not order:
            pen.close()
            continue
        for n, values in enumerate(_taken(rest, letter.upper(), order)):
            pen.move(letter, values, first=n == 0)
    return pen.lines()


def _taken(text: str, letter: str, order: int) -> Iterator[list[float]]:
    """The numbers of a command in groups; flags of arcs may stand without a space between."""
    if letter != "A":
        values = numbers(text)
        for start in range(0, len(values) - order + 1, order):
            yield values[start : start + order]
        return
    at = 0
    while True:
        group: list[float] = []
        for n in range(order):
            found = (_FLAG if n in (3, 4) else _SPACED).match(text, at)
            if found is None:
                return
            group.append(float(found[1]))
            at = found.end()
        yield group


class _Pen:
    """Draws path commands (SVG 1.1, 8.3)."""

    def __init__(self, scale: float) -> None:
        self._scale = scale
        self._done: list[list[Point]] = []
        self._line: list[Point] = []
        self._at: Point = (0.0, 0.0)
        self._control: Point | None = None
        self._kind = ""

    def lines(self) -> list[Line]:
        self._lift()
        return [np.array(line) for line in self._done]

    def close(self) -> None:
        """Z: back to where the line began."""
        if self._line:
            self._at = self._line[0]
            self._line.append(self._at)
            self._lift()
        self._control = None

    def move(self, letter: str, values: list[float], first: bool) -> None:
        """One command; further pairs after M are lines."""
        kind = letter.upper()
        if letter.islower():
            values = _absolute(kind, values, self._at)
        if kind == "M" and first:
            self._lift()
            self._at = (values[0], values[1])
            self._line = [self._at]
        else:
            self._draw(kind, values)
        self._kind = kind

    def _lift(self) -> None:
        if len(self._line) > 1:
            self._done.append(self._line)
        self._line = []

    def _draw(self, kind: str, values: list[float]) -> None:
        if not self._line:
            self._line = [self._at]
        at, control = self._at, None
        match kind:
            case "M" | "L":
                points = [(values[0], values[1])]
            case "H":
                points = [(values[0], at[1])]
            case "V":
                points = [(at[0], values[0])]
            case "C" | "S":
                start = (values[0], values[1]) if kind == "C" else self._mirrored("CS")
                control, end = (values[-4], values[-3]), (values[-2], values[-1])
                points = self._bezier([at, start, control, end])
            case "Q" | "T":
                control = (values[0], values[1]) if kind == "Q" else self._mirrored("QT")
                points = self._bezier([at, control, (values[-2], values[-1])])
            case _:
                points = _elliptic(at, values, self._scale)
        self._line += points
        self._at, self._control = points[-1], control

    def _mirrored(self, kinds: str) -> Point:
        """The last control point seen from the other side; the pen's place if there is none."""
        if self._control is None or self._kind not in kinds:
            return self._at
        return 2 * self._at[0] - self._control[0], 2 * self._at[1] - self._control[1]

    def _bezier(self, points: list[Point]) -> list[Point]:
        corners = np.array(points)
        extent = float(np.hypot(*np.diff(corners, axis=0).T).sum())
        if not math.isfinite(extent):
            return [points[-1]]
        t = np.linspace(0, 1, _steps(extent, self._scale) + 1)[1:, None]
        layer: list[Line] = list(corners)
        while len(layer) > 1:  # de Casteljau
            layer = [a * (1 - t) + b * t for a, b in pairwise(layer)]
        return [(float(x), float(y)) for x, y in layer[0]]


def _absolute(kind: str, values: list[float], at: Point) -> list[float]:
    match kind:
        case "H":
            return [values[0] + at[0]]
        case "V":
            return [values[0] + at[1]]
        case "A":
            return [*values[:5], values[5] + at[0], values[6] + at[1]]
        case _:
            return [value + at[n % 2] for n, value in enumerate(values)]


def _elliptic(start: Point, values: list[float], scale: float) -> list[Point]:
    """An arc from its ends to its centre (SVG 1.1, F.6.5)."""
    rx, ry, degrees, large, sweep, *end = values
    rx, ry = abs(rx), abs(ry)
    finish = (end[0], end[1])
    if finish == start:
        return [finish]
    if not rx or not ry:
        return [finish]
    turn = math.radians(degrees)
    cos, sin = math.cos(turn), math.sin(turn)
    half = ((start[0] - end[0]) / 2, (start[1] - end[1]) / 2)
    x, y = cos * half[0] + sin * half[1], cos * half[1] - sin * half[0]
    grown = math.sqrt(max((x / rx) ** 2 + (y / ry) ** 2, 1.0))
    rx, ry = rx * grown, ry * grown
    below = (rx * y) ** 2 + (ry * x) ** 2
    root = math.sqrt(max((rx * ry) ** 2 / below - 1, 0.0)) if below else 0.0
    root = root if bool(large) != bool(sweep) else -root
    cx, cy = root * rx * y / ry, -root * ry * x / rx
    first = math.atan2((y - cy) / ry, (x - cx) / rx)
    span = math.atan2((-y - cy) / ry, (-x - cx) / rx) - first
    span += 2 * math.pi * (bool(sweep) and span < 0) - 2 * math.pi * (not sweep and span > 0)
    unit = _arc((cx, cy), rx, ry, first, first + span, scale)[1:]
    middle = np.array([(start[0] + end[0]) / 2, (start[1] + end[1]) / 2])
    placed = unit @ np.array([[cos, sin], [-sin, cos]]) + middle
    placed[-1] = finish
    return [(float(px), float(py)) for px, py in placed]


_OUTLINES: dict[str, Callable[[Mapping[str, str], float], list[Line]]] = {
    "path": _path,
    "line": _line,
    "polyline": _polyline,
    "polygon": _polygon,
    "rect": _rect,
    "circle": _circle,
    "ellipse": _ellipse,
}
