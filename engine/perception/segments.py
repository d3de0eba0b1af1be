"""Reads a photo as a label map with objects."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine.card import Card
from engine.errors import ModelError
from engine.perception.segments_network import STRIDE, SegmentsConfig, SegmentsNet
from engine.perception.window import resized
from engine.photo import Photo
from engine.runtime import Runtime
from engine.shapes.label_objects import numbered
from engine.shapes.label_sets import in_order
from engine.shapes.labels import LabelMap

_LARGEST = 1024
"""Longest side of a label map in pixels; the network sees far less."""
_SPECK = 4e-4
"""Share of the map below which a piece of a thing is taken for what is around it."""


class SegmentsReader:
    """Perception of scenes by :class:`SegmentsNet`."""

    def __init__(
        self, card: Card, network: SegmentsNet, runtime: Runtime, config: SegmentsConfig
    ) -> None:
        self.card, self.config = card, config
        self.network, self._runtime = network, runtime

    def read(self, photo: Photo) -> LabelMap:
        """What the photo shows: labels with smooth borders, and an object for every connected
        piece of a thing.

        The map has the photo's proportions and, up to 1,024 px along its longer side, its size.
        """
        height, width = photo.pixels.shape[:2]
        scale = min(1.0, _LARGEST / max(width, height))
        size = max(1, round(height * scale)), max(1, round(width * scale))
        logits = self.logits(photo.pixels)[None]
        chances = F.interpolate(logits, size, mode="bilinear", align_corners=False)[0]
        ids = np.array(self.config.outputs)
        labels = ids[chances.argmax(0).numpy()]
        known = self.config.label_set
        surfaces = [n for n, label in enumerate(self.config.outputs) if not known[label].things]
        if surfaces:
            behind = ids[surfaces][chances[surfaces].argmax(0).numpy()]
            labels = _without_specks(labels, behind, known.known & _things(known.labels))
        nothing = np.zeros(labels.shape, np.int32)
        return numbered(LabelMap(labels.astype(known.dtype), nothing, in_order(known)))

    @torch.inference_mode()
    def logits(self, pixels: NDArray[np.uint8]) -> Tensor:
        """(outputs, h, w) float32 on the CPU, of (H, W, 3) RGB read at the network's size."""
        height, width = pixels.shape[:2]
        scale = self.config.side / max(width, height)
        small = resized(pixels, (max(1, round(width * scale)), max(1, round(height * scale))))
        height, width = small.shape[:2]
        filled = cv2.copyMakeBorder(
            small, 0, -height % STRIDE, 0, -width % STRIDE, cv2.BORDER_REPLICATE
        )
        rgb = torch.from_numpy(filled).permute(2, 0, 1)[None].float() / 127.5 - 1
        logits = self.network(rgb.to(self._runtime.device))[0].cpu()
        return logits[:, : (height + 1) // 2, : (width + 1) // 2]


def _things(labels: tuple) -> NDArray[np.bool_]:
    found = np.zeros(65_536, bool)
    found[[label.id for label in labels if label.things]] = True
    return found


def _without_specks(
    labels: NDArray[np.int64], behind: NDArray[np.int64], things: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The labels with small pieces of things replaced by the surfaces most likely there."""
    out = labels.copy()
    for label in np.unique(labels[things[labels]]):
        _, parts, stats, _ = cv2.connectedComponentsWithStats(
            (labels == label).astype(np.uint8), connectivity=8
        )
        small = np.asarray(stats)[:, cv2.CC_STAT_AREA] < _SPECK * labels.size
        small[0] = False
        specks = small[np.asarray(parts)]
        out[specks] = behind[specks]
    return out


def load(card: Card, tensors: Mapping[str, Tensor], runtime: Runtime) -> SegmentsReader:
    """A reader out of a model file's card and tensors.

    Raises:
        ModelError: the tensors do not fit the network that the card describes.
    """
    try:
        config = msgspec.convert(card.config, SegmentsConfig)
        network = SegmentsNet(config)
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (msgspec.ValidationError, RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not read scenes: {reason}.") from None
    return SegmentsReader(card, runtime.place(network), runtime, config)
