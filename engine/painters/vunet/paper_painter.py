"""The published VUNet as a painter: looks from photos, invented, mixed and by region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.appearance import Appearance, FromPhoto, Mix, Parts, Sampled
from engine.cache import ByteCache
from engine.card import Card
from engine.errors import ModelError, Unsupported
from engine.framing import person_frame
from engine.painters.backgrounds import silhouette, whole_frame, with_background
from engine.painters.base import Frame, Stop, Stopped, not_taken
from engine.painters.enlarge import enlarged
from engine.painters.parts import Window
from engine.painters.vunet.paper_layers import NormedConv
from engine.painters.vunet.paper_network import PaperVunet, PaperVunetConfig
from engine.painters.vunet.paper_shape import CROPS, CropSet, part_crops, stickman
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.body import completed
from engine.shapes.pose import Pose

_CODE_BYTES = 20_000_000
"""Looks kept so that one between two others can follow a slider."""
_REGIONS: Mapping[str, tuple[str, ...]] = {
    "head": ("head",),
    "torso": ("torso",),
    "arms": ("arm",),
    "legs": ("thigh", "shin"),
    "feet": ("foot",),
}
"""How the names of a region's crops end."""


class Crops(NamedTuple):
    """(K, side, side, 3) uint8, and (K,) uint8: 1 where there is a crop."""

    pixels: NDArray[np.uint8]
    there: NDArray[np.uint8]


def signed(pixels: NDArray[np.uint8]) -> Tensor:
    """(..., C, H, W) float32 in -1..1 of (..., H, W, C) uint8."""
    values = torch.from_numpy(np.ascontiguousarray(np.moveaxis(pixels, -1, -3)))
    return values.float() / 127.5 - 1


def crop_maps(crops: Crops, kind: CropSet) -> Tensor:
    """(C, side, side) in -1..1: what the network sees of crops; those that are missing are grey."""
    there = torch.from_numpy(crops.there.astype(np.float32))[:, None, None, None]
    maps = signed(crops.pixels) * there
    if kind == "feet":
        maps = torch.cat([maps, there.expand(-1, 1, *maps.shape[2:])], 1)
    return maps.flatten(0, 1)


@dataclass(frozen=True)
class PreparedLatents:
    """The latents of a look, the smallest scale first."""

    frame: Frame
    latents: list[Tensor]

    @property
    def nbytes(self) -> int:
        """Bytes held, for the cache."""
        return sum(z.nbytes for z in self.latents)


