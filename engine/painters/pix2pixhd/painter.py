"""Scenes out of label maps: every region with a look of its own, single objects with another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.appearance import Appearance, Vector
from engine.card import Card
from engine.errors import ModelError
from engine.painters.base import Stop, Stopped
from engine.painters.pix2pixhd.clusters import PREFIX, Clusters, Look, clusters_from
from engine.painters.pix2pixhd.looks import Looks, PreparedScene
from engine.painters.pix2pixhd.network import Pix2PixHd, Pix2PixHdConfig, SceneNetwork
from engine.painters.pix2pixhd.object_look import Change, changes, grouped, joined, mask_of
from engine.painters.pix2pixhd.official import PAPER, OfficialConfig, assembled
from engine.painters.pix2pixhd.regions import Region, Regions, regions, size_at
from engine.painters.pix2pixhd.walk import Asked, Pinned
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.labels import LabelMap

_TOGETHER = 2
"""Groups of objects painted beside the base in one pass; more cost memory and save little."""


class ScenePainter:
    """See :mod:`engine.painters.pix2pixhd.network`; published networks are painted with too.

    Args:
        clusters: looks of classes, for objects whose look nobody chose.
    """

    def __init__(
        self, card: Card, network: SceneNetwork, clusters: Clusters, runtime: Runtime
    ) -> None:
        self.card, self.runtime, self.clusters = card, runtime, clusters
        self.network = runtime.place(network)
        self._looks = Looks(self.network, clusters, runtime, card.side)

    @property
    def looks(self) -> int:
        """How many numbers a look has."""
        return self.network.inputs.features

    def choices(self, label: int) -> tuple[Vector, ...]:
        """The looks that a class offers, at least one."""
        return tuple(Vector(tuple(look.tolist())) for look in self.clusters.of(label))

    def look_of(self, shape: LabelMap, prepared: PreparedScene, thing: int) -> Vector:
        """What an object's look is, wherever it comes from. KeyError if there is no such object."""
        region = Region(shape.instances[thing].label, thing)
        return Vector(tuple(prepared.of(region).tolist()))

    def prepare(self, appearance: Appearance) -> PreparedScene:
        """The sources of a look. Raises as :meth:`Looks.prepared`."""
        return self._looks.prepared(appearance)

    def vector(self, look: Appearance) -> Vector:
        """A look as numbers. Raises as :meth:`Looks.vector`."""
        return self._looks.vector(look)

    def own_side(self, side: int) -> int:
        """Longer side in pixels at which the network paints where `side` is asked for; published
        networks paint at any size, ours are enlarged beyond their own."""
        return side if self.card.architecture == PAPER else min(side, self.card.side)

    def paint(self, shape: LabelMap, prepared: PreparedScene, side: int, stop: Stop) -> Picture:
        """The map's canvas painted, RGB, `side` pixels along its longer side. Raises Stopped."""

        def ask() -> None:
            if stop():
                raise Stopped

        inputs = self.network.inputs
        found = regions(shape, self.own_side(side), self.network.stride, inputs.by_class)
        with torch.inference_mode():
            painted = self._painted(shape, found, prepared, ask)
        height, width = found.size
        pixels = np.rint((painted[:height, :width] + 1) * 127.5).clip(0, 255).astype(np.uint8)
        return Picture(_resized(pixels, size_at(shape.size, side)))

    def _painted(
        self, shape: LabelMap, found: Regions, prepared: PreparedScene, ask: Callable[[], None]
    ) -> NDArray[np.float32]:
        """(H, W, 3) in -1..1 at the padded size."""
        base = np.stack([prepared.base(region) for region in found.listed])
        own = {
            n: look
            for n, region in enumerate(found.listed)
            if (look := _own(prepared, region, base[n])) is not None
        }
        ask()
        size = found.number.shape
        wanted = grouped(changes(found, list(own)), size, self.network.stride)
        passes: list[tuple[Change, NDArray[np.float32]]] = []
        x, picture = self._input(shape, found, base), None
        for first in range(0, max(len(wanted), 1), _TOGETHER):
            groups = wanted[first : first + _TOGETHER]
            painted = self._pass(x, found, base, own, groups, ask)
            picture = painted[0]
            for group, pixels in zip(groups, painted[1:], strict=True):
                passes += [(change, pixels[change.place]) for change in group]
        assert picture is not None
        passes.sort(key=lambda item: item[0].region)
        return joined(picture, passes, found.number) if passes else picture

    def _pass(
        self,
        x: Tensor,
        found: Regions,
        base: NDArray[np.float32],
        own: Mapping[int, Look],
        groups: Sequence[Sequence[Change]],
        ask: Callable[[], None],
    ) -> NDArray[np.float32]:
        """(1 + groups, H, W, 3): the base, then it with the looks of each group."""
        walk = Asked(ask)
        if groups:
            size = found.number.shape
            masks = np.stack([mask_of(group, size) for group in groups])[:, None]
            walk = Pinned(torch.from_numpy(masks).to(x.device), ask)
            tables = [base.copy() for _ in groups]
            for table, group in zip(tables, groups, strict=True):
                for change in group:
                    table[change.region] = own[change.region]
            x = torch.cat([x, *(self._with_looks(x, found, table) for table in tables)])
        return self.network.paint(x, walk).permute(0, 2, 3, 1).cpu().numpy()

    def _input(self, shape: LabelMap, found: Regions, base: NDArray[np.float32]) -> Tensor:
        """(1, C, H, W): what the network takes, with the base look."""
        inputs = self.network.inputs
        if inputs.labels:
            seen = torch.from_numpy(found.labels.astype(np.int32))[None]
        else:  # the network was trained on pictures of labels
            colours = shape.label_set.colours[found.labels]
            seen = torch.from_numpy(colours).permute(2, 0, 1)[None].float() / 127.5 - 1
        device = self.runtime.device
        number = torch.from_numpy(found.number)[None].to(device)
        channels = inputs.shape(seen.to(device), number)
        return torch.cat([channels, self._features(found, base)], 1)

    def _with_looks(self, x: Tensor, found: Regions, table: NDArray[np.float32]) -> Tensor:
        shape_channels = self.network.inputs.shape_channels
        return torch.cat([x[:1, :shape_channels], self._features(found, table)], 1)

    def _features(self, found: Regions, table: NDArray[np.float32]) -> Tensor:
        """(1, F, H, W): every region filled with its look."""
        device = self.runtime.device
        looks = torch.from_numpy(table).to(device)[torch.from_numpy(found.number).to(device)]
        return looks.permute(2, 0, 1)[None]


def _own(prepared: PreparedScene, region: Region, base: Look) -> Look | None:
    """The look of an object that differs from the base; None if it does not."""
    source = prepared.own.get(region.thing)
    if source is None or not region.thing:
        return None
    look = source(region)
    return None if np.array_equal(look, base) else look


def _resized(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    if pixels.shape[:2] == size:
        return np.ascontiguousarray(pixels)
    return np.asarray(cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def load(card: Card, tensors: Mapping[str, Tensor], runtime: Runtime) -> ScenePainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    weights = {
        name: value.float() if value.is_floating_point() else value
        for name, value in tensors.items()
        if not name.startswith(PREFIX)
    }
    try:
        network: SceneNetwork
        if card.architecture == PAPER:
            network = assembled(msgspec.convert(card.config, OfficialConfig), weights)
        else:
            network = Pix2PixHd(msgspec.convert(card.config, Pix2PixHdConfig))
            network.load_state_dict(weights)
    except (KeyError, TypeError, ValueError, RuntimeError, msgspec.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    clusters = clusters_from(tensors, network.inputs.features)
    return ScenePainter(card, network, clusters, runtime)
