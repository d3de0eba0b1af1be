"""The VUNet on edges as a painter: looks of items from photos, invented for a drawing, or mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import torch
from torch import Tensor

from engine.appearance import Appearance, FromPhoto, Mix, Sampled, within
from engine.cache import ByteCache
from engine.card import Card
from engine.errors import ModelError
from engine.painters.base import Frame, Stop, Stopped, not_taken
from engine.painters.drawings import on_paper, on_white
from engine.painters.vunet.codes import Codes, between
from engine.painters.vunet.edges_network import EdgesVunet, drawn_boxes, item_boxes
from engine.painters.vunet.network import VunetConfig
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.raster import canvas_frame, drawn_ink, ink_tensor, item_frame, letterboxed
from engine.shapes.sketch import Sketch

_CODE_BYTES = 20_000_000
"""Codes kept so that a look between two others can follow a slider."""


@dataclass(frozen=True)
class PreparedItem:
    """A look of an item.

    Attributes:
        look: what it was made of.
        features: (1, 1, features, 16, 16); None if the look is invented anew for each drawing.
    """

    look: Appearance
    features: Tensor | None

    @property
    def nbytes(self) -> int:
        """Bytes held, for the cache."""
        return 0 if self.features is None else self.features.nbytes


class EdgesVunetPainter:
    """See :mod:`engine.painters.vunet.edges_network`."""

    def __init__(self, card: Card, network: EdgesVunet, runtime: Runtime) -> None:
        self.card = card
        self.runtime = runtime
        self.network = runtime.place(network)
        self.network.prior.float()  # many small steps: rounding would add up
        self._codes = ByteCache[Codes](_CODE_BYTES, lambda c: sum(t.nbytes for t in c))

    def prepare(self, appearance: Appearance) -> PreparedItem:
        """Encode or mix the look; one that is invented without a shape waits for the drawing.

        Raises:
            InputError: a photo with nothing marked.
            Unsupported: another kind of look.
        """
        for look in within(appearance):
            if not isinstance(look, FromPhoto | Sampled | Mix):
                raise not_taken(look)
        if any(isinstance(look, Sampled) and look.shape is None for look in within(appearance)):
            return PreparedItem(appearance, None)
        return PreparedItem(appearance, self._features(appearance, None))

    def paint(self, shape: Sketch, prepared: PreparedItem, side: int, stop: Stop) -> Picture:
        """The sketch's canvas painted, RGB, `side` pixels along its longer side. Raises Stopped."""
        return self.paint_all(shape, [prepared], side, stop)[0]

    def paint_all(
        self, shape: Sketch, prepared: Sequence[PreparedItem], side: int, stop: Stop
    ) -> list[Picture]:
        """One sketch with several looks. Raises Stopped."""
        known = [
            self._features(item.look, shape) if item.features is None else item.features
            for item in prepared
        ]
        if stop():
            raise Stopped
        with torch.inference_mode():
            frame = item_frame(shape)
            ink = self._ink(shape, frame).expand(len(known), -1, -1, -1)
            painted = self.network.paint(torch.cat(known), ink)
            bytes_ = ((painted + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu()
        return [Picture(on_paper(pixels, frame, shape.size, side)) for pixels in bytes_.numpy()]

    def _features(self, look: Appearance, drawing: Sketch | None) -> Tensor:
        with torch.inference_mode():
            return self.network.unfold(self._look(look, drawing))

    def _look(self, look: Appearance, drawing: Sketch | None) -> Codes:
        match look:
            case Mix(a, b, t):
                return between(self._look(a, drawing), self._look(b, drawing), t)
            case FromPhoto():
                return self._codes.get(look, lambda: self._seen(look))
            case Sampled(seed, shape):
                at = drawing if shape is None else shape
                if not isinstance(at, Sketch):
                    raise not_taken(look)
                ink = self._ink(at, item_frame(at))
                return self._codes.get(Sampled(seed, at), lambda: self.network.sample(ink, [seed]))
            case _:
                raise not_taken(look)

    def _seen(self, look: FromPhoto) -> Codes:
        """The look of what a photo shows: where it is drawn, where it is marked, or on white."""
        side = self.card.side
        pixels = letterboxed(on_white(look.photo, look.mask), side)
        picture = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1
        picture = picture.to(self.runtime.device)
        if look.mask is None and isinstance(look.shape, Sketch):
            ink = self._ink(look.shape, canvas_frame(look.shape.size))
            return self.network.encode(picture, drawn_boxes(ink))
        return self.network.encode(picture, item_boxes(picture))

    def _ink(self, sketch: Sketch, frame: Frame) -> Tensor:
        ink = drawn_ink(sketch, frame, self.card.side)
        return ink_tensor(ink[None]).to(self.runtime.device)


def load(card: Card, tensors: dict[str, Tensor], runtime: Runtime) -> EdgesVunetPainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    try:
        network = EdgesVunet(msgspec.convert(card.config, VunetConfig))
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError, msgspec.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    return EdgesVunetPainter(card, network, runtime)