class PaperVunetPainter:
    """See :mod:`engine.painters.vunet.paper_network`.

    The network paints the person with a background; the pose's silhouette becomes the alpha. A
    region comes from another look by that look's crops; an invented look has none of its own, so
    they are taken from its picture.
    """

    def __init__(self, card: Card, network: PaperVunet, runtime: Runtime) -> None:
        self.card = card
        self.runtime = runtime
        self.config = network.config
        for module in network.modules():
            if isinstance(module, NormedConv):
                module.settle()
        self.network = runtime.place(network)
        self._looks = ByteCache[list[Tensor]](_CODE_BYTES, lambda c: sum(z.nbytes for z in c))

    def prepare(self, appearance: Appearance) -> PreparedLatents:
        """Encode, invent or mix the look.

        Raises:
            InputError: shoulders or hips are missing.
            Unsupported: a region of which this model has no crops.
        """
        with torch.inference_mode():
            return PreparedLatents(self._frame(appearance), self._latents(appearance))

    def paint(self, shape: Pose, prepared: PreparedLatents, side: int, stop: Stop) -> Picture:
        """The person in the pose `shape`, RGBA at side x side; painted at the network's size."""
        pose = self._framed(shape, prepared.frame)
        with torch.inference_mode():
            rgb = self._painted(pose, prepared.latents)
            joints = torch.tensor(completed(pose).xy[None], dtype=torch.float32)
            alpha = silhouette(joints, Window(self.card.side, self.card.side))
        if stop():
            raise Stopped
        return Picture(enlarged(np.dstack([rgb, alpha]), side))

    def _latents(self, look: Appearance) -> list[Tensor]:
        match look:
            case Mix(a, b, t):
                pairs = zip(self._latents(a), self._latents(b), strict=True)
                return [torch.lerp(mine, theirs, t) for mine, theirs in pairs]
            case Sampled(seed):
                figure = self._figure(self._framed(look.pose, self._frame(look)))
                return self._looks.get(look, lambda: self.network.sample(figure, [seed]))
            case Parts() | FromPhoto():
                return self._looks.get(look, lambda: self._encoded(look))
            case _:
                raise not_taken(look)

    def _encoded(self, look: FromPhoto | Parts) -> list[Tensor]:
        maps = crop_maps(self._crops(look), self.config.crops)
        return self.network.encode(maps[None].to(self.runtime.device))

    def _crops(self, look: Appearance) -> Crops:
        """What the look shows of each part: from the photo, or from what the model paints of it."""
        match look:
            case FromPhoto(photo):
                frame = self._frame(look)
                pixels = with_background(photo, frame, self.card.side)
                return self._cut(pixels, self._framed(look.pose, frame))
            case Parts(default, regions):
                crops = self._crops(default)
                for region, other in regions:
                    crops = self._exchanged(crops, self._crops(other), region)
                return crops
            case Sampled():
                pose = self._framed(look.pose, self._frame(look))
                return self._cut(self._painted(pose, self._latents(look)), pose)
            case Mix(a, _, _):
                pose = self._framed(_pose(a), self._frame(a))
                return self._cut(self._painted(pose, self._latents(look)), pose)
            case _:
                raise not_taken(look)

    def _exchanged(self, crops: Crops, other: Crops, region: str) -> Crops:
        names = CROPS[self.config.crops]
        theirs = np.array([name.endswith(_REGIONS[region]) for name in names])
        if not theirs.any():
            raise Unsupported(
                f"This model cannot take the {region} of another person; choose another model."
            )
        theirs &= other.there > 0
        pixels = np.where(theirs[:, None, None, None], other.pixels, crops.pixels)
        return Crops(pixels, np.where(theirs, other.there, crops.there))

    def _cut(self, pixels: NDArray[np.uint8], pose: Pose) -> Crops:
        return Crops(*part_crops(pixels, pose, CROPS[self.config.crops], self.config.crop_side))

    def _painted(self, pose: Pose, latents: list[Tensor]) -> NDArray[np.uint8]:
        """(S, S, 3) uint8: a look in a pose that is in the network's frame."""
        made = self.network.paint(self._figure(pose), latents)[0]
        values = (made * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
        return values.permute(1, 2, 0).cpu().numpy()

    def _figure(self, pose: Pose) -> Tensor:
        return signed(stickman(pose))[None].to(self.runtime.device)

    def _framed(self, pose: Pose, frame: Frame) -> Pose:
        """The pose in the network's frame; missing joints stay missing."""
        completed(pose)  # says which shoulder or hip is missing
        side = self.card.side
        return pose.mapped(frame.matrix(side), (side, side))

    def _frame(self, look: Appearance) -> Frame:
        """Where the look was found; only a measure, poses are moved into it."""
        match look:
            case FromPhoto(photo, _, mask):
                whole = whole_frame(photo.size, 1.0) if self.config.whole else None
                return whole or person_frame(look.pose, mask)
            case Sampled():
                whole = whole_frame(look.pose.size, 1.0) if self.config.whole else None
                return whole or person_frame(look.pose)
            case Mix(a, _, _):
                return self._frame(a)
            case Parts(default, _):
                return self._frame(default)
            case _:
                raise not_taken(look)


def _pose(look: Appearance) -> Pose:
    """The pose in which a look was found."""
    match look:
        case FromPhoto() | Sampled():
            return look.pose
        case Mix(a, _, _):
            return _pose(a)
        case Parts(default, _):
            return _pose(default)
        case _:
            raise not_taken(look)


def load(card: Card, tensors: dict[str, Tensor], runtime: Runtime) -> PaperVunetPainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    try:
        config = PaperVunetConfig(**card.config)
        if card.side != config.size or config.shape_channels != 3:
            raise ValueError(f"its side is {card.side}, not the network's {config.size}")
        network = PaperVunet(config)
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    return PaperVunetPainter(card, network, runtime)
