"""How far a single object's look moves the object, and how little anything else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.appearance import PerObject
from trainer.metrics.figures import Figure

if TYPE_CHECKING:
    from trainer.metrics.scenes import HeldOut

Pixels = NDArray[np.uint8]
_CHANGED = 10.0
"""Lab distance that two looks of a class shall make at least."""
_STAYS = 2
"""Of 255: what may move outside an object."""
_LARGE = 1 / 400
"""Share of the picture that an object must fill to be measured."""
_FEATHER = 1 / 96
"""Share of the longer side over which a look may fade out around its object."""
_CAR = "car"
PROTOCOL = (
    "held-out scenes in the look drawn by seed 0, the largest car of each that fills 1/400 of the "
    "picture; it gets the two cluster looks whose cars differ most in mean Lab"
)


def object_figures(painter: Any, side: int, scenes: Sequence[HeldOut]) -> list[Figure]:
    """Lab change inside the object, and the largest change outside its dilated mask.

    Args:
        painter: of scenes, with looks of single objects.
        side: longer side in pixels at which it paints.

    Returns:
        Nothing if no scene shows a car that is large enough.
    """
    changes, outside, elsewhere = [], [], []
    for scene in scenes:
        thing = largest(scene)
        if thing is None:
            continue
        base = _painted(painter, scene, side, PerObject())
        inside, around = masks(scene.shape.objects == thing, base.shape[:2])
        label = scene.shape.instances[thing].label
        made = [
            _painted(painter, scene, side, PerObject(objects=((thing, look),)))
            for look in painter.choices(label)
        ]
        colours = [mean_lab(picture, inside) for picture in made]
        pairs = [float(np.linalg.norm(a - b)) for a, b in combinations(colours, 2)]
        changes.append(max(pairs, default=0.0))
        moved = [np.abs(picture.astype(int) - base)[~around] for picture in made]
        outside.append(max(int(part.max(initial=0)) for part in moved))
        elsewhere.append(float(np.mean([(part > _STAYS).mean() for part in moved])))
    return _figures(changes, outside, elsewhere)


def _figures(
    changes: Sequence[float], outside: Sequence[int], elsewhere: Sequence[float]
) -> list[Figure]:
    if not changes:
        return []
    return [
        Figure(
            id="object.change",
            title="Lab change of a car between its two farthest looks",
            protocol=PROTOCOL,
            judge="formula",
            n=len(changes),
            value=float(np.mean(changes)),
            better="higher",
            target=(_CHANGED, None),
            target_says=f"at least {_CHANGED:.0f}",
            detail={"least": min(changes)},
        ),
        Figure(
            id="object.outside",
            title="Largest change outside the object, of 255",
            protocol=f"{PROTOCOL}; outside = beyond a mask dilated by 1/96 of the longer side",
            judge="formula",
            n=len(outside),
            value=float(max(outside)),
            better="lower",
            target=(None, float(_STAYS)),
            target_says=f"at most {_STAYS}",
            detail={f"share above {_STAYS}": float(np.mean(elsewhere))},
        ),
    ]


def largest(scene: HeldOut) -> int | None:
    """The id of the largest car, if it is large enough."""
    known = scene.shape.label_set
    cars = {label.id for label in known.labels if label.name == _CAR}
    found = [one for one in scene.shape.instances.values() if one.label in cars]
    best = max(found, key=lambda one: one.area, default=None)
    return best.id if best and best.area >= _LARGE * scene.shape.labels.size else None


def masks(
    mask: NDArray[np.bool_], size: tuple[int, int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """An object without its border, and with its feather, at (height, width)."""
    ids = mask.astype(np.uint8)
    small = cv2.resize(ids, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT) > 0
    reach = max(round(max(size) * _FEATHER), 2) + 1  # a pixel for the map made smaller
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    inner = cv2.erode(small.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0
    around = cv2.dilate(small.astype(np.uint8), disk) > 0
    return (inner if inner.any() else small), around


def mean_lab(picture: Pixels, where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean CIE Lab of the pixels of an RGB picture."""
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab[where].mean(0), np.float64)


def _painted(painter: Any, scene: HeldOut, side: int, look: PerObject) -> Pixels:
    prepared = painter.prepare(look)
    return painter.paint(scene.shape, prepared, side, lambda: False).pixels
