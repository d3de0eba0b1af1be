"""JSON text in which single values are exchanged and every other byte stays as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class Span(NamedTuple):
    """Where a value stands in a text: first character, and the one after its last."""

    start: int
    end: int


def members(text: str, start: int = 0) -> dict[str, Span]:
    """The values of the object that begins at a place, by their keys.

    Args:
        text: valid JSON; NaN may be in it, as Python writes it.
        start: place of the object's brace, or of blanks before it.
    """
    spans: dict[str, Span] = {}
    at = _past(text, _past(text, start) + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _past(text, _past(text, at) + 1)
        spans[key] = Span(at, _end(text, at))
        at = _next(text, spans[key].end)
    return spans


def elements(text: str, start: int) -> Iterator[tuple[Span, Any]]:
    """The values of the list that begins at a place, and where they stand."""
    at = _past(text, start + 1)
    while text[at] != "]":
        value, end = _DECODER.raw_decode(text, at)
        yield Span(at, end), value
        at = _next(text, end)


def _end(text: str, at: int) -> int:
    """Where a value ends; long lists are read value by value, so that little is in memory."""
    if text[at] != "[":
        return _DECODER.raw_decode(text, at)[1]
    last = at + 1
    for span, _ in elements(text, at):
        last = span.end
    return _past(text, last) + 1


def exchanged(text: str, changes: Iterable[tuple[Span, str]]) -> str:
    """The text with other characters in some places, which do not overlap."""
    parts: list[str] = []
    at = 0
    for span, new in sorted(changes):
        parts += [text[at : span.start], new]
        at = span.end
    return "".join([*parts, text[at:]])


def with_values(text: str, values: dict[str, Any]) -> str:
    """The text of an object with these values; keys that it lacks go to its end."""
    spans = members(text)
    changes = [(spans[key], written(value, text)) for key, value in values.items() if key in spans]
    new = {key: value for key, value in values.items() if key not in spans}
    if new:
        inner = written(new, text)[1:-1]
        ends = max((span.end for span in spans.values()), default=text.index("{") + 1)
        comma = ("," + _gap(text)) if spans else ""
        changes.append((Span(ends, ends), comma + inner))
    return exchanged(text, changes)


def written(value: Any, like: str) -> str:
    """A value as JSON, with blanks where another text has some."""
    gap = _gap(like)
    return json.dumps(value, ensure_ascii=like.isascii(), separators=(f",{gap}", f":{gap}"))


def _gap(text: str) -> str:
    return " " if '": ' in text else ""


def _past(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _next(text: str, at: int) -> int:
    """Where the next value or the end of the list is."""
    at = _past(text, at)
    return _past(text, at + 1) if text[at] == "," else at
