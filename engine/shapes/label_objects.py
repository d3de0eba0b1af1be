"""Objects of label maps: taken away, moved, copied, joined and cut; numpy and OpenCV."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.boxes import Box, rows
from engine.errors import InputError
from engine.pixels import grown
from engine.shapes.label_paint import FREE, Ink, Point, Rules, Stamp, painted, replaced, stamp_of
from engine.shapes.label_scan import Instance
from engine.shapes.labels import LabelMap

Matrix = NDArray[np.float64]
_FINEST = 1e-6


def picked(scene: LabelMap, number: int) -> Instance:
    """The object with an id.

    Raises:
        InputError: there is none.
    """
    found = scene.instances.get(number)
    if found is None:
        raise InputError(f"The map has no object {number}; select one first.")
    return found


def stamp(scene: LabelMap, number: int) -> Stamp:
    """The pixels of an object. InputError if there is none."""
    box = picked(scene, number).box
    return Stamp(box, scene.objects[rows(box)] == number)


def backdrop(scene: LabelMap, box: Box | None = None) -> NDArray[Any]:
    """Label ids as if there were no objects: each pixel of one gets the nearest surface's.

    Things that belong to no object count as objects. Where there are no surfaces at all, nothing
    is labelled.

    Args:
        box: the part that is asked for; None = the whole map.

    Returns:
        (h, w) ids.
    """
    wanted = scene.box if box is None else box
    reach = max(wanted[2] - wanted[0], wanted[3] - wanted[1])
    near = grown(wanted, reach, scene.labels.shape)
    filled = _filled(scene, near, reach) if near != scene.box else None
    if filled is None:  # the nearest surface may lie farther away
        near, filled = scene.box, _filled(scene, scene.box, np.inf)
    assert filled is not None
    left, top, right, bottom = wanted
    return filled[top - near[1] : bottom - near[1], left - near[0] : right - near[0]]


def _filled(scene: LabelMap, box: Box, reach: float) -> NDArray[Any] | None:
    """A box without its objects; None if a hole is farther than `reach` from a surface in it."""
    labels = scene.labels[rows(box)]
    things = np.zeros(len(scene.label_set.known), bool)
    things[[label.id for label in scene.label_set.labels if label.things]] = True
    holes = things[labels] | (scene.objects[rows(box)] > 0)
    sources = ~holes & (labels != scene.label_set.void)
    filled = labels.copy()
    filled[holes] = scene.label_set.void
    if not sources.any():
        return filled if reach == np.inf else None
    away, index = cv2.distanceTransformWithLabels(
        (~sources).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    inner = np.asarray(away)[holes]
    if inner.size and float(inner.max()) > reach:
        return None
    nearest = np.asarray(index, np.int32)
    value = np.zeros(int(nearest.max()) + 1, labels.dtype)
    value[nearest[sources]] = labels[sources]
    filled[holes] = value[nearest[holes]]
    return filled


def without(scene: LabelMap, number: int) -> LabelMap:
    """Without an object; the surfaces around it grow into the hole. InputError if there is none."""
    gone = stamp(scene, number)
    return replaced(scene, gone, backdrop(scene, gone.box), 0)


def placed(
    scene: LabelMap, shape: Stamp, ink: Ink, matrix: Matrix, rules: Rules = FREE
) -> LabelMap:
    """With a form painted under a 2x3 affine of pixel positions."""
    moved = mapped(shape, matrix, scene.size)
    return scene if moved is None else painted(scene, moved, ink, rules)


def mapped(shape: Stamp, matrix: Matrix, size: tuple[int, int]) -> Stamp | None:
    """A form moved, scaled or turned; None if nothing of it is left on a map of this size.

    Edges are those of the smoothly scaled form, cut at one half.
    """
    if abs(np.linalg.det(matrix[:, :2])) < _FINEST:
        return None
    left, top, right, bottom = shape.box
    corners = np.array([[left, top], [right, top], [left, bottom], [right, bottom]], float)
    reached = corners @ matrix[:, :2].T + matrix[:, 2]
    low, high = np.floor(reached.min(0)) - 1, np.ceil(reached.max(0)) + 1
    box = _within(low, high, size)
    if box is None:
        return None
    # both grids count from the middles of their first pixels
    inner = matrix[:, :2] @ np.array([left + 0.5, top + 0.5]) + matrix[:, 2]
    shift = inner - np.array([box[0] + 0.5, box[1] + 0.5])
    form = shape.mask.astype(np.float32)
    across = (box[2] - box[0], box[3] - box[1])
    affine = np.column_stack([matrix[:, :2], shift])
    mask = np.asarray(cv2.warpAffine(form, affine, across, flags=cv2.INTER_LINEAR)) >= 0.5
    return Stamp(box, mask) if mask.any() else None


def _within(low: NDArray[Any], high: NDArray[Any], size: tuple[int, int]) -> Box | None:
    left, top = (int(v) for v in np.clip(low, 0, size))
    right, bottom = (int(v) for v in np.clip(high, 0, size))
    return (left, top, right, bottom) if left < right and top < bottom else None


def moved(scene: LabelMap, number: int, matrix: Matrix, rules: Rules = FREE) -> LabelMap:
    """With an object moved, scaled or turned by a 2x3 affine; surfaces close the gap."""
    shape, ink = stamp(scene, number), Ink(picked(scene, number).label, number)
    return placed(without(scene, number), shape, ink, matrix, rules)


def duplicated(
    scene: LabelMap, number: int, by: Point, rules: Rules = FREE
) -> tuple[LabelMap, int]:
    """With a copy of an object, shifted by pixels, and the id of the copy."""
    shape, label, new = stamp(scene, number), picked(scene, number).label, scene.next_object
    shift = np.array([[1.0, 0, by[0]], [0, 1.0, by[1]]])
    return placed(scene, shape, Ink(label, new), shift, rules), new


def merged(scene: LabelMap, numbers: Collection[int]) -> tuple[LabelMap, int]:
    """With several objects as one, which keeps the id and the label of the largest.

    Raises:
        InputError: fewer than two, or one that is not there.
    """
    parts = [picked(scene, number) for number in sorted(set(numbers))]
    if len(parts) < 2:
        raise InputError("Select at least two objects to merge them.")
    largest = max(parts, key=lambda part: part.area)
    whole = np.isin(scene.objects, [part.id for part in parts]).astype(np.uint8)
    return replaced(scene, stamp_of(whole), largest.label, largest.id), largest.id


def pieces(scene: LabelMap, number: int) -> tuple[LabelMap, tuple[int, ...]]:
    """With every connected piece of an object as one of its own; the largest keeps the id.

    Returns:
        The map, and the ids of the new objects; none if the object hangs together.
    """
    shape = stamp(scene, number)
    _, parts = cv2.connectedComponents(shape.mask.astype(np.uint8), connectivity=8)
    return _apart(scene, number, shape, np.asarray(parts))


def cut(scene: LabelMap, number: int, a: Point, b: Point) -> tuple[LabelMap, tuple[int, ...]]:
    """With an object cut in two along the straight line through two places.

    The larger part keeps the id. Returns as :func:`pieces`.
    """
    shape = stamp(scene, number)
    y, x = np.nonzero(shape.mask)
    x, y = x + shape.box[0] + 0.5, y + shape.box[1] + 0.5
    side = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) > 0
    parts = np.zeros(shape.mask.shape, np.int32)
    parts[shape.mask] = 1 + side
    return _apart(scene, number, shape, parts)


def _apart(
    scene: LabelMap, number: int, shape: Stamp, parts: NDArray[Any]
) -> tuple[LabelMap, tuple[int, ...]]:
    """Each part (numbered from 1) but the largest as a new object, from the largest down."""
    area = np.bincount(parts.ravel(), minlength=2)
    order = [int(n) for n in np.argsort(-area[1:], kind="stable") + 1 if area[n]]
    ids = {part: number if n == 0 else scene.next_object + n - 1 for n, part in enumerate(order)}
    table = np.zeros(len(area), np.int64)
    table[list(ids)] = list(ids.values())
    label = picked(scene, number).label
    return replaced(scene, shape, label, table[parts]), tuple(list(ids.values())[1:])


def relabelled(scene: LabelMap, number: int, label: int) -> LabelMap:
    """With another label for an object; as a surface it is no object any more."""
    keeps = number if scene.label_set[label].things else 0
    return replaced(scene, stamp(scene, number), label, keeps)


def numbered(scene: LabelMap) -> LabelMap:
    """With an object for each connected piece of a thing that belongs to none yet."""
    objects, new = scene.objects.copy(), scene.next_object
    for label in scene.label_set.labels:
        loose = (scene.labels == label.id) & (scene.objects == 0)
        if not label.things or not loose.any():
            continue
        count, parts = cv2.connectedComponents(loose.astype(np.uint8), connectivity=8)
        objects[loose] = np.asarray(parts)[loose] + (new - 1)
        new += count - 1
    everything = Stamp(scene.box, np.ones(scene.labels.shape, bool))
    return replaced(scene, everything, scene.labels, objects)


def outline(shape: Stamp) -> NDArray[np.float64]:
    """The edges of a form, those of its holes too, between pixels.

    Returns:
        (N, 4) straight lines: x and y of one end, x and y of the other.
    """
    solid = np.pad(shape.mask, 1)
    across, down = _lines(solid), _lines(solid.T)[:, [1, 0, 3, 2]]
    return np.concatenate([across, down]) + np.tile(shape.box[:2], 2) - 1.0


def _lines(solid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The horizontal edges between rows, each as long as it goes: x0, y0, x1, y1."""
    edge = np.pad(solid[1:] != solid[:-1], ((0, 0), (1, 1)))
    row, start = np.nonzero(edge[:, 1:] & ~edge[:, :-1])
    _, end = np.nonzero(~edge[:, 1:] & edge[:, :-1])
    return np.column_stack([start, row + 1, end, row + 1]).astype(float)
