"""Rectangles of whole pixels."""

from __future__ import annotations

Box = tuple[int, int, int, int]
"""left, top, right, bottom in pixels; right and bottom lie outside."""


def rows(box: Box) -> tuple[slice, slice]:
    """A box as an index into an image."""
    return slice(box[1], box[3]), slice(box[0], box[2])
