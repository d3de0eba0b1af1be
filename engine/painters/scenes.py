"""BicycleGAN on label maps: one look for a whole scene, out of a vector of a few numbers.

The network is that of sketches (:mod:`engine.painters.bicyclegan.network`); where it read ink it
reads labels and edges of objects, mixed down to a few channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import cv2
import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from engine.appearance import Appearance, FromPhoto, Mix, PerObject, Sampled, Vector
from engine.cache import ByteCache
from engine.card import Card
from engine.errors import InputError, ModelError, Unsupported
from engine.painters.base import Stop, Stopped
from engine.painters.bicyclegan.network import (
    STRIDE,
    BicycleConfig,
    Encoder,
    Generator,
    Look,
    SketchNetwork,
)
from engine.painters.bicyclegan.painter import PreparedVector, between, thrown
from engine.painters.grid import without_grid
from engine.painters.layers import fit, keep_variance
from engine.painters.pix2pixhd.inputs import SceneInputs
from engine.painters.pix2pixhd.painter import enlarged
from engine.painters.pix2pixhd.regions import regions, size_at
from engine.photo import Photo
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.labels import LabelMap

TAKES = ("PerObject", "Sampled", "Vector", "FromPhoto", "Mix")
"""Looks that can be prepared, for cards; of PerObject the whole scene's alone is used."""
_SCENE_BYTES = 32_000_000
"""Features of scenes kept, so that looks can be tried on them."""


@dataclass(frozen=True)
class SceneBicycleConfig:
    """Sizes.

    Attributes:
        inputs: channels of the input; looks are no part of it.
        embedded: channels that labels and edges are mixed down to.
        network: sizes of the U-Net and the encoder.
    """

    inputs: SceneInputs = SceneInputs(features=0)  # noqa: RUF009  (frozen)
    embedded: int = 12
    network: BicycleConfig = field(
        default_factory=lambda: BicycleConfig(channels=(40, 80, 128, 160, 160))
    )


class SceneBicycleGan(SketchNetwork):
    """G(labels and edges, z) and E(picture); heights and widths are multiples of STRIDE."""

    def __init__(self, config: SceneBicycleConfig | None = None) -> None:
        super().__init__()
        config = config or SceneBicycleConfig()
        self.inputs, self.looks = config.inputs, config.network.looks
        mixed, width = config.embedded, config.network.channels[0]
        self.embed = nn.Conv2d(config.inputs.shape_channels, mixed, 1)
        self.generator = Generator(config.network)
        self.generator.stem = nn.Conv2d(4 * mixed, width, 3, 1, 1)
        self.generator.finish = nn.Conv2d(3 + mixed, 3, 3, 1, 1)
        self.encoder = Encoder(config.network)
        keep_variance(self)
        with torch.no_grad():
            self.generator.finish.weight.mul_(0.1)
            self.generator.head.conv.weight.mul_(0.1)
            self.encoder.linear.weight.mul_(0.3)

    def read(self, sketch: Tensor) -> list[Tensor]:
        """Features of (B, inputs.shape_channels, H, W)."""
        return self.generator.read(self.embed(fit(sketch, self.embed.weight)))

    def paint(self, features: list[Tensor], z: Tensor) -> Tensor:
        return self.generator.paint(features, z)

    def encode(self, picture: Tensor) -> Look:
        return self.encoder(picture)


class SceneBicyclePainter:
    """A map is read once and painted with any number of looks."""

    def __init__(self, card: Card, network: SceneBicycleGan, runtime: Runtime) -> None:
        self.card, self.runtime = card, runtime
        self.network = runtime.place(network)
        self._read = ByteCache[list[Tensor]](_SCENE_BYTES, lambda f: sum(t.nbytes for t in f))

    @property
    def looks(self) -> int:
        """How many numbers a look has."""
        return self.network.looks

    def prepare(self, appearance: Appearance) -> PreparedVector:
        """The vector of a look. Raises as :meth:`vector`."""
        values = torch.tensor([self.vector(appearance).values], dtype=torch.float32)
        return PreparedVector(values.to(self.runtime.device))

    def vector(self, look: Appearance) -> Vector:
        """A look as numbers; looks of single objects are left out.

        Raises:
            InputError: a vector of another length.
            Unsupported: another kind of look.
        """
        match look:
            case PerObject(None, _, seed) | Sampled(seed):
                return thrown(seed, self.looks)
            case PerObject(default, _, _) if default is not None:
                return self.vector(default)
            case Vector(values):
                if len(values) != self.looks:
                    raise InputError(f"This model's looks have {self.looks} numbers.")
                return look
            case FromPhoto(photo):
                return self.seen(photo)
            case Mix(a, b, t):
                return between(self.vector(a), self.vector(b), t)
            case _:
                raise Unsupported("This model cannot take such a look; choose another one.")

    def seen(self, photo: Photo) -> Vector:
        """The look of a whole photo."""
        picture = torch.from_numpy(photo.pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.inference_mode():
            mean = self.network.encode(picture.to(self.runtime.device)).mean
        return Vector(tuple(mean[0].tolist()))

    def own_side(self, side: int) -> int:
        """Longer side in pixels at which the network paints where `side` is asked for."""
        return min(side, self.card.side)

    def lessened(self, side: int) -> str:
        """Empty, or one sentence saying that a picture of that size is not painted so large."""
        return enlarged(self.own_side(side), side)

    def paint(self, shape: LabelMap, prepared: PreparedVector, side: int, stop: Stop) -> Picture:
        """The map's canvas painted, RGB, `side` pixels along its longer side. Raises Stopped."""
        own = self.own_side(side)
        with torch.inference_mode():
            features = self._read.get((shape, own), lambda: self._features(shape, own))
            if stop():
                raise Stopped
            painted = self.network.paint(features, prepared.z)[0]
            pixels = ((painted + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).cpu().numpy()
        height, width = size_at(shape.size, own)
        wanted = size_at(shape.size, side)
        pixels = without_grid(np.ascontiguousarray(pixels))[:height, :width]
        if wanted != pixels.shape[:2]:
            enlarged = cv2.resize(pixels, wanted[::-1], interpolation=cv2.INTER_CUBIC)
            pixels = np.asarray(enlarged, np.uint8)
        return Picture(np.ascontiguousarray(pixels))

    def _features(self, shape: LabelMap, side: int) -> list[Tensor]:
        found = regions(shape, side, STRIDE)
        seen, objects = (
            torch.from_numpy(ids)[None].to(self.runtime.device)
            for ids in (found.labels.astype(np.int32), found.number)
        )
        return self.network.read(self.network.inputs.shape(seen, objects))


def load(card: Card, tensors: Mapping[str, Tensor], runtime: Runtime) -> SceneBicyclePainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    try:
        network = SceneBicycleGan(msgspec.convert(card.config, SceneBicycleConfig))
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError, msgspec.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    return SceneBicyclePainter(card, network, runtime)
