"""Looks as numbers: of whole scenes, of classes, of single objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.appearance import Appearance, FromPhoto, Mix, PerObject, Sampled, Vector
from engine.errors import InputError, Unsupported
from engine.painters.pix2pixhd.clusters import Clusters, Look
from engine.painters.pix2pixhd.inputs import object_means
from engine.painters.pix2pixhd.network import SceneNetwork
from engine.painters.pix2pixhd.regions import Region, padded, regions, size_at
from engine.photo import Mask, Photo
from engine.runtime import Runtime
from engine.scene_looks import class_key
from engine.shapes.labels import LabelMap

Chooser = Callable[[Region], Look | None]
"""The look of a region; None = this source knows none for it."""


@dataclass(frozen=True)
class PreparedScene:
    """Where every region's look comes from.

    Attributes:
        base: of all regions; looks of classes are part of it.
        own: of objects that have a look of their own, by id.
    """

    base: Callable[[Region], Look]
    own: Mapping[int, Callable[[Region], Look]]

    def of(self, region: Region) -> Look:
        """The look of a region."""
        return self.own.get(region.thing, self.base)(region)

    @property
    def nbytes(self) -> int:
        """Bytes held, for the cache: a few numbers a region."""
        return 4096


class Looks:
    """What looks mean to a network.

    Args:
        side: longer side in pixels at which photos are read.
    """

    def __init__(
        self, network: SceneNetwork, clusters: Clusters, runtime: Runtime, side: int
    ) -> None:
        self._network, self._clusters, self._runtime = network, clusters, runtime
        self._side = side

    def prepared(self, look: Appearance) -> PreparedScene:
        """The sources of a look.

        Raises:
            InputError: a vector of another length, or a photo without its label map.
            Unsupported: another kind of look, or photos without an encoder.
        """
        if not isinstance(look, PerObject):
            return PreparedScene(self._whole(look, 0), {})
        whole = self._whole(look.default, look.seed)
        own = {key: _else(self._chooser(inner), whole) for key, inner in look.objects}

        def base(region: Region) -> Look:
            return own.get(class_key(region.label), whole)(region)

        return PreparedScene(base, {thing: choose for thing, choose in own.items() if thing > 0})

    def vector(self, look: Appearance) -> Vector:
        """A look that does not depend on the region as numbers.

        Raises:
            Unsupported: it does.
            InputError: as :meth:`prepared`, or a photo with nothing marked.
        """
        match look:
            case Vector():
                return Vector(tuple(self._checked(look).tolist()))
            case FromPhoto(photo, _, Mask() as mask):
                return Vector(tuple(self._marked(photo, mask).tolist()))
            case Mix(a, b, t):
                one, two = (np.array(self.vector(x).values) for x in (a, b))
                return Vector(tuple((one + t * (two - one)).tolist()))
            case _:
                raise Unsupported("Such a look differs from object to object; choose one object's.")

    def _whole(self, look: Appearance | None, seed: int) -> Callable[[Region], Look]:
        def drawn(region: Region) -> Look:
            return self._clusters.drawn(seed, *region)

        return drawn if look is None else _else(self._chooser(look), drawn)

    def _chooser(self, look: Appearance) -> Chooser:
        match look:
            case Vector():
                values = self._checked(look)
                return lambda _: values
            case Sampled(seed):
                return lambda region: self._clusters.drawn(seed, *region)
            case Mix(a, b, t):
                return _between(self._chooser(a), self._chooser(b), t)
            case FromPhoto(photo, _, Mask() as mask):
                marked = self._marked(photo, mask)
                return lambda _: marked
            case FromPhoto(photo, LabelMap() as shape):
                return self._seen(photo, shape)
            case FromPhoto():
                raise InputError(
                    "The photo has no label map; paint one over it, or mark what to take."
                )
            case _:
                raise Unsupported("This model cannot take such a look; choose another one.")

    def _checked(self, look: Vector) -> Look:
        if len(look.values) != self._clusters.features:
            raise InputError(f"This model's looks have {self._clusters.features} numbers.")
        return np.array(look.values, np.float32)

    def _seen(self, photo: Photo, shape: LabelMap) -> Chooser:
        """The looks of a photo's objects, and of its classes for objects that it does not show."""
        if shape.size != photo.size:
            here, there = ("{} x {} px".format(*part.size) for part in (shape, photo))
            raise InputError(f"The label map is for {here} and the photo has {there}.")
        found = regions(shape, self._side, self._network.stride)
        height, width = found.size
        number = torch.from_numpy(found.number[None, :height, :width])
        means, place, counts = object_means(self._pixels(photo), number)
        of_region = torch.zeros(len(found.listed), dtype=torch.int64)
        of_region[number] = place
        rows = dict(zip(found.listed, of_region.tolist(), strict=True))
        objects = {region: means[row].numpy() for region, row in rows.items()}
        classes = {
            label: _weighted(means, counts, [row for r, row in rows.items() if r.label == label])
            for label in {region.label for region in rows}
        }
        return lambda region: objects.get(region, classes.get(region.label))

    def _marked(self, photo: Photo, mask: Mask) -> Look:
        """The mean look of what a mask marks."""
        if mask.size != photo.size:
            raise InputError("The mask must have the photo's size; mark the photo again.")
        if not (mask.pixels > 127).any():
            raise InputError("Nothing is marked in the photo; mark the item whose look you want.")
        features = self._pixels(photo)[0]
        height, width = features.shape[1:]
        small = cv2.resize(mask.pixels, (width, height), interpolation=cv2.INTER_AREA)
        share = torch.from_numpy(small.astype(np.float32))
        return ((features * share).sum((1, 2)) / share.sum()).numpy()

    def _pixels(self, photo: Photo) -> Tensor:
        """(1, F, h, w) float32 on the CPU, the look of every pixel of the photo made smaller."""
        height, width = size_at(photo.size, self._side)
        small = cv2.resize(photo.pixels, (width, height), interpolation=cv2.INTER_AREA)
        picture = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 127.5 - 1
        below, right = (padded(n, self._network.stride) - n for n in (height, width))
        picture = F.pad(picture, (0, right, 0, below), "replicate").to(self._runtime.device)
        with torch.inference_mode():
            return self._network.features(picture)[..., :height, :width].float().cpu()


def _else(first: Chooser, second: Callable[[Region], Look]) -> Callable[[Region], Look]:
    def chosen(region: Region) -> Look:
        look = first(region)
        return second(region) if look is None else look

    return chosen


def _between(a: Chooser, b: Chooser, t: float) -> Chooser:
    def chosen(region: Region) -> Look | None:
        one, two = a(region), b(region)
        if one is None or two is None:
            return None
        return np.asarray((1 - t) * one + t * two, np.float32)

    return chosen


def _weighted(means: Tensor, counts: Tensor, rows: list[int]) -> Look:
    weights = counts[rows].float()
    return ((means[rows] * weights[:, None]).sum(0) / weights.sum()).numpy()
