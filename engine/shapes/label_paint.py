"""Painting on label maps: stamps of whole pixels, and what they may cover; numpy and OpenCV."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.boxes import Box, rows
from engine.errors import InputError
from engine.shapes.labels import LabelMap, LabelSet

Point = tuple[float, float]
NOTHING: Box = (0, 0, 0, 0)


@dataclass(frozen=True)
class Ink:
    """What is painted: a label, and the object that it belongs to (0 = none)."""

    label: int
    object: int = 0


@dataclass(frozen=True)
class Rules:
    """What may be painted over.

    Attributes:
        new_wins: what is painted covers everything; otherwise objects stay before what is painted,
            and surfaces are painted only where nothing is labelled.
        protected: ids of labels that are locked or hidden: their pixels stay.
    """

    new_wins: bool = True
    protected: frozenset[int] = frozenset()


FREE = Rules()


@dataclass(frozen=True, eq=False)
class Stamp:
    """Pixels of a map.

    Attributes:
        box: around them, within the map.
        mask: (h, w) bool, which of the box.
    """

    box: Box
    mask: NDArray[np.bool_]


def stroke(size: tuple[int, int], start: Point, end: Point, radii: tuple[float, float]) -> Stamp:
    """Pixels whose middle a round brush covers on its way between two places.

    Args:
        size: (width, height) of the map.
        start, end: the same for a dab.
        radii: of the brush at both places, in pixels.
    """
    reach = max(radii)
    low = min(start[0], end[0]) - reach, min(start[1], end[1]) - reach
    high = max(start[0], end[0]) + reach, max(start[1], end[1]) + reach
    box = _box(size, low, high)
    x = np.arange(box[0], box[2], dtype=np.float32)[None] + np.float32(0.5 - start[0])
    y = np.arange(box[1], box[3], dtype=np.float32)[:, None] + np.float32(0.5 - start[1])
    dx, dy = np.float32(end[0] - start[0]), np.float32(end[1] - start[1])
    along = np.clip((x * dx + y * dy) / max(dx * dx + dy * dy, np.float32(1e-6)), 0, 1)
    radius = np.float32(radii[0]) + along * np.float32(radii[1] - radii[0])
    x, y = x - along * dx, y - along * dy
    mask = x * x + y * y <= radius * radius
    return Stamp(box, mask) if mask.any() else _pixel_at(size, end)


def _pixel_at(size: tuple[int, int], at: Point) -> Stamp:
    """The one pixel under a brush that is too fine to cover the middle of any."""
    box = _box(size, at, at)
    return Stamp(box, np.ones((box[3] - box[1], box[2] - box[0]), bool))


def rectangle(size: tuple[int, int], corner: Point, opposite: Point) -> Stamp:
    """From the pixel under one place to the pixel under another, both included."""
    low, high = np.minimum(corner, opposite), np.maximum(corner, opposite)
    box = _box(size, (low[0], low[1]), (high[0], high[1]))
    return Stamp(box, np.ones((box[3] - box[1], box[2] - box[0]), bool))


def polygon(size: tuple[int, int], points: ArrayLike) -> Stamp:
    """Pixels whose middle an outline goes around; loops that overlap leave no holes.

    Args:
        size: (width, height) of the map.
        points: (N, 2) corners in pixels, also outside; the last is joined to the first.

    Raises:
        InputError: fewer than three corners, or numbers that are not finite.
    """
    corners = np.asarray(points, np.float64)
    if corners.ndim != 2 or corners.shape[1:] != (2,) or len(corners) < 3:
        raise InputError("A polygon needs at least three corners, each with x and y.")
    if not np.isfinite(corners).all():
        raise InputError("A polygon has a corner whose position is not a finite number.")
    low, high = corners.min(0), corners.max(0)
    box = _box(size, (low[0], low[1]), (high[0], high[1]))
    turns = np.zeros((box[3] - box[1], box[2] - box[0] + 1), np.int16)
    if turns.size:
        row, column, way = _crossings(corners - box[:2], turns.shape)
        np.add.at(turns, (row, column), way)
        np.cumsum(turns, axis=1, out=turns)
    return Stamp(box, turns[:, :-1] != 0)


def _crossings(
    corners: NDArray[np.float64], form: tuple[int, ...]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Where the outline crosses the middles of rows: row, first column after it, and which way."""
    ends = np.roll(corners, -1, axis=0)
    upward = corners[:, 1] > ends[:, 1]
    top = np.where(upward[:, None], ends, corners)
    bottom = np.where(upward[:, None], corners, ends)
    first = np.clip(np.ceil(top[:, 1] - 0.5), 0, form[0]).astype(int)
    after = np.clip(np.ceil(bottom[:, 1] - 0.5), 0, form[0]).astype(int)
    edge = np.repeat(np.arange(len(corners)), after - first)
    row = np.arange(len(edge)) - np.repeat(
        np.cumsum(after - first) - (after - first), after - first
    )
    row += first[edge]
    slope = (bottom[:, 0] - top[:, 0])[edge] / (bottom[:, 1] - top[:, 1])[edge]
    x = top[edge, 0] + (row + 0.5 - top[edge, 1]) * slope
    column = np.clip(np.ceil(x - 0.5), 0, form[1] - 1).astype(int)
    return row, column, np.where(upward[edge], -1, 1).astype(np.int16)


