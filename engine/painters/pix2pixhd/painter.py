"""Scenes out of label maps: every region with a look of its own, single objects with another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.appearance import Appearance, Vector
from engine.cache import ByteCache
from engine.card import Card
from engine.errors import ModelError
from engine.painters.base import Stop, Stopped
from engine.painters.grid import without_grid
from engine.painters.pix2pixhd.clusters import PREFIX, Clusters, Look, clusters_from
from engine.painters.pix2pixhd.inputs import object_edges, one_hot
from engine.painters.pix2pixhd.looks import Looks, PreparedScene
from engine.painters.pix2pixhd.network import Pix2PixHd, Pix2PixHdConfig, SceneNetwork
from engine.painters.pix2pixhd.object_look import Window, joined, window
from engine.painters.pix2pixhd.official import PAPER, OfficialConfig, assembled, folded
from engine.painters.pix2pixhd.regions import Region, Regions, regions, size_at
from engine.painters.pix2pixhd.walk import Pinned, Recorded, Statistics
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.labels import LabelMap

_BASE_BYTES = 64_000_000
"""Scenes with their base look that are kept, so that looks can be tried on single objects."""
_CHANGE_BYTES = 64_000_000
"""The same for what single objects change."""
_WHOLE = (slice(None), slice(None))


@dataclass(frozen=True)
class _Base:
    """A scene painted with its base look.

    Attributes:
        picture: (H, W, 3) in -1..1 at the padded size.
        statistics: of its normalisations.
    """

    picture: NDArray[np.float32]
    statistics: tuple[Statistics, ...]

    @property
    def nbytes(self) -> int:
        return self.picture.nbytes + sum(a.nbytes + b.nbytes for a, b in self.statistics)


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
        self._bases = ByteCache[_Base](_BASE_BYTES, lambda base: base.nbytes)
        self._changes = ByteCache[NDArray[np.float32]](_CHANGE_BYTES, lambda held: held.nbytes)

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

    def lessened(self, side: int) -> str:
        """Empty, or one sentence saying that a picture of that size is not painted so large."""
        return enlarged(self.own_side(side), side)

    def paint(self, shape: LabelMap, prepared: PreparedScene, side: int, stop: Stop) -> Picture:
        """The map's canvas painted, RGB, `side` pixels along its longer side. Raises Stopped."""

        def ask() -> None:
            if stop():
                raise Stopped

        inputs, own_side = self.network.inputs, self.own_side(side)
        found = regions(shape, own_side, self.network.stride, inputs.by_class)
        ask()
        with torch.inference_mode():
            painted = self._painted(shape, found, prepared, ask)
        height, width = found.size
        pixels = np.rint((painted[:height, :width] + 1) * 127.5).clip(0, 255).astype(np.uint8)
        return Picture(_resized(pixels, size_at(shape.size, side)))

    def _painted(
        self, shape: LabelMap, found: Regions, prepared: PreparedScene, ask: Callable[[], None]
    ) -> NDArray[np.float32]:
        """(H, W, 3) in -1..1 at the padded size."""
        table = np.stack([prepared.base(region) for region in found.listed])
        key = (shape, found.size, hashlib.sha256(table.tobytes()).digest())
        base = self._bases.get(key, lambda: self._base(shape, found, table, ask))
        changes = []
        for number, look in _own(prepared, found, table).items():
            ask()
            there = window(found, number, self.network.stride)
            arguments = (shape, found, table, base, there, look, ask)
            own_key = (*key, number, look.tobytes())
            changes.append((there, self._changes.get(own_key, self._changer(*arguments))))
        return joined(base.picture, changes, found.number) if changes else base.picture

    def _base(
        self,
        shape: LabelMap,
        found: Regions,
        table: NDArray[np.float32],
        ask: Callable[[], None],
    ) -> _Base:
        walk = Recorded(ask)
        painted = self.network.paint(self._input(shape, found, table, _WHOLE), walk)
        return _Base(self._pixels(painted)[0], tuple(walk.statistics))

    def _changer(
        self,
        shape: LabelMap,
        found: Regions,
        table: NDArray[np.float32],
        base: _Base,
        there: Window,
        look: Look,
        ask: Callable[[], None],
    ) -> Callable[[], NDArray[np.float32]]:
        """Makes (h, w, 3): how another look of a region changes its window."""

        def change() -> NDArray[np.float32]:
            other = table.copy()
            other[there.region] = look
            pair = [self._input(shape, found, t, there.place) for t in (table, other)]
            mask = torch.from_numpy(there.share > 0)[None, None].to(self.runtime.device)
            walk = Pinned(mask, base.statistics, ask)
            before, after = self._pixels(self.network.paint(torch.cat(pair), walk))
            return after - before

        return change

    def _pixels(self, painted: Tensor) -> list[NDArray[np.float32]]:
        """(H, W, 3) of each picture; a grid is left to published networks only, whose pictures are
        compared with what others paint with them."""
        pictures = list(painted.permute(0, 2, 3, 1).float().cpu().numpy())
        return pictures if self.card.architecture == PAPER else list(map(without_grid, pictures))

    def _input(
        self,
        shape: LabelMap,
        found: Regions,
        table: NDArray[np.float32],
        place: tuple[slice, slice],
    ) -> Tensor:
        """(1, C, h, w): what the network takes of a window; `table` has a look for each region."""
        inputs, runtime = self.network.inputs, self.runtime
        classes = np.array([region.label for region in found.listed], np.int64)
        if inputs.labels:
            base = one_hot(torch.from_numpy(classes)[None, None], inputs.labels, inputs.unlabelled)
            rows = base[0, :, 0].T
        else:  # the network was trained on pictures of labels
            rows = torch.from_numpy(shape.label_set.colours[classes]).float() / 127.5 - 1
        parts = [rows, torch.zeros(len(rows), int(inputs.edges)), torch.from_numpy(table)]
        channels = torch.cat(parts, 1).to(runtime.device, runtime.dtype)
        number = torch.from_numpy(found.number[place]).to(runtime.device)
        filled = channels.index_select(0, number.flatten())  # one row a pixel: channels last
        x = filled.view(*number.shape, -1).permute(2, 0, 1)[None]
        if inputs.edges:
            x[:, inputs.shape_channels - 1] = object_edges(number[None])[:, 0]
        return x


def _own(prepared: PreparedScene, found: Regions, table: NDArray[np.float32]) -> dict[int, Look]:
    """The looks of objects that differ from the base, by their places in `Regions.listed`."""
    looks = {
        number: prepared.own[region.thing](region)
        for number, region in enumerate(found.listed)
        if region.thing in prepared.own and region.thing
    }
    return {n: look for n, look in looks.items() if not np.array_equal(look, table[n])}


def enlarged(painted: int, side: int) -> str:
    """Empty, or one sentence saying that a picture was painted smaller than it is."""
    return f"Painted at {painted} px and enlarged; more detail is not known." * (painted < side)


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
            network = folded(assembled(msgspec.convert(card.config, OfficialConfig), weights))
        else:
            network = Pix2PixHd(msgspec.convert(card.config, Pix2PixHdConfig))
            network.load_state_dict(weights)
    except (KeyError, TypeError, ValueError, RuntimeError, msgspec.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    clusters = clusters_from(tensors, network.inputs.features)
    return ScenePainter(card, network, clusters, runtime)
