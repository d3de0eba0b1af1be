"""The copying reposer as a painter: prepare a photo once, paint poses many times."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.appearance import Appearance, FromPhoto
from engine.card import Card
from engine.errors import InputError, ModelError
from engine.framing import cut_out, person_frame
from engine.painters.base import Frame, Stop, Stopped, from_photo
from engine.painters.deformable.copying import Choice, copy_at
from engine.painters.deformable.network import (
    STRIDE,
    CopyConfig,
    CopyGenerator,
    Painting,
    Source,
    warp_layers,
)
from engine.painters.parts import (
    Window,
    needed_window,
    part_affines,
    part_capsules,
    part_frames,
)
from engine.picture import Picture
from engine.runtime import Runtime
from engine.shapes.body import completed
from engine.shapes.pose import Pose

MAX_SIDE = 4096
"""Largest frame, in pixels, at which detail is copied; larger photos are painted at this size."""


@dataclass
class PreparedPerson:
    """The source at the network's size, and its cut-outs at the sizes asked for."""

    appearance: FromPhoto
    frame: Frame
    source: Source
    memory: Tensor
    cutouts: dict[int, NDArray[np.uint8]] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes held, for the cache."""
        tensors = sum(t.nbytes for t in (*self.source, self.memory))
        return tensors + sum(c.nbytes for c in self.cutouts.values())

    def colours(self, side: int) -> NDArray[np.uint8]:
        """(side, side, 3) RGB to copy; kept, because a drag asks for one size again and again."""
        if side not in self.cutouts:
            photo, mask = self.appearance.photo, self.appearance.mask
            assert mask is not None
            if len(self.cutouts) > 2:
                self.cutouts.clear()
            rgba = cut_out(photo, mask, self.frame, side)
            self.cutouts[side] = np.ascontiguousarray(rgba[..., :3])
        return self.cutouts[side]


class CopyPainter:
    """Deformable GAN with the copying last layer; see :mod:`engine.painters.deformable.network`."""

    def __init__(self, card: Card, network: CopyGenerator, runtime: Runtime) -> None:
        self.card = card
        self.runtime = runtime
        self.network = runtime.place(network)

    def prepare(self, appearance: Appearance) -> PreparedPerson:
        """Frame the person and encode the source.

        Raises:
            InputError: no mask, an empty one, or shoulders and hips missing.
        """
        look = from_photo(appearance)
        if look.mask is None or not (look.mask.pixels > 127).any():
            raise InputError("Nobody is marked in the photo; choose a photo that shows a person.")
        frame = person_frame(look.shape, look.mask)
        side = self.card.side
        rgba = cut_out(look.photo, look.mask, frame, side)
        pixels = torch.from_numpy(rgba).permute(2, 0, 1)[None].to(self.runtime.device).float() / 255
        with torch.inference_mode():
            source = Source.of(pixels, self._joints(look.shape, frame))
            memory = self.network.memory(source)
        return PreparedPerson(look, frame, source, memory)

    def _joints(self, pose: Pose, frame: Frame) -> Tensor:
        side = self.card.side
        inside = completed(pose).mapped(frame.matrix(side), (side, side))
        return torch.tensor(inside.xy[None], dtype=torch.float32, device=self.runtime.device)

    def paint(self, shape: Pose, prepared: PreparedPerson, side: int, stop: Stop) -> Picture:
        """The person in the pose `shape` (on the photo's canvas), RGBA at side x side.

        The network decides at its own size; colours are copied at `side`.
        """
        side = min(side, MAX_SIDE)
        with torch.inference_mode():
            joints = self._joints(shape, prepared.frame)
            frames = part_frames(joints)
            capsules = part_capsules(joints, frames)
            window = needed_window(capsules[0], self.card.side, STRIDE)
            layers = warp_layers(prepared.source, joints, *window)
            painting = self.network(layers, prepared.memory)
            affines = part_affines(frames, part_frames(prepared.source.joints))[0]
        if stop():
            raise Stopped
        choice = _choice(painting, window, self.card.side)
        fine = side >= prepared.frame.side  # a reduced photo is sharp enough for linear copies
        pixels = copy_at(choice, affines.cpu().numpy(), prepared.colours(side), stop, fine)
        return Picture(pixels)


def _choice(painting: Painting, window: Window, side: int) -> Choice:
    def channels_last(x: Tensor) -> NDArray[np.float32]:
        return x[0].permute(1, 2, 0).float().cpu().numpy()

    return Choice(
        painting.choice[0].float().cpu().numpy(),
        channels_last(painting.alpha)[..., 0],
        channels_last(painting.generated),
        int(window.left),
        int(window.top),
        side,
    )


def load(card: Card, tensors: dict[str, Tensor], runtime: Runtime) -> CopyPainter:
    """Build the painter from a model file's card and tensors. Raises ModelError if they differ."""
    try:
        network = CopyGenerator(CopyConfig(tuple(card.config["channels"])))
        network.load_state_dict({name: value.float() for name, value in tensors.items()})
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"The model {card.id!r} does not fit its own card: {reason}") from None
    return CopyPainter(card, network, runtime)