def region(scene: LabelMap, at: Point, everywhere: bool = False) -> Stamp | None:
    """The pixels of the label and object under a place; None outside the map.

    Args:
        everywhere: also those that do not hang together with it, edge to edge.
    """
    under = scene.at(at)
    if under is None:
        return None
    same = ((scene.labels == under[0]) & (scene.objects == under[1])).astype(np.uint8)
    if not everywhere:
        cv2.floodFill(same, None, (floor(at[0]), floor(at[1])), 2, flags=4)
        same = (same == 2).astype(np.uint8)
    return stamp_of(same)


def stamp_of(mask: NDArray[np.uint8]) -> Stamp:
    """The pixels above 0 of an (H, W) mask, in the smallest box around them."""
    x, y, width, height = cv2.boundingRect(mask)
    box = (x, y, x + width, y + height)
    return Stamp(box, mask[rows(box)] > 0)


def painted(scene: LabelMap, stamp: Stamp, ink: Ink, rules: Rules = FREE) -> LabelMap:
    """With a stamp painted; the map itself if that changes nothing."""
    mask = stamp.mask & paintable(scene, stamp.box, ink, rules)
    return replaced(scene, Stamp(stamp.box, mask), ink.label, ink.object)


def replaced(
    scene: LabelMap, stamp: Stamp, labels: int | NDArray[Any], objects: int | NDArray[Any]
) -> LabelMap:
    """With other ids under a stamp, whatever is there; the map itself if that changes nothing.

    Args:
        labels, objects: one id for all, or (h, w) as the stamp's box.
    """
    place = rows(stamp.box)
    before, owners = scene.labels[place], scene.objects[place]
    mask = stamp.mask & ((before != labels) | (owners != objects))
    if not mask.any():
        return scene
    return scene.patched(stamp.box, np.where(mask, labels, before), np.where(mask, objects, owners))


def paintable(scene: LabelMap, box: Box, ink: Ink, rules: Rules) -> NDArray[np.bool_]:
    """(h, w) which pixels of a box an ink may cover."""
    labels, objects = scene.labels[rows(box)], scene.objects[rows(box)]
    allowed = ~_chosen(scene.label_set, rules.protected)[labels]
    if not rules.new_wins:
        rank = np.where(labels == scene.label_set.void, 0, np.where(objects > 0, 2, 1))
        allowed &= rank < (2 if ink.object else 1)
    return allowed


def _chosen(label_set: LabelSet, ids: frozenset[int]) -> NDArray[np.bool_]:
    chosen = np.zeros(len(label_set.known), bool)
    chosen[list(ids)] = True
    return chosen


def _box(size: tuple[int, int], low: Point, high: Point) -> Box:
    """From the pixel under one place to that under another, as far as they lie on the map."""
    left, top = (min(max(floor(v), 0), side) for v, side in zip(low, size, strict=True))
    right, bottom = (min(max(floor(v) + 1, 0), side) for v, side in zip(high, size, strict=True))
    return (left, top, right, bottom) if left < right and top < bottom else NOTHING
