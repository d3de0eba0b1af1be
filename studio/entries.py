"""A finished picture in a document's history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A small picture and everything that it was painted from.

    Attributes:
        wanted: what was asked for.
        thumbnail: the picture, small, as a PNG file.
        starred: kept for ever.
        seconds: how long painting took; 0 = not known.
        when: the moment it was finished, with its time zone.
    """

    wanted: Any
    thumbnail: bytes
    starred: bool
    seconds: float
    when: datetime
