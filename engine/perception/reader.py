"""Reads a photo in two looks: the whole photo to find the person, then the person up close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.card import Card
from engine.errors import ModelError
from engine.perception.base import Reading
from engine.perception.decode import guided, main_component, peaks
from engine.perception.network import HEAT_STRIDE, MASK_STRIDE, MULTIPLE, PersonNet, PersonNetConfig
from engine.perception.window import Window, resized
from engine.photo import Mask, Photo
from engine.runtime import Runtime
from engine.shapes.body import default_pose
from engine.shapes.pose import CORE, INDEX, Pose, Presence

SEEN = 0.5
"""Confidence from which a joint counts as seen."""
GUESSED = 0.1
"""Confidence from which a joint counts as hidden; below, it is missing."""
FOUND_CORE = 0.3
"""Mean confidence of shoulders and hips below which nobody was found ..."""
FOUND_AREA = 0.002
"""... or the share of the first look's canvas that the mask covers at least."""
EDGE_SIDE = 512
"""Longest side in pixels at which the mask is drawn to the photo's edges."""


@dataclass(frozen=True)
class Look:
    """What one pass of the network says, in photo pixels.

    Attributes:
        window: where it looked.
        xy: (18, 2) joints in continuous photo pixels.
        confidence: (18,) 0..1.
        mask: (h, w) 0..1 of the window's box, at its resolution in the canvas.
    """

    window: Window
    xy: NDArray[np.float64]
    confidence: NDArray[np.float64]
    mask: NDArray[np.float32]

    @property
    def found(self) -> bool:
        """Whether there is a person at all."""
        core = self.confidence[[INDEX[name] for name in CORE]].mean()
        canvas = self.window.canvas[0] * self.window.canvas[1]
        return bool(core >= FOUND_CORE and (self.mask > 0.5).sum() >= FOUND_AREA * canvas)


class Reader:
    """Perception by :class:`PersonNet`."""

    def __init__(self, card: Card, network: PersonNet, runtime: Runtime, side: int) -> None:
        self.card = card
        self._network, self._runtime, self._side = network, runtime, side

    def read(self, photo: Photo) -> Reading:
        """The most central person: joints on the photo's canvas, mask at its size.

        Joints of confidence below 0.1 are missing, below 0.5 hidden. If nobody is found the pose is
        the default skeleton and the mask is empty.
        """
        whole = Window.fit((0, 0, *photo.size), (self._side, self._side))
        look = self.look(photo.pixels, whole)
        if look.found:
            close = self.look(photo.pixels, closer(look, photo.size, self._side))
            look = close if close.found else look
        if not look.found:
            return _nobody(photo, look.confidence)
        return Reading(
            photo, _pose(look, photo.size), _mask(look, photo), _certainty(look.confidence), True
        )

    @torch.inference_mode()
    def look(self, pixels: NDArray[np.uint8], window: Window) -> Look:
        """One pass over a window of the (H, W, 3) photo."""
        canvas = torch.from_numpy(window.cut(pixels)).to(self._runtime.device)
        picture = (canvas.permute(2, 0, 1)[None] / 255).to(self._runtime.dtype)
        said = self._network(picture.contiguous(memory_format=torch.channels_last))
        cells, mass = peaks(said.heat[0])
        presence = said.presence[0].double().sigmoid().cpu().numpy()
        mask = said.mask[0, 0].float().sigmoid().cpu().numpy()
        xy = window.to_photo(cells * HEAT_STRIDE)
        return Look(window, xy, presence * mass, window.inner(mask))


def closer(look: Look, size: tuple[int, int], side: int) -> Window:
    """The window for the second look: the person with some air, as large as the canvas allows."""
    sure = look.xy[look.confidence >= SEEN]
    cells = np.argwhere(main_component(look.mask, _in_box(look)) > 0.5)[:, ::-1]
    held = cells.astype(np.float64) + 0.5
    points = np.concatenate([sure, look.window.to_photo(held + look.window.offset)])
    low, high = points.min(0), points.max(0)
    cell = MASK_STRIDE * (look.window.box[2] - look.window.box[0]) / look.window.part[0]
    air = 0.08 * (high - low).max() + cell  # the first look is at most one cell wrong
    left, top = np.maximum(np.floor(low - air), 0).astype(int)
    right, bottom = np.minimum(np.ceil(high + air), size).astype(int)
    long = -(-int(side * 1.15) // MULTIPLE) * MULTIPLE
    scale = long / max(right - left, bottom - top)
    canvas = [_multiple(n * scale) for n in (right - left, bottom - top)]
    return Window.fit((int(left), int(top), int(right), int(bottom)), (canvas[0], canvas[1]))


def _multiple(length: float) -> int:
    """Rounded up to what the network takes, with room on the short side for context."""
    return max(3, int(np.ceil(length / MULTIPLE - 1e-6))) * MULTIPLE


def _in_box(look: Look) -> NDArray[np.float64]:
    """The sure joints in pixels of the look's mask."""
    window = look.window
    scale = np.array(window.part) / (
        window.box[2] - window.box[0],
        window.box[3] - window.box[1],
    )
    return (look.xy[look.confidence >= SEEN] - window.box[:2]) * scale


def _pose(look: Look, size: tuple[int, int]) -> Pose:
    presence = np.full(18, Presence.missing, np.uint8)
    presence[look.confidence >= GUESSED] = Presence.hidden
    presence[look.confidence >= SEEN] = Presence.seen
    return Pose(np.clip(look.xy, 0, size), presence, size)


def _mask(look: Look, photo: Photo) -> Mask:
    """The person's pixels: the network's mask, drawn to the photo's edges, at the photo's size."""
    left, top, right, bottom = look.window.box
    crop = photo.pixels[top:bottom, left:right]
    scale = min(1.0, EDGE_SIDE / max(crop.shape[:2]))
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    rough = main_component(look.mask, _in_box(look))
    rough = np.asarray(cv2.resize(rough, size, interpolation=cv2.INTER_LINEAR), np.float32)
    radius = max(2, round(max(size) / 80))
    fine = guided(rough, resized(crop, size), radius, 1e-4)
    full = np.zeros(photo.pixels.shape[:2], np.uint8)
    edge = np.clip((fine - 0.5) * 2 + 0.5, 0, 1) * 255
    part = cv2.resize(edge, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    full[top:bottom, left:right] = np.rint(part).astype(np.uint8)
    return Mask(full)


def _certainty(confidence: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(c) for c in confidence)


def _nobody(photo: Photo, confidence: NDArray[np.float64]) -> Reading:
    empty = Mask(np.zeros(photo.pixels.shape[:2], np.uint8))
    return Reading(photo, default_pose(photo.size), empty, _certainty(confidence), False)


def load(card: Card, tensors: Mapping[str, Tensor], runtime: Runtime) -> Reader:
    """A reader out of a model file's card and tensors.

    Raises:
        ModelError: the tensors do not fit the network that the card describes.
    """
    try:
        config = msgspec.convert(card.config, PersonNetConfig)
        network = PersonNet(config)
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (msgspec.ValidationError, RuntimeError, IndexError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} is not a person reader: {reason}.") from None
    return Reader(card, runtime.place(network), runtime, config.side)
