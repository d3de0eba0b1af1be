"""BicycleGAN as a painter: a sketch is read once and painted with any number of looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import torch
from torch import Tensor

from engine.appearance import FromPhoto, Mix, Sampled, Vector
from engine.cache import ByteCache
from engine.card import Card
from engine.errors import InputError, ModelError, Unsupported
from engine.painters.base import Frame, Stop, Stopped
from engine.painters.bicyclegan.network import BicycleConfig, BicycleGan, SketchNetwork
from engine.painters.drawings import on_paper, on_white
from engine.photo import Mask, Photo
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.raster import drawn_ink, ink_tensor, item_frame, letterboxed
from engine.shapes.sketch import Sketch
from engine.vectors import between, thrown

SketchLook = Vector | Sampled | FromPhoto | Mix
"""Looks that can be prepared."""
_SKETCH_BYTES = 8_000_000
"""Features of sketches kept, so that looks can be tried on them."""


@dataclass(frozen=True)
class PreparedVector:
    """(1, looks) float32: the look vector on the painter's device."""

    z: Tensor

    @property
    def nbytes(self) -> int:
        """Bytes held, for the cache."""
        return self.z.nbytes


class BicyclePainter:
    """See :mod:`engine.painters.bicyclegan.network`; published networks are painted with too."""

    def __init__(self, card: Card, network: SketchNetwork, runtime: Runtime) -> None:
        self.card = card
        self.runtime = runtime
        self.network = runtime.place(network)
        self._read = ByteCache[list[Tensor]](_SKETCH_BYTES, lambda f: sum(t.nbytes for t in f))

    @property
    def looks(self) -> int:
        """How many numbers a look has."""
        return self.network.looks

    def prepare(self, appearance: SketchLook) -> PreparedVector:
        """The vector of a look.

        Raises:
            InputError: a vector of another length, or a photo with nothing marked.
            Unsupported: another kind of look.
        """
        values = torch.tensor([self.vector(appearance).values], dtype=torch.float32)
        return PreparedVector(values.to(self.runtime.device))

    def vector(self, look: object) -> Vector:
        """The same look as numbers: thrown, read from a photo, or between two others."""
        match look:
            case Vector(values):
                if len(values) != self.looks:
                    raise InputError(f"This model's looks have {self.looks} numbers.")
                return look
            case Sampled(seed):
                return thrown(seed, self.looks)
            case FromPhoto(photo, _, mask):
                return self.seen(photo, mask)
            case Mix(a, b, t):
                return between(self.vector(a), self.vector(b), t)
            case _:
                raise Unsupported("This model cannot take such a look; choose another one.")

    def seen(self, photo: Photo, mask: Mask | None = None) -> Vector:
        """The look of what a photo shows on white, or of what a mask marks in it."""
        pixels = letterboxed(on_white(photo, mask), self.card.side)
        picture = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1
        with torch.inference_mode():
            mean = self.network.encode(picture.to(self.runtime.device)).mean
        return Vector(tuple(mean[0].tolist()))

    def paint(self, shape: Sketch, prepared: PreparedVector, side: int, stop: Stop) -> Picture:
        """The sketch's canvas painted, RGB, `side` pixels along its longer side. Raises Stopped."""
        return self.paint_all(shape, [prepared], side, stop)[0]

    def paint_all(
        self, shape: Sketch, prepared: Sequence[PreparedVector], side: int, stop: Stop
    ) -> list[Picture]:
        """One sketch with several looks; it is read once. Raises Stopped."""
        with torch.inference_mode():
            frame = self.frame_of(shape)
            features = self._read.get(shape, lambda: self._features(shape, frame))
            if stop():
                raise Stopped
            z = torch.cat([look.z for look in prepared])
            painted = self.network.paint([f.expand(len(z), -1, -1, -1) for f in features], z)
            bytes_ = ((painted + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu()
        return [Picture(on_paper(pixels, frame, shape.size, side)) for pixels in bytes_.numpy()]

    def frame_of(self, sketch: Sketch) -> Frame:
        """The square of the canvas that is painted; the rest stays white."""
        return item_frame(sketch)

    def _features(self, sketch: Sketch, frame: Frame) -> list[Tensor]:
        ink = drawn_ink(sketch, frame, self.card.side)
        return self.network.read(ink_tensor(ink[None]).to(self.runtime.device))


def load(card: Card, tensors: dict[str, Tensor], runtime: Runtime) -> BicyclePainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    try:
        network = BicycleGan(msgspec.convert(card.config, BicycleConfig))
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError, msgspec.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    return BicyclePainter(card, network, runtime)
