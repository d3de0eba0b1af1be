"""The small languages in SVG attributes: numbers, lengths, transforms, style declarations."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""3x3 affine, applied to columns (x, y, 1)."""

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LENGTH = re.compile(rf"\s*({NUMBER.pattern})\s*([a-zA-Z%]*)\s*")
_CALL = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^)]*)\)")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PIXELS = {"": 1, "px": 1, "pt": 4 / 3, "pc": 16, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96}
"""Pixels a unit, at 96 a inch (CSS Values 3, section 5.2)."""
_PIXELS |= {"em": 16, "rem": 16, "ex": 8}


def numbers(text: str) -> list[float]:
    """Every number in a list with spaces or commas."""
    return [float(word) for word in NUMBER.findall(text)]


def length(text: str, whole: float) -> float:
    """Pixels of a length; a percentage is taken of `whole`, and so is what is none."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        return whole
    value, unit = float(found[1]), found[2].lower()
    if unit == "%":
        return whole * value / 100
    return value * _PIXELS[unit] if unit in _PIXELS else whole


def declarations(style: str) -> dict[str, str]:
    """`fill: none; stroke: red` as a table."""
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return {key.strip().lower(): value.split("!")[0].strip() for key, value in pairs}


def rules_of(sheet: str) -> dict[str, dict[str, str]]:
    """The rules of a style sheet by selector; those for one name, `.class` or `#id` are known."""
    rules: dict[str, dict[str, str]] = {}
    for selectors, inside in _RULE.findall(_COMMENT.sub("", sheet)):
        for selector in selectors.split(","):
            rules.setdefault(selector.strip(), {}).update(declarations(inside))
    return rules


def transform_of(text: str) -> Matrix:
    """The matrix of a `transform` attribute (SVG 1.1, 7.6); what is malformed moves nothing."""
    matrix = np.eye(3)
    for name, inside in _CALL.findall(text):
        made = _called(name, numbers(inside))
        if made is not None:
            matrix = matrix @ made
    return matrix


def _called(name: str, values: list[float]) -> Matrix | None:
    match name, values:
        case "matrix", [a, b, c, d, e, f]:
            return np.array([[a, c, e], [b, d, f], [0, 0, 1]])
        case "translate", [x, *rest] if len(rest) < 2:
            return np.array([[1, 0, x], [0, 1, rest[0] if rest else 0], [0, 0, 1]])
        case "scale", [x, *rest] if len(rest) < 2:
            return np.diag([x, rest[0] if rest else x, 1.0])
        case "rotate", [angle, *rest] if len(rest) in (0, 2):
            return _turned(math.radians(angle), *(rest or (0.0, 0.0)))
        case "skewX", [angle]:
            return np.array([[1, math.tan(math.radians(angle)), 0], [0, 1, 0], [0, 0, 1]])
        case "skewY", [angle]:
            return np.array([[1, 0, 0], [math.tan(math.radians(angle)), 1, 0], [0, 0, 1]])
        case _:
            return None


def _turned(angle: float, x: float, y: float) -> Matrix:
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array(
        [[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y], [0, 0, 1]]
    )
