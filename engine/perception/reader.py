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
from engine.perception.decode import guided, large_pieces, main_component, peaks
from engine.perception.everyone import MOST, everyone
from engine.perception.network import HEAT_STRIDE, MASK_STRIDE, MULTIPLE, PersonNet, PersonNetConfig
from engine.perception.window import Box, Window, resized
from engine.photo import Mask, Photo
from engine.runtime import Runtime
from engine.shapes.body import default_pose
from engine.shapes.pose import Pose, Presence

SEEN = 0.5
"""Confidence from which a joint counts as seen."""
GUESSED = 0.1
"""Confidence from which a joint counts as hidden; below, it is missing."""
MAYBE = 0.3
FOUND = 0.6
"""Sureness from which a second look is taken, and which one of the looks needs for a person."""
LEAST_AREA = 0.002
"""Share of the first look's canvas that the mask covers at least."""
ONE_PERSON = 0.85
"""Mean confidence of all joints from which the first look cannot have mixed two people."""
CENTRAL = 0.1
"""Confidence that a piece at the photo's border loses against one in the middle."""
CLOSER = 1.15
"""Side of the second look's canvas over that of the first."""
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
    def sureness(self) -> float:
        """Mean confidence of the eight surest joints: a head with shoulders has eight."""
        return float(np.sort(self.confidence)[-8:].mean())

    @property
    def worth_a_closer_one(self) -> bool:
        """Whether there may be a person, perhaps a small one."""
        canvas = self.window.canvas[0] * self.window.canvas[1]
        return self.sureness >= MAYBE and bool((self.mask > 0.5).sum() >= LEAST_AREA * canvas)


class Reader:
    """Perception by :class:`PersonNet`."""

    def __init__(self, card: Card, network: PersonNet, runtime: Runtime, side: int) -> None:
        self.card = card
        self.network, self._runtime, self._side = network, runtime, side

    def read(self, photo: Photo) -> Reading:
        """The most central person: joints on the photo's canvas, mask at its size.

        Joints of confidence below 0.1 are missing, below 0.5 hidden. If nobody is found the pose is
        the default skeleton and the mask is empty.
        """
        return self.read_in(photo, (0, 0, *photo.size))

    def read_in(self, photo: Photo, box: Box) -> Reading:
        """Like :meth:`read`, for the most central person of a part of the photo.

        Args:
            box: left, top, right, bottom in whole pixels, inside the photo; where the first look
                goes. Joints and mask may reach beyond it.
        """
        look = self.look(photo.pixels, Window.fit(box, (self._side, self._side)))
        if not look.worth_a_closer_one:
            return _nobody(photo, look.confidence)
        closer = [self.look(photo.pixels, w) for w in windows(look, photo.size, self._side)]
        best = max(closer, key=lambda one: _rank(one, box))
        if max(look.sureness, best.sureness) < FOUND:
            return _nobody(photo, best.confidence)
        return Reading(
            photo, _pose(best, photo.size), _mask(best, photo), _certainty(best.confidence), True
        )

    def read_all(self, photo: Photo, most: int = MOST) -> tuple[Reading, ...]:
        """Everybody, the most prominent person first; see :func:`everyone`."""
        return everyone(self, photo, most)

    @torch.inference_mode()
    def look(self, pixels: NDArray[np.uint8], window: Window) -> Look:
        """One pass over a window of the (H, W, 3) photo."""
        canvas = torch.from_numpy(window.cut(pixels)).to(self._runtime.device)
        picture = (canvas.permute(2, 0, 1)[None] / 255).to(self._runtime.dtype)
        said = self.network(picture.contiguous(memory_format=torch.channels_last))
        cells, mass = peaks(said.heat[0])
        presence = said.presence[0].double().sigmoid().cpu().numpy()
        mask = said.mask[0, 0].float().sigmoid().cpu().numpy()
        xy = window.to_photo(cells * HEAT_STRIDE)
        return Look(window, xy, presence * mass, window.inner(mask))


def windows(look: Look, size: tuple[int, int], side: int) -> list[Window]:
    """Where to look closer: at all that was found and, if that may be two people, at each piece."""
    whole = main_component(look.mask, _in_box(look))
    sure = look.xy[look.confidence >= SEEN]
    out = [_closer(look, np.concatenate([sure, _points(look, whole)]), size, side)]
    if look.confidence.mean() < ONE_PERSON:
        out += [_closer(look, _points(look, m), size, side) for m in large_pieces(look.mask)]
    return out


def _points(look: Look, mask: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, 2) middles of the mask's cells in photo pixels."""
    cells = np.argwhere(mask > 0.5)[:, ::-1].astype(np.float64) + 0.5
    return look.window.to_photo(cells + look.window.offset)


def _closer(look: Look, points: NDArray[np.float64], size: tuple[int, int], side: int) -> Window:
    """The window that shows these points with some air."""
    low, high = points.min(0), points.max(0)
    cell = MASK_STRIDE * (look.window.box[2] - look.window.box[0]) / look.window.part[0]
    air = 0.08 * (high - low).max() + cell  # the first look is at most one cell wrong
    left, top = np.clip(np.floor(low - air), 0, np.array(size) - 1).astype(int)
    right, bottom = np.clip(np.ceil(high + air), (left + 1, top + 1), size).astype(int)
    long = -(-int(side * CLOSER) // MULTIPLE) * MULTIPLE
    return Window.fit((int(left), int(top), int(right), int(bottom)), (long, long))


def _rank(look: Look, box: Box) -> float:
    """How surely this is the one person in the middle of the box."""
    left, top, right, bottom = look.window.box
    x, y = left + right - 2 * box[0], top + bottom - 2 * box[1]
    away = np.array([x / (box[2] - box[0]), y / (box[3] - box[1])]) - 1
    return float(look.confidence.mean() - CENTRAL * np.linalg.norm(away))


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
