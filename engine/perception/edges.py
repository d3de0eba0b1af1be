"""Reads a photo as a line drawing."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.card import Card
from engine.errors import ModelError
from engine.perception.edges_network import STRIDE, EdgesConfig, EdgesNet
from engine.perception.edges_thinning import Line, Strength, lines_in, pruned
from engine.perception.edges_tracing import traced
from engine.perception.window import resized
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.sketch import Sketch, Stroke

LEAST = 10
"""Pixels of a line at the size at which photos are read; shorter ones are dirt."""
_HAIR = 4
"""Pixels; shorter ends on a line are artefacts of thinning."""
_PEN = 1.2
"""Width of a stroke in pixels at which photos are read."""
_LARGEST = 1024
"""Longest side of a sketch in pixels; painters work far below it."""


class EdgesReader:
    """Perception of lines by :class:`EdgesNet`."""

    def __init__(
        self, card: Card, network: EdgesNet, runtime: Runtime, config: EdgesConfig
    ) -> None:
        self.card, self.config = card, config
        self.network, self._runtime = network, runtime

    def read(self, photo: Photo) -> Sketch:
        """The lines of the photo as the picture of a sketch without strokes.

        The canvas has the photo's proportions and, up to 1,024 px along its longer side, its size;
        lines are as wide as one pixel of the size at which painters know them. A photo without
        lines gives an empty sketch.
        """
        size = _canvas(photo.size)
        return Sketch(size, raster=_drawn(self._thin(photo), size))

    def strokes(self, photo: Photo) -> Sketch:
        """The lines of the photo as strokes, on the canvas of :meth:`read`.

        Each can be moved or taken away; they miss the thin lines by less than a pixel of those.
        """
        lines = self._thin(photo)
        size = _canvas(photo.size)
        scale = np.array(size) / lines.shape[::-1]
        width = _PEN * float(scale.mean())
        return Sketch(size, tuple(Stroke.of(xy * scale, width) for xy in traced(lines)))

    def _thin(self, photo: Photo) -> Line:
        return pruned(self.lines(shrunk(photo.pixels, self.config.side)), _HAIR)

    def lines(self, pixels: NDArray[np.uint8]) -> Line:
        """(H, W) lines one pixel wide of (H, W, 3) RGB, read at its own size."""
        return lines_in(self.strength(pixels), self.config.threshold, LEAST)

    @torch.inference_mode()
    def strength(self, pixels: NDArray[np.uint8]) -> Strength:
        """(H, W) of 0..1: how strong a line is at every pixel of (H, W, 3) RGB."""
        height, width = pixels.shape[:2]
        filled = cv2.copyMakeBorder(
            pixels, 0, -height % STRIDE, 0, -width % STRIDE, cv2.BORDER_REPLICATE
        )
        rgb = torch.from_numpy(filled).permute(2, 0, 1)[None].float() / 127.5 - 1
        logits = self.network(rgb.to(self._runtime.device))
        return logits[0, 0, :height, :width].sigmoid().cpu().numpy()


def _canvas(size: tuple[int, int]) -> tuple[int, int]:
    """The (width, height) of a sketch of a photo."""
    scale = min(1.0, _LARGEST / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrunk(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(h, w, 3): the photo, at most `side` pixels along its longer side."""
    height, width = pixels.shape[:2]
    scale = side / max(width, height)
    if scale >= 1:
        return pixels
    return resized(pixels, (max(1, round(width * scale)), max(1, round(height * scale))))


def _drawn(lines: Line, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Lines at (width, height), 255 = full ink; enlarged ones stay smooth and grow in width."""
    ink = lines.astype(np.float32)
    if size == ink.shape[::-1]:
        return (ink * 255).astype(np.uint8)
    soft = cv2.resize(cv2.GaussianBlur(ink, (0, 0), 0.8), size, interpolation=cv2.INTER_CUBIC)
    sharpness = 2.0 * size[0] / ink.shape[1]
    return np.rint((0.5 + (soft - 0.25) * sharpness).clip(0, 1) * 255).astype(np.uint8)


def load(card: Card, tensors: Mapping[str, Tensor], runtime: Runtime) -> EdgesReader:
    """A reader out of a model file's card and tensors.

    Raises:
        ModelError: the tensors do not fit the network that the card describes.
    """
    try:
        config = msgspec.convert(card.config, EdgesConfig)
        network = EdgesNet(config)
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (msgspec.ValidationError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not read edges: {reason}.") from None
    return EdgesReader(card, runtime.place(network), runtime, config)
